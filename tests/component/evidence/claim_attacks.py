"""The attacks on what a reader is asked to believe beside the log: registries, orders, receipts, dates. All pure."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tamani.core.erasure.order import SignedOrder
from tamani.core.errors import RefusedError
from tamani.core.feed import FeedEntry
from tamani.core.log.note import Kind, NoteKey, VerifierKey
from tamani.core.names import Country
from tamani.core.proving import prove, witnessed_at
from tamani.core.registry import KeyRow
from tamani.core.signing import keyid_of
from tamani.core.trust import stands
from tamani.core.trust.metadata import holders_of
from tamani.core.trust.opening import open_registry
from tamani.core.trust.standing import Holder
from tamani.core.trust.writing import make_root
from tamani.desk.projection import Erased, Unreadable, project
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.settings import ServiceSettings
from tests.component.evidence.table import Attack, Caught
from tests.support.edwards import LOW_ORDER, encode
from tests.support.erasures import drawn_up, ordered, standing_registry
from tests.support.notices import SOURCES, TRUSTED, Speaker, key_of, key_row, registry_value
from tests.support.proofs import Provable
from tests.support.registries import CHARTER, SIGNED, SINCE, seats
from tests.support.small_log import AT, SmallLog, policy_text

HOLDER, DESK, VERIFIER = "every holder", "every desk", "every verifier"
WEAK = encode(LOW_ORDER[1])


def _refusal(by: str, attempt: Callable[[], object]) -> Caught | None:
    try:
        attempt()
    except RefusedError as error:
        return Caught(by, error.code.name)
    return None


def weak_body(_: None) -> Caught | None:
    """A key of low order is enrolled for a body: one signature under it would hold for any message."""
    row = key_row(SOURCES[0]) | {"public": WEAK.hex(), "keyid": keyid_of(WEAK)}
    return _refusal(HOLDER, lambda: open_registry(registry_value(keys=[row]), TRUSTED))


def weak_witness(_: None) -> Caught | None:
    """A witness's key is of low order: anybody could cosign in its name."""
    text = str(VerifierKey("tamani.test/witness/ml", Kind.COSIGNATURE, WEAK))
    return _refusal(VERIFIER, lambda: VerifierKey.parse(text))


def weak_office(_: None) -> Caught | None:
    """A root's key is of low order."""
    weak = Holder(keyid=keyid_of(WEAK), public=WEAK.hex(), country=Country.ML, office="root")
    others = [seat for seat in seats() if (seat.office, seat.country) != ("root", Country.ML)]
    return _refusal(HOLDER, lambda: holders_of(make_root([*others, weak], CHARTER, 1, SIGNED).signed))


def old_registry(_: None) -> Caught | None:
    """The registry of before a change is served again."""
    with tempfile.TemporaryDirectory() as folder:
        settings = ServiceSettings(registry_trust=TRUSTED, data_dir=Path(folder), kafka_bootstrap="127.0.0.1:1")
        holder = RegistryHolder(settings, Path(folder) / "registry.json")
        assert holder.offer(registry_value(version=4))
        holder.offer(registry_value(version=3))
        held = holder.current
    if held.version == 3:
        return None
    return _refusal(HOLDER, lambda: open_registry(registry_value(version=3), TRUSTED, held))


def two_roles(_: None) -> Caught | None:
    """The log's host enrols its log's key as a body's: what signs checkpoints, bare, would sign notices."""
    policy = policy_text(NoteKey("tamani.test/log", Kind.NOTE, key_of(SOURCES[0])))
    digest = hashlib.sha256(policy.encode()).hexdigest()
    value = registry_value(log_policies=[{"since": SINCE, "text": policy}], log_policy=digest)
    return _refusal(HOLDER, lambda: open_registry(value, TRUSTED))


def dated_back(_: None) -> Caught | None:
    """Who has a stolen key and the archive's host writes a forgery into the hour before the theft."""
    log = SmallLog().append(3)
    stolen = datetime.fromtimestamp(AT, UTC) - timedelta(hours=1)
    row = KeyRow.model_validate(key_row(SOURCES[0], state="compromised", compromised_since=stolen))
    seen = log.policy().see(log.note(None, "bf", "ml", time=AT))
    stood = stands.stands(row, stolen - timedelta(minutes=1), witnessed_at(seen, log.policy()))
    return None if stood else Caught("archive, every reader", stands.SUSPECT, 1)


def made_up_promise(_: None) -> Caught | None:
    """A proof is handed on with a receipt of an earlier hour that the log never signed."""
    made = Provable(sources=SOURCES[:1])
    receipt = made.receipt(key_of("nobody"), at="2026-03-02T08:00:00Z")
    failed = prove(replace(made.bundle(), receipt=receipt).encode(), made.trust).failed
    return Caught(VERIFIER, failed.name) if failed else None


def erased_by_one(_: None) -> Caught | None:
    """The host tells a desk to erase, by an order that one officer has signed."""
    return _refused_order(ordered(Speaker().seals(), Country.ML))


def erased_by_an_order_for_another(_: None) -> Caught | None:
    """Two officers had one notice erased; the host puts their signatures under an order for another."""
    mine, other = Speaker().seals(), Speaker().seals()
    return _refused_order(replace(drawn_up(other), approvals=ordered(mine).approvals))


def _refused_order(order: SignedOrder) -> Caught | None:
    """Nothing if a desk that is told this order would carry it out."""
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
    outcome = project(told, standing_registry())
    assert isinstance(outcome, Erased | Unreadable)
    return Caught(DESK, outcome.code) if isinstance(outcome, Unreadable) else None


CLAIM_ATTACKS: tuple[Attack[None], ...] = (
    Attack(
        "a body's key is of low order",
        "two officers, fooled",
        "the key",
        Caught(HOLDER, "refused.key.weak"),
        weak_body,
        (("weak body",),),
    ),
    Attack(
        "a witness's key is of low order",
        "host",
        "the policy",
        Caught(VERIFIER, "refused.log.key"),
        weak_witness,
        (("weak witness",),),
    ),
    Attack(
        "a root's key is of low order",
        "a root's holder",
        "the root",
        Caught(HOLDER, "refused.key.weak"),
        weak_office,
        (("weak office",),),
    ),
    Attack(
        "an old registry is served",
        "publisher",
        "version and time-stamp",
        Caught(HOLDER, "refused.registry.rollback"),
        old_registry,
        (("version",), ("succession",)),
    ),
    Attack(
        "the log's key speaks for a body",
        "host",
        "the policies in the registry",
        Caught(HOLDER, "refused.key.reused"),
        two_roles,
        (("role",),),
    ),
    Attack(
        "a stolen key's notice is dated back",
        "host, thief",
        "the witnesses' own times",
        Caught("archive, every reader", stands.SUSPECT, 1),
        dated_back,
        (("witnessed",),),
    ),
    Attack(
        "a receipt that the log never gave",
        "who hands the proof on",
        "the receipt's signature",
        Caught(VERIFIER, "refused.proof.receipt"),
        made_up_promise,
        (("promise",),),
    ),
    Attack(
        "a notice is erased by one officer",
        "host, an officer",
        "the order",
        Caught(DESK, "refused.erasure.officers"),
        erased_by_one,
        (("officers",),),
    ),
    Attack(
        "another notice is erased than the one ordered",
        "host",
        "the order's signatures",
        Caught(DESK, "refused.erasure.signer"),
        erased_by_an_order_for_another,
        (("order",),),
    ),
)
