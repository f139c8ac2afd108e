"""The attacks of who hosts the log, or a witness of it, on a real stage: a served log and three served witnesses."""

from dataclasses import dataclass

import httpx

from tamani.core.errors import RefusedError
from tamani.core.log.conflict import Conflict
from tamani.core.log.note import Note, Signature
from tamani.witness import alarms
from tamani.witness.copy import Copy
from tamani.witness.state import write_last
from tests.component.evidence.table import Attack, Caught
from tests.support.small_log import AT, WITNESSES, SmallLog
from tests.support.witnessing import Witness

SIZE = 300
READER = "every reader"
# More looks than any row allows.
MOST_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Stage:
    """A log that Niger hosts, and the witnesses of the three countries, over HTTP, each looking at the others."""

    log: SmallLog
    witnesses: dict[str, Witness]
    urls: dict[str, str]

    def asked(self, log: SmallLog, country: str) -> httpx.Response:
        """What a witness answers to a log that asks it to cosign its newest checkpoint."""
        body = log.request(self.witnesses[country].last.size)
        return httpx.post(f"{self.urls[country]}/add-checkpoint", content=body, trust_env=False)

    def cosigned(self, log: SmallLog, *countries: str) -> bytes:
        """The log's newest checkpoint, as these witnesses cosign it when they are asked."""
        note = Note.parse(log.note())
        for country in countries:
            answer = self.asked(log, country)
            if answer.is_success:
                note = note.with_(Signature.parse(answer.text.removesuffix("\n")))
        return str(note).encode()

    def refused(self, log: SmallLog, country: str) -> Caught | None:
        """Whether a witness refuses to cosign; nothing if it does."""
        answer = self.asked(log, country)
        return None if answer.is_success else Caught(f"witness {country}", answer.json()["code"], 1)

    def read(self, *notes: bytes) -> Caught | None:
        """Nothing if readers believe of each checkpoint that both countries which do not host have seen it."""
        for note in notes:
            try:
                seen = self.log.policy().see(note)
            except RefusedError as error:
                return Caught(READER, error.code.name, 1)
            if not seen.attested:
                return Caught(READER, "not attested", 1)
        return None

    def told(self, country: str, code: str = alarms.CONFLICT) -> bool:
        """Whether a witness has this alarm, and, for a conflict, a file that convicts by itself."""
        found = [alarm for alarm in self.witnesses[country].alarms() if alarm.code == code]
        for alarm in found:
            if alarm.conflict is not None:
                Conflict.parse(alarm.conflict).verify(self.log.policy())
        return bool(found)

    def looked(self, country: str, code: str = alarms.CONFLICT) -> Caught | None:
        """Whether a witness has this alarm after some looks at what log and witnesses show: a checkpoint each."""
        for look in range(1, MOST_LOOKS + 1):
            self.witnesses[country].service.watch.look()
            if self.told(country, code):
                return Caught(f"witness {country}", code, look)
        return None

    def forked(self) -> SmallLog:
        """Another past of the same size, under the log's own key."""
        return self.log.fork(150).append(SIZE - 150, mark="gap")


def wrong_signature(stage: Stage) -> Caught | None:
    """Mali's witness answers with bytes that are no signature of its."""
    note = Note.parse(stage.cosigned(stage.log, "bf"))
    key = WITNESSES["ml"].verifier
    line = Signature(key.name, key.hint, AT.to_bytes(8, "big") + bytes(64))
    return stage.read(str(note.with_(line)).encode())


def cosigns_anything(stage: Stage) -> Caught | None:
    """Mali's witness signs whatever the host asks, a fork too; Burkina Faso looks at what it shows."""
    stage.cosigned(stage.log, "bf", "ml")
    fork = stage.log.fork(150).append(SIZE - 100, mark="gap")
    with stage.witnesses["ml"].service.database.writing() as db:
        Copy(db).cut(0)
        Copy(db).append(fork.entries)
        write_last(db, fork.checkpoint(), fork.note(None, "ml", "ne"), AT)
    return stage.looked("bf")


def witness_down(stage: Stage) -> Caught | None:
    """Mali's witness is away; the host shows what it has as if it were enough."""
    return stage.read(stage.cosigned(stage.log, "bf", "ne"))


def fork_for_one_reader(stage: Stage) -> Caught | None:
    """The host and its own witness show one reader another past."""
    stage.cosigned(stage.log, "bf", "ml")
    return stage.read(stage.forked().note(None, "ne"))


def two_pasts(stage: Stage) -> Caught | None:
    """The host shows one past to Burkina Faso, another to Mali, and its own witness cosigns both."""
    fork = stage.forked()
    one = Note.parse(stage.cosigned(stage.log, "bf"))
    stage.log.shows = fork
    other = Note.parse(stage.cosigned(fork, "ml"))
    return stage.read(*(str(note.with_(WITNESSES["ne"].sign(note.text, AT))).encode() for note in (one, other)))


def two_pasts_unseen(stage: Stage) -> Caught | None:
    """The same, and whether Burkina Faso learns of it when it looks at Mali's copy."""
    two_pasts(stage)
    return stage.looked("bf")


def rewritten(stage: Stage) -> Caught | None:
    """The host asks for a larger tree that does not begin with the one that was cosigned, and serves its entries."""
    stage.cosigned(stage.log, "bf")
    stage.log.shows = fork = stage.log.fork(150).append(SIZE, mark="gap")
    return stage.refused(fork, "bf")


def rewritten_unseen(stage: Stage) -> Caught | None:
    """The same, and whether it can be proven afterwards, from that one request."""
    rewritten(stage)
    return Caught("witness bf", alarms.CONFLICT, 1) if stage.told("bf") else None


def withheld(stage: Stage) -> Caught | None:
    """The host signs entries that it shows to nobody."""
    stage.log.answers |= {"tile/entries/001.p/44": None, "tile/entries/001": None}
    return stage.refused(stage.log, "bf")


def rolled_back(stage: Stage) -> Caught | None:
    """Yesterday's database is restored on a host that has lost its state file too: the log shows what it had then."""
    stage.cosigned(stage.log, "bf")
    stage.log.publish(size=200)
    return stage.looked("bf", alarms.ROLLBACK)


LOG = "the log's signed checkpoint"
CONFLICT_FILE = "the conflict file"
UNSEEN = Caught(READER, "not attested", 1)
CONVICTED = Caught("witness bf", alarms.CONFLICT, 1)
LOG_ATTACKS = (
    Attack(
        "a witness answers with a wrong signature",
        "witness ml",
        "the signature line",
        Caught(READER, "refused.log.signature", 1),
        wrong_signature,
        (("signature",),),
    ),
    Attack(
        "a witness cosigns anything",
        "witness ml, host",
        CONFLICT_FILE,
        CONVICTED,
        cosigns_anything,
        (("look",), ("path",)),
    ),
    Attack(
        "a witness is down",
        "host (“attested”)",
        "the missing line",
        UNSEEN,
        witness_down,
        (("one",), ("quorum",)),
        down="witness ml",
    ),
    Attack(
        "the host forks for one reader",
        "host, witness ne",
        "cosignatures",
        UNSEEN,
        fork_for_one_reader,
        (("one",),),
    ),
    Attack(
        "the host tells two countries two pasts",
        "host, witness ne",
        "cosignatures",
        UNSEEN,
        two_pasts,
        (("quorum",),),
    ),
    Attack(
        "… and hopes that they do not compare",
        "host, witness ne",
        CONFLICT_FILE,
        CONVICTED,
        two_pasts_unseen,
        (("look",), ("compare",)),
    ),
    Attack(
        "the host rewrites what was cosigned",
        "host",
        LOG,
        Caught("witness bf", "refused.witness.consistency", 1),
        rewritten,
        (("consistency", "copy"),),
    ),
    Attack(
        "… and hopes that nobody can prove it",
        "host",
        CONFLICT_FILE,
        CONVICTED,
        rewritten_unseen,
        (("path",),),
    ),
    Attack(
        "the host signs what it hides",
        "host",
        "missing entries",
        Caught("witness bf", alarms.MISSING, 1),
        withheld,
        (("copy",),),
    ),
    Attack(
        "yesterday's database, its state file too",
        "nobody",
        LOG,
        Caught("witness bf", alarms.ROLLBACK, 2),
        rolled_back,
        (("look",),),
    ),
)
