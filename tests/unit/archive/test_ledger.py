"""What becomes of a batch: numbers, answers, feeds, evidence. No database: `Known` says what it would."""

import itertools
from typing import Any

import pytest

from tamani.archive.head import Head
from tamani.archive.ledger import CONTESTED, REUSED, Known, Rows, Seen, draw_up
from tamani.archive.notice import Held, Notice
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, format_time
from tamani.core.log.leaf import EQUIVOCATION, EVENT, REGISTRY, Leaf, env_of
from tamani.core.log.merkle import leaf_hash
from tamani.core.names import Country
from tamani.core.receipt import decode_receipt
from tests.support.notices import BUREAU, COMMISSION_ML, OBSERVATORY_NE, SOURCES, Speaker, key_of, seal
from tests.support.region import NOW, judged, record

STREAMS = {"regional.events": 1, "regional.urgent": 2}


def known(**changes: Any) -> Known:
    """An empty ledger that has a number for every source."""
    sources = {source: number for number, source in enumerate(SOURCES)}
    return Known(
        **({"sources": sources, "streams": STREAMS, "seen": {}, "sequences": set(), "evidence": set()} | changes)
    )


def notices(*events: Event, partition: int = 0) -> list[Notice]:
    """These events as they come from the regional stream, at offsets 0, 1, 2…"""
    records = [
        record(seal(event), event.source, event.subject, offset, partition) for offset, event in enumerate(events)
    ]
    return judged(records)


def env(event: Event) -> str:
    """How the log names an event's envelope."""
    return env_of(decode_envelope(seal(event))).hex()


def verdicts(rows: Rows) -> list[str]:
    """What is answered, in order."""
    return [row[2] for row in rows.answers]


def test_new_notices_get_contiguous_indexes_and_answers_in_their_order() -> None:
    """Index, answer number and feed index have no hole."""
    speaker = Speaker()
    rows = draw_up(Head(size=7, answers=3), notices(*(speaker.says() for _ in range(4))), known(), NOW)

    assert [row[0] for row in rows.ledger] == [7, 8, 9, 10]
    assert [row[0] for row in rows.answers] == [4, 5, 6, 7]
    assert verdicts(rows) == ["archived"] * 4
    assert rows.head.size == 11
    assert rows.head.answers == 7
    for country in Country:
        assert [row[1] for row in rows.feed if row[0] == country] == [1, 2, 3, 4]


def test_each_feed_entry_names_the_digest_before_it() -> None:
    """`prev` chains the entries of one country, whatever stands between them in the ledger."""
    secret = Speaker(BUREAU).says(tlp="AMBER", audience=OBSERVATORY_NE)
    batch = notices(Speaker().says(), secret, Speaker().says())
    rows = draw_up(Head(), batch, known(), NOW)
    digests = [row[14] for row in rows.ledger]

    malian = [row for row in rows.feed if row[0] == "ml"]
    nigerien = [row for row in rows.feed if row[0] == "ne"]

    assert [row[5] for row in malian] == [b"", digests[0]]
    assert [row[5] for row in nigerien] == [b"", digests[0], digests[1]]
    assert rows.head.feeds[Country.ML].digest == digests[2]


def test_an_amber_notice_is_in_no_feed_but_those_of_its_audience_and_its_origin() -> None:
    """A feed carries exactly what some body of the origin may read."""
    rows = draw_up(Head(), notices(Speaker(BUREAU).says(tlp="AMBER", audience=OBSERVATORY_NE)), known(), NOW)

    assert {row[0] for row in rows.feed} == {"rg", "ne"}


def test_the_same_notice_twice_in_one_batch_is_archived_once() -> None:
    """The second is a duplicate, answered with the index of the first."""
    event = Speaker().says()
    rows = draw_up(Head(), notices(event, event), known(), NOW)

    assert verdicts(rows) == ["archived", "duplicate"]
    assert len(rows.ledger) == len(rows.seen) == 1
    assert [decode_receipt(row[-1]).log_index for row in rows.answers] == [0, 0]


def test_a_record_read_again_gets_its_first_answer_again() -> None:
    """A crash between commit and acknowledgement makes no duplicate."""
    (notice,) = notices(Speaker().says())
    first = draw_up(Head(), [notice], state := known(), NOW)
    again = draw_up(first.head, [notice], state, NOW)

    assert verdicts(again) == ["archived"]
    assert again.ledger == []
    assert again.head.size == 1


def test_another_content_under_an_id_is_kept_as_evidence_and_the_first_is_marked() -> None:
    """The first stands; every feed that carries it gets one mark."""
    speaker = Speaker()
    first = speaker.says()
    rows = draw_up(Head(), notices(first, speaker.says(id=first.id, lang="en")), known(), NOW)

    assert verdicts(rows) == ["archived", "equivocation"]
    assert len(rows.ledger) == len(rows.evidence) == 1
    marks = [row for row in rows.feed if row[4] == CONTESTED]
    assert {row[0] for row in marks} == set(Country)
    assert {row[3] for row in marks} == {0}


def test_that_a_second_content_came_is_found_once() -> None:
    """In the same transaction; neither a third content nor the second again is another finding."""
    speaker = Speaker()
    first = speaker.says()
    second, third = speaker.says(id=first.id, lang="en"), speaker.says(id=first.id, lang="ff")
    batch = notices(first, second, third, second)
    rows = draw_up(Head(), batch, state := known(), NOW)
    again = draw_up(rows.head, batch, state, NOW)

    (finding,) = rows.findings
    assert finding.kind == "contest"
    assert finding.facts == {"source": first.source, "id": first.id, "second": env(second)}
    assert finding.found == NOW
    assert again.findings == []


def test_a_third_content_is_evidence_too_but_marks_nothing_again() -> None:
    """One mark is enough; each content is kept once, however often it comes."""
    speaker = Speaker()
    first = speaker.says()
    second, third = speaker.says(id=first.id, lang="en"), speaker.says(id=first.id, lang="ff")
    rows = draw_up(Head(), notices(first, second, third, second), known(), NOW)

    assert verdicts(rows) == ["archived", "equivocation", "equivocation", "equivocation"]
    assert len(rows.evidence) == 2
    assert len([row for row in rows.feed if row[4] == CONTESTED]) == len(Country)


def test_an_equivocation_against_the_past_marks_the_feeds_that_had_the_first() -> None:
    """What was entitled then is asked of the ledger, not of today's registry."""
    event = Speaker().says()
    (notice,) = notices(event)
    name = (known().sources[event.source], notice.outcome.id)  # type: ignore[union-attr]
    seen = {name: Seen(b"another digest", 5, (1, 3, 9), (Country.ML, Country.RG))}
    rows = draw_up(Head(size=9), [notice], known(seen=seen), NOW)

    assert [(row[0], row[3], row[4]) for row in rows.feed] == [("ml", 5, CONTESTED), ("rg", 5, CONTESTED)]
    assert rows.head.size == 9


def test_a_sequence_used_before_is_marked_not_refused() -> None:
    """Within a batch, and against the ledger."""
    speaker = Speaker()
    first, second = speaker.says(sequence="4"), speaker.says(sequence="4")
    used = {(bytes.fromhex(speaker.key.keyid), "normal", 9)}
    rows = draw_up(Head(), notices(first, second, speaker.says(sequence="9")), known(sequences=used), NOW)

    assert [row[21] for row in rows.ledger] == ["", REUSED, REUSED]
    assert verdicts(rows) == ["archived"] * 3


def test_a_forgery_is_answered_without_a_word_about_the_notice_it_imitates() -> None:
    """Source and id are told only if the signature held."""
    event = Speaker().says()
    value = seal(event, key_of("somebody else"))
    rows = draw_up(Head(), judged([record(value, event.source, event.subject, 0)]), known(), NOW)
    receipt = decode_receipt(rows.answers[0][-1])

    assert (receipt.verdict, receipt.code) == ("refused", "refused.key.unknown")
    assert receipt.source is receipt.id is receipt.sequence is receipt.keyid is receipt.lane is None
    assert rows.answers[0][1] == "ml", "the router's header says whom to answer"
    assert rows.ledger == rows.feed == []


def test_a_receipt_says_where_the_value_came_in_and_how_it_is_recognised() -> None:
    """Inbound coordinates, SHA-256 of the value, epoch and index."""
    event = Speaker().says()
    (notice,) = notices(event)
    receipt = decode_receipt(draw_up(Head(size=4, epoch=3), [notice], known(), NOW).answers[0][-1])

    assert receipt.value_sha256 == notice.value_sha256.hex()
    assert receipt.inbound == notice.record.inbound
    assert (receipt.epoch, receipt.log_index, receipt.at) == (3, 4, "2026-03-02T10:00:00Z")
    assert (receipt.source, receipt.id, receipt.sequence) == (event.source, event.id, event.sequence)


def test_what_we_failed_on_is_answered_as_held() -> None:
    """Nothing of it is in the ledger."""
    (notice,) = notices(Speaker().says())
    held = Notice(notice.record, notice.value_sha256, Held("held.store.23514"))
    rows = draw_up(Head(), [held], known(), NOW)

    assert [(row[2], row[3]) for row in rows.answers] == [("held", "held.store.23514")]
    assert rows.ledger == []


def test_a_heartbeat_is_kept_as_the_last_of_its_key_and_not_archived() -> None:
    """Two beats of one key leave one row."""
    speaker = Speaker(COMMISSION_ML)
    beats = [speaker.says("heartbeat", time=f"2026-03-02T09:0{minute}:00Z") for minute in (1, 2)]
    rows = draw_up(Head(), notices(*beats), known(), NOW)

    assert rows.ledger == rows.feed == rows.seen == []
    assert len(rows.heartbeats) == 1
    assert [decode_receipt(row[-1]).log_index for row in rows.answers] == [None, None]


def test_positions_are_those_after_the_last_record_of_each_partition() -> None:
    """They tell what of Kafka is in the ledger."""
    speaker = Speaker()
    records = [
        record(speaker.seals(), speaker.source, "agenda/x", offset, partition)
        for partition, offset in itertools.product((2, 5), (10, 11))
    ]
    rows = draw_up(Head(), judged(records), known(), NOW)

    assert rows.positions == {(1, 2): 12, (1, 5): 12}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_same_input_gives_the_same_rows(count: int) -> None:
    """Two workers that keep the same batch write the same bytes."""
    batch = notices(*(Speaker().says() for _ in range(count)))
    one, other = draw_up(Head(), batch, known(), NOW), draw_up(Head(), batch, known(), NOW)

    assert (one.ledger, one.answers, one.feed) == (other.ledger, other.answers, other.feed)


def entries(rows: Rows) -> list[tuple[int, str, int, int | None]]:
    """The leaves: place, kind, registry version, notice; each with the hash that its columns make."""
    for _, kind, env, reg, recorded, hash_, _ in rows.leaves:
        assert hash_ == leaf_hash(bytes(Leaf(env, reg, format_time(recorded), kind)))
    return [(row[0], row[1], row[3], row[6]) for row in rows.leaves]


def test_each_new_notice_and_each_new_evidence_is_a_leaf() -> None:
    """Places without hole; a duplicate, a heartbeat and a refusal are none; answers name the notice's own place."""
    speaker = Speaker()
    first = speaker.says()
    second = speaker.says(id=first.id, lang="en")
    batch = notices(speaker.says("heartbeat"), first, first, second, second, speaker.says())
    rows = draw_up(Head(size=3, leaves=9), batch, known(), NOW)

    assert entries(rows) == [(9, EVENT, 1, 3), (10, EQUIVOCATION, 1, None), (11, EVENT, 1, 4)]
    assert rows.head.leaves == 12
    told = [decode_receipt(row[-1]).leaf_index for row in rows.answers]
    assert told == [None, 9, 9, None, None, 11]


def test_a_version_of_the_registry_stands_before_what_was_judged_by_it() -> None:
    """Its document's SHA-256 takes the place of an envelope."""
    rows = draw_up(Head(), notices(Speaker().says()), known(registries={2: b"\2" * 32, 1: b"\1" * 32}), NOW)

    assert entries(rows) == [(0, REGISTRY, 1, None), (1, REGISTRY, 2, None), (2, EVENT, 1, 0)]
    assert [row[2] for row in rows.leaves[:2]] == [b"\1" * 32, b"\2" * 32]
