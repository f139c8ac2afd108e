"""The attacks on what the archive knows a notice by: its id, its number, its content. All pure."""

from dataclasses import replace

from tamani.archive import ledger
from tamani.archive.head import Head
from tamani.core.envelope import decode_envelope, encode_envelope
from tamani.core.event import Event
from tamani.core.log.leaf import EQUIVOCATION
from tamani.core.names import Country
from tamani.core.receipt import decode_receipt
from tests.component.evidence.table import Attack, Caught
from tests.support.notices import COMMISSION_ML, SOURCES, Speaker, key_of, seal
from tests.support.region import NOW, judged, record

ARCHIVE = "archive"


def _drawn(*values: tuple[bytes, Event], streams: tuple[int, ...] = (1, 1)) -> ledger.Rows:
    """What the archive makes of these values, one after the other, each on a stream of this number."""
    known = ledger.Known({source: n for n, source in enumerate(SOURCES)}, {}, {}, set(), set())
    rows = ledger.Rows(Head(), NOW)
    for offset, ((value, said), stream) in enumerate(zip(values, streams, strict=True)):
        known.streams = {"regional.events": stream, "regional.urgent": stream + 10}
        notices = judged([record(value, said.source, said.subject, offset)])
        drawn = ledger.draw_up(rows.head, notices, known, NOW)
        for name in ("ledger", "leaves", "evidence", "answers", "feed", "findings"):
            getattr(rows, name).extend(getattr(drawn, name))
    return rows


def from_another_cluster(_: None) -> Caught | None:
    """A notice is played again months later, on another Kafka, to be news again."""
    said = Speaker().says()
    rows = _drawn((seal(said), said), (seal(said), said), streams=(1, 2))
    return None if len(rows.ledger) == 2 else Caught(ARCHIVE, rows.answers[1][2])


def squatted(_: None) -> Caught | None:
    """Somebody without the key sends an id first, so that the body's own notice finds it taken."""
    said = Speaker().says()
    forged = replace(
        decode_envelope(seal(replace(said, lang="en"), key_of("nobody"))), keyid=key_of(COMMISSION_ML).keyid
    )
    rows = _drawn((encode_envelope(forged), said), (seal(said), said))
    if [row[-1] for row in rows.ledger] != [seal(said)]:
        return None
    return Caught(ARCHIVE, decode_receipt(rows.answers[0][-1]).code)


def reused_number(_: None) -> Caught | None:
    """Two notices under one sequence number: by a restored node, or by whoever has its key."""
    first, second = Speaker().says(), Speaker().says()
    assert first.sequence == second.sequence
    rows = _drawn((seal(first), first), (seal(second), second))
    return next((Caught(ARCHIVE, ledger.REUSED) for row in rows.ledger if row[21] == ledger.REUSED), None)


def two_contents(_: None) -> Caught | None:
    """A body tells Mali one thing and Niger another under one id, or whoever has its key does.

    Caught is it only with all that follows: the mark in every feed, the leaf, the second envelope, the signed record.
    """
    first = Speaker().says()
    second = replace(first, lang="en")
    rows = _drawn((seal(first), first), (seal(second), second))
    marked = {row[0] for row in rows.feed if row[4] == ledger.CONTESTED} == set(Country)
    leaf = any(row[1] == EQUIVOCATION for row in rows.leaves)
    kept = [row[-1] for row in rows.evidence] == [seal(second)]
    return Caught(ARCHIVE, ledger.CONTESTED) if marked and leaf and kept and rows.findings else None


CONSEQUENCES = (("contest",), ("mark",), ("leaf",), ("evidence",), ("findings",))
NAMING_ATTACKS: tuple[Attack[None], ...] = (
    Attack(
        "replayed on another cluster",
        "a relay",
        "source and id",
        Caught(ARCHIVE, "duplicate"),
        from_another_cluster,
        (("ids",),),
    ),
    Attack(
        "an id is sent first by another",
        "anybody",
        "the signature",
        Caught(ARCHIVE, "refused.signature.invalid"),
        squatted,
        (("first come",),),
    ),
    Attack(
        "a sequence number is used twice",
        "a body, or its thief",
        "the mark in every feed",
        Caught(ARCHIVE, ledger.REUSED),
        reused_number,
        (("numbers",),),
    ),
    Attack(
        "two contents under one id",
        "a body, or its thief",
        "both leaves, the mark, the record",
        Caught(ARCHIVE, ledger.CONTESTED),
        two_contents,
        CONSEQUENCES,
    ),
)
