"""The attacks on the evidence, each as one function on a real stage: true if it succeeded, that is, nobody was told.

A row says of each who lies, who is down, who detects it, from which artefact, and within how many checkpoints; the test
prints the table after it has seen every attack fail, and succeed without the defences that the row names.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx

from tamani.archive.findings import series
from tamani.archive.head import Head
from tamani.archive.ledger import CONTESTED, REUSED, Known, draw_up
from tamani.core.erasure.order import SignedOrder
from tamani.core.errors import RefusedError, TamaniError
from tamani.core.feed import FeedEntry
from tamani.core.log.conflict import Conflict
from tamani.core.log.leaf import EQUIVOCATION
from tamani.core.log.note import Kind, Note, NoteKey, Signature
from tamani.core.log.policy import Seen
from tamani.core.names import Country
from tamani.core.proving import prove, witnessed_at
from tamani.core.registry import KeyRow
from tamani.core.trust import stands
from tamani.core.trust.opening import open_registry
from tamani.desk.projection import Erased, project
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.settings import ServiceSettings
from tamani.witness import alarms
from tamani.witness.copy import Copy
from tamani.witness.state import write_last
from tests.support.erasures import drawn_up, ordered, standing_registry
from tests.support.notices import SOURCES, TRUSTED, Speaker, key_of, key_row, registry_value, seal
from tests.support.proofs import Provable
from tests.support.region import NOW, judged, record
from tests.support.registries import SINCE
from tests.support.small_log import AT, WITNESSES, SmallLog, policy_text
from tests.support.witnessing import Witness

SIZE = 300
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A log that Niger hosts, and the witnesses of the three countries, over HTTP, each looking at the others."""

    log: SmallLog
    witnesses: dict[str, Witness]
    urls: dict[str, str]
    folder: Path

    def cosigned(self, log: SmallLog, *countries: str) -> bytes:
        """The log's newest checkpoint, as these witnesses cosign it when they are asked over HTTP."""
        note = Note.parse(log.note())
        for country in countries:
            body = log.request(self.witnesses[country].last.size)
            answer = httpx.post(f"{self.urls[country]}/add-checkpoint", content=body, trust_env=False)
            if answer.is_success:
                note = note.with_(Signature.parse(answer.text.removesuffix("\n")))
        return str(note).encode()

    def read(self, note: bytes) -> Seen | None:
        """What a reader makes of a checkpoint; nothing if it is refused."""
        with suppress(RefusedError):
            return self.log.policy().see(note)
        return None

    def attested(self, note: bytes) -> bool:
        """Whether a reader believes that both countries which do not host have seen it."""
        seen = self.read(note)
        return seen is not None and seen.attested

    def told(self, country: str, code: str = alarms.CONFLICT) -> bool:
        """Whether a witness has this alarm, and, for a conflict, a file that convicts by itself."""
        found = [alarm for alarm in self.witnesses[country].alarms() if alarm.code == code]
        for alarm in found:
            if alarm.conflict is not None:
                Conflict.parse(alarm.conflict).verify(self.log.policy())
        return bool(found)


def wrong_signature(stage: Stage) -> bool:
    """Mali's witness answers with bytes that are no signature of its."""
    note = Note.parse(stage.cosigned(stage.log, "bf"))
    key = WITNESSES["ml"].verifier
    line = Signature(key.name, key.hint, AT.to_bytes(8, "big") + bytes(64))
    return stage.attested(str(note.with_(line)).encode())


def cosigns_anything(stage: Stage) -> bool:
    """Mali's witness signs whatever the host asks, a fork too; Burkina Faso looks at what it shows."""
    stage.cosigned(stage.log, "bf", "ml")
    fork = stage.log.fork(150).append(SIZE - 100, mark="gap")
    with stage.witnesses["ml"].service.database.writing() as db:
        Copy(db).cut(0)
        Copy(db).append(fork.entries)
        write_last(db, fork.checkpoint(), fork.note(None, "ml", "ne"), AT)
    stage.witnesses["bf"].service.watch.look()
    return not stage.told("bf")


def witness_down(stage: Stage) -> bool:
    """Mali's witness is away; the host shows what it has as if it were enough."""
    return stage.attested(stage.cosigned(stage.log, "bf", "ne"))


def fork_for_one_reader(stage: Stage) -> bool:
    """The host and its own witness show one reader another past."""
    stage.cosigned(stage.log, "bf", "ml")
    fork = stage.log.fork(150).append(SIZE - 150, mark="gap")
    return stage.attested(fork.note(None, "ne"))


def two_pasts(stage: Stage) -> bool:
    """The host shows one past to Burkina Faso, another to Mali, and its own witness cosigns both."""
    fork = stage.log.fork(150).append(SIZE - 150, mark="gap")
    one = Note.parse(stage.cosigned(stage.log, "bf"))
    stage.log.shows = fork
    other = Note.parse(stage.cosigned(fork, "ml"))
    both = [str(note.with_(WITNESSES["ne"].sign(note.text, AT))).encode() for note in (one, other)]
    return all(stage.attested(note) for note in both)


def two_pasts_unseen(stage: Stage) -> bool:
    """The same, and whether Burkina Faso learns of it when it looks at Mali's copy."""
    two_pasts(stage)
    stage.witnesses["bf"].service.watch.look()
    return not stage.told("bf")


def rewritten(stage: Stage) -> bool:
    """The host asks for a larger tree that does not begin with the one that was cosigned, and serves its entries."""
    stage.cosigned(stage.log, "bf")
    stage.log.shows = fork = stage.log.fork(150).append(SIZE, mark="gap")
    return len(Note.parse(stage.cosigned(fork, "bf")).signatures) > 1


def rewritten_unseen(stage: Stage) -> bool:
    """The same, and whether it can be proven afterwards."""
    rewritten(stage)
    return not stage.told("bf")


def withheld(stage: Stage) -> bool:
    """The host signs entries that it shows to nobody."""
    stage.log.answers |= {"tile/entries/001.p/44": None, "tile/entries/001": None}
    return len(Note.parse(stage.cosigned(stage.log, "bf")).signatures) > 1


def yesterday(stage: Stage) -> bool:
    """Yesterday's database is restored, and the log shows what it had then."""
    stage.cosigned(stage.log, "bf")
    stage.log.publish(size=200)
    for _ in range(2):
        stage.witnesses["bf"].service.watch.look()
    return not stage.told("bf", alarms.ROLLBACK)


def old_registry(stage: Stage) -> bool:
    """The registry of before a change is served again."""
    cache = stage.folder / "registry.json"
    settings = ServiceSettings(registry_trust=TRUSTED, data_dir=stage.folder, kafka_bootstrap="127.0.0.1:1")
    holder = RegistryHolder(settings, cache)
    assert holder.offer(registry_value(version=4))
    with suppress(TamaniError):
        holder.offer(registry_value(version=3))
    return holder.current.version == 3


def reused_number(stage: Stage) -> bool:
    """Two notices under one sequence number: by a restored node, or by whoever has its key."""
    first = Speaker().says()
    second = Speaker().says(sequence=first.sequence)
    assert first.id != second.id
    records = [record(seal(one), one.source, one.subject, at) for at, one in enumerate((first, second))]
    rows = draw_up(Head(), judged(records), known(), NOW)
    assert len(rows.ledger) == 2
    return not any(REUSED in str(value) for row in rows.ledger for value in row)


def two_contents(stage: Stage) -> bool:
    """A body tells Mali one thing and Niger another under one id, or whoever has its key does."""
    first = Speaker().says()
    second = replace(first, lang="en")
    records = [record(seal(one), one.source, one.subject, at) for at, one in enumerate((first, second))]
    rows = draw_up(Head(), judged(records), known(), NOW)
    kinds = [leaf[1] for leaf in rows.leaves]
    return not (rows.findings and EQUIVOCATION in kinds and any(row[4] == CONTESTED for row in rows.feed))


def dropped(stage: Stage) -> bool:
    """Whoever stands between a node and the archive lets one of a hundred notices fall."""
    came = [number for number in range(1, 101) if number != 57]
    found = series.holes(0, came)
    return not series.ripe(found, dict.fromkeys(found, 0.0), now=HOUR, delay=HOUR)


def made_up_promise(stage: Stage) -> bool:
    """A proof is handed on with a receipt of an earlier hour that the log never signed."""
    made = Provable(sources=SOURCES[:1])
    receipt = made.receipt(key_of("nobody"), at="2026-03-02T08:00:00Z")
    return prove(replace(made.bundle(), receipt=receipt).encode(), made.trust).holds


def dated_back(stage: Stage) -> bool:
    """Who has a stolen key and the archive's host writes a forgery into the hour before the theft."""
    stolen = datetime.fromtimestamp(AT, UTC) - timedelta(hours=1)
    row = KeyRow.model_validate(key_row(SOURCES[0], state="compromised", compromised_since=stolen))
    seen = stage.read(stage.log.note(None, "bf", "ml", time=AT))
    assert seen is not None
    return stands.stands(row, stolen - timedelta(minutes=1), witnessed_at(seen, stage.log.policy()))


def two_roles(_: Stage) -> bool:
    """The log's host enrols its log's key as a body's: what signs checkpoints, bare, would sign notices."""
    policy = policy_text(NoteKey("tamani.test/log", Kind.NOTE, key_of(SOURCES[0])))
    named = {"log_policies": [{"since": SINCE, "text": policy}], "log_policy": sha256(policy.encode()).hexdigest()}
    with suppress(RefusedError):
        return bool(open_registry(registry_value(**named), TRUSTED).keys)  # type: ignore[arg-type]
    return False


def erased_by_one(_: Stage) -> bool:
    """The host tells a desk to erase, by an order that one officer has signed."""
    return _erases(ordered(Speaker().seals(), Country.ML))


def erased_by_an_order_for_another(_: Stage) -> bool:
    """Two officers had one notice erased; the host puts their signatures under an order for another."""
    mine, other = Speaker().seals(), Speaker().seals()
    return _erases(replace(drawn_up(other), approvals=ordered(mine).approvals))


def _erases(order: SignedOrder) -> bool:
    """Whether a desk that is told this order would carry it out."""
    said = order.order
    told = FeedEntry(
        epoch=1,
        feed_index=2,
        prev="",
        kind="mark",
        recordedtime=said.at,
        digest=said.digest,
        source=said.source,
        id=said.id,
        mark="erased",
        document=order.encode().decode(),
    )
    return isinstance(project(told, standing_registry()), Erased)


def known() -> Known:
    """A ledger that holds nothing yet."""
    streams = {"regional.events": 1, "regional.urgent": 2}
    return Known({source: n for n, source in enumerate(SOURCES)}, streams, {}, set(), set())


@dataclass(frozen=True, slots=True)
class Attack:
    """A row of the table. Each of `without` is a set of defences, without which the attack must succeed."""

    what: str
    lies: str
    down: str
    detects: str
    artefact: str
    within: str
    run: Callable[[Stage], bool]
    without: tuple[tuple[str, ...], ...]


LOG = "the log's signed checkpoint"
ATTACKS = (
    Attack(
        "a witness answers with a wrong signature",
        "witness ml",
        "–",
        "every reader",
        "the signature line",
        "1",
        wrong_signature,
        (("signature",),),
    ),
    Attack(
        "a witness cosigns anything",
        "witness ml, host",
        "–",
        "witness bf",
        "conflict file",
        "1 look",
        cosigns_anything,
        (("look",), ("path",)),
    ),
    Attack(
        "a witness is down",
        "host (“attested”)",
        "witness ml",
        "every reader",
        "the missing line",
        "1",
        witness_down,
        (("one",), ("quorum",)),
    ),
    Attack(
        "the host forks for one reader",
        "host, witness ne",
        "–",
        "that reader",
        "cosignatures",
        "1",
        fork_for_one_reader,
        (("one",),),
    ),
    Attack(
        "the host tells two countries two pasts",
        "host, witness ne",
        "–",
        "every reader",
        "cosignatures",
        "1",
        two_pasts,
        (("quorum",),),
    ),
    Attack(
        "… and hopes that they do not compare",
        "host, witness ne",
        "–",
        "witness bf",
        "conflict file",
        "1 look",
        two_pasts_unseen,
        (("look",), ("compare",)),
    ),
    Attack(
        "the host rewrites what was cosigned",
        "host",
        "–",
        "witness bf",
        LOG,
        "1",
        rewritten,
        (("consistency", "copy"),),
    ),
    Attack(
        "… and hopes that nobody can prove it",
        "host",
        "–",
        "witness bf",
        "conflict file",
        "1",
        rewritten_unseen,
        (("path",),),
    ),
    Attack("the host signs what it hides", "host", "–", "witness bf", "missing entries", "1", withheld, (("copy",),)),
    Attack("yesterday's database is restored", "nobody", "–", "witness bf", LOG, "2 looks", yesterday, (("look",),)),
    Attack(
        "an old registry is served",
        "publisher",
        "–",
        "every holder",
        "version and time-stamp",
        "0",
        old_registry,
        (("version",),),
    ),
    Attack(
        "a stolen key's notice is dated back",
        "host, thief",
        "–",
        "archive, every reader",
        "the witnesses' own times",
        "1",
        dated_back,
        (("witnessed",),),
    ),
    Attack(
        "the log's key speaks for a body",
        "host",
        "–",
        "every holder",
        "the policies in the registry",
        "0",
        two_roles,
        (("role",),),
    ),
    Attack(
        "a sequence number is used twice",
        "a body, or its thief",
        "–",
        "archive",
        "the mark in every feed",
        "0",
        reused_number,
        (("numbers",),),
    ),
    Attack(
        "two contents under one id",
        "a body, or its thief",
        "–",
        "archive, every desk",
        "both leaves, the mark, the notice",
        "0",
        two_contents,
        (("contest",),),
    ),
    Attack(
        "a notice is held back on the way",
        "router, broker",
        "–",
        "archive, its body",
        "the hole in its numbers",
        "an hour",
        dropped,
        (("holes",),),
    ),
    Attack(
        "a receipt that the log never gave",
        "who hands the proof on",
        "–",
        "every verifier",
        "the receipt's signature",
        "0",
        made_up_promise,
        (("promise",),),
    ),
    Attack(
        "a notice is erased by one officer",
        "host, an officer",
        "–",
        "every desk",
        "the order",
        "0",
        erased_by_one,
        (("officers",),),
    ),
    Attack(
        "another notice is erased than the one ordered",
        "host",
        "–",
        "every desk",
        "the order's signatures",
        "0",
        erased_by_an_order_for_another,
        (("order",),),
    ),
)
