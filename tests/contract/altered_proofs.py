"""What is done to a proof of a notice, and at which step whoever verifies it must find that out."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tamani.core.bundle import ProofBundle
from tamani.core.event import parse_time
from tamani.core.log.leaf import EQUIVOCATION, ERASE
from tamani.core.log.note import Note
from tamani.core.log.proof import Proof
from tamani.core.proving import open_own
from tamani.core.trust.suspensions import Listed, suspend
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, Speaker, key_of, key_row, registry_value
from tests.support.proofs import Provable
from tests.support.registries import NOW, OFFICERS
from tests.support.small_log import WITNESSES, SmallLog, log_key

GOOD = Provable(sources=(COMMISSION_ML,))
BUNDLE = GOOD.bundle()
WITH_RECEIPT = replace(BUNDLE, receipt=GOOD.receipt())


def _flip(text: str, after: str) -> str:
    """One bit of the first character after this."""
    at = text.index(after) + len(after) + 8
    return text[:at] + ("B" if text[at] != "B" else "C") + text[at + 1 :]


def _with_member(bundle: ProofBundle, member: bytes) -> bytes:
    """The file with one more member, and the checksum that fits."""
    text = bundle.encode()[: bundle.encode().rindex(b',\n  "sha256"')] + b",\n  " + member
    return text + b',\n  "sha256": "%s"\n}\n' % hashlib.sha256(text).hexdigest().encode()


def _keyed(**change: Any) -> ProofBundle:
    return Provable(sources=(COMMISSION_ML,), changes={"keys": [key_row(COMMISSION_ML, **change)]}).bundle()


def _retired(**ago: int) -> ProofBundle:
    """Retired so long before the archive recorded the notice."""
    at = parse_time(GOOD.recorded) - timedelta(**ago)
    return _keyed(state="retired", retired_at=at.isoformat())


def _compromised(since: str) -> ProofBundle:
    return _keyed(state="compromised", compromised_since=since)


def _suspended(*more: Listed, **change: Any) -> ProofBundle:
    """One officer has silenced the key, and perhaps more did; the row itself says what it says."""
    rows = {"keys": [key_row(COMMISSION_ML, **change)]}
    return Provable(sources=(COMMISSION_ML,), changes=rows, listed=(SUSPENDED, *more)).bundle()


def _labelled(tlp: str, ceiling: str) -> ProofBundle:
    value = Speaker(COMMISSION_ML).seals("agenda.meeting", tlp=tlp)
    rows = {"keys": [key_row(COMMISSION_ML, tlp_max=ceiling)]}
    return Provable(sources=(COMMISSION_ML,), changes=rows, value=value).bundle()


def _two_clocks() -> ProofBundle:
    """Niger's own witness, which adds nothing, says that it saw the notice ten minutes before it was made."""
    note = Note.parse(Proof.parse(BUNDLE.proof.encode()).checkpoint)
    early = note.with_(WITNESSES["ne"].sign(note.text, 1_772_442_005 - 600))
    return replace(BUNDLE, proof=BUNDLE.proof.replace(str(note), str(early)))


def _other_version() -> ProofBundle:
    two = Provable(sources=(COMMISSION_ML,))
    two.leaf = replace(two.leaf, reg=2)
    two.log = SmallLog().append(0, two.registry_leaf, two.leaf)
    return two.bundle()


def _forged() -> ProofBundle:
    """Logged and witnessed, but signed by a key of another body: an archive that let everything pass."""
    value = Speaker(COMMISSION_ML, key_of(COMMISSION_BF)).seals("monitor.alert", tlp="CLEAR")
    return Provable(sources=(COMMISSION_ML, COMMISSION_BF), value=value).bundle()


SUSPENDED = suspend(key_of(COMMISSION_ML).keyid, NOW, "Clé égarée : « à l'étude » <&>", OFFICERS[0])
AGAIN = suspend(key_of(COMMISSION_ML).keyid, NOW, "encore", OFFICERS[1])
LAST = BUNDLE.proof.split("\n")
# What is done to the proof, and the step at which it falls; None: it holds.
CASES: dict[str, tuple[Callable[[], ProofBundle | bytes], int | None]] = {
    "good": (lambda: BUNDLE, None),
    "all three countries": (lambda: GOOD.bundle("bf", "ml", "ne"), None),
    "damaged": (lambda: BUNDLE.encode().replace(b'"entry": "', b'"entry": " ', 1), 0),
    "cut": (lambda: BUNDLE.encode()[:-3], 0),
    "another spelling of the envelope": (lambda: replace(BUNDLE, envelope=BUNDLE.envelope.replace('":', '": ', 1)), 1),
    "another payload": (lambda: replace(BUNDLE, envelope=_flip(BUNDLE.envelope, '"payload":"')), 2),
    "another signature": (lambda: replace(BUNDLE, envelope=_flip(BUNDLE.envelope, '"sig":"')), 2),
    "another entry": (
        lambda: replace(BUNDLE, entry=re.sub('"env":"[0-9a-f]{64}', '"env":"' + "0" * 64, BUNDLE.entry)),
        2,
    ),
    "a second content": (lambda: Provable(sources=(COMMISSION_ML,), kind=EQUIVOCATION).bundle(), None),
    "an entry of another kind": (lambda: Provable(sources=(COMMISSION_ML,), kind=ERASE).bundle(), 2),
    "the registry's entry": (lambda: replace(BUNDLE, entry=BUNDLE.registry_entry), 2),
    "another policy": (lambda: replace(BUNDLE, policy=BUNDLE.policy.replace(" 2 ", " 1 ")), 3),
    "a liar's own log": (
        lambda: Provable(log=SmallLog(log_key("liar.test/log")), sources=(COMMISSION_ML,)).bundle(),
        3,
    ),
    "another time": (lambda: replace(BUNDLE, entry=BUNDLE.entry.replace("09:00:05", "09:00:06")), 4),
    "another place": (lambda: replace(BUNDLE, proof=BUNDLE.proof.replace("index 1", "index 3")), 4),
    "another path": (lambda: replace(BUNDLE, proof=BUNDLE.proof.replace(LAST[2], LAST[3])), 4),
    "another log signature": (lambda: replace(BUNDLE, proof=_flip(BUNDLE.proof, f"— {GOOD.log.key.name} ")), 5),
    "another cosignature": (lambda: replace(BUNDLE, proof=_flip(BUNDLE.proof, "— tamani.test/witness/bf ")), 5),
    "with its receipt": (lambda: replace(BUNDLE, receipt=GOOD.receipt()), None),
    "the receipt of a duplicate": (lambda: replace(BUNDLE, receipt=GOOD.receipt(verdict="duplicate")), None),
    "a receipt of another place": (lambda: replace(BUNDLE, receipt=GOOD.receipt(leaf_index=3)), 5),
    "a receipt of no place": (lambda: replace(BUNDLE, receipt=GOOD.receipt(leaf_index=None)), 5),
    "a receipt of another value": (lambda: replace(BUNDLE, receipt=GOOD.receipt(value_sha256="0" * 64)), 5),
    "a refusal": (lambda: replace(BUNDLE, receipt=GOOD.receipt(verdict="refused")), 5),
    "a receipt by another key": (lambda: replace(BUNDLE, receipt=GOOD.receipt(key_of(COMMISSION_BF))), 5),
    "a receipt that was altered": (
        lambda: replace(BUNDLE, receipt=GOOD.receipt().replace('"epoch":1', '"epoch":2')),
        5,
    ),
    "a receipt without a signature": (lambda: replace(BUNDLE, receipt='{"v":1}'), 5),
    "a receipt that is no text": (lambda: _with_member(BUNDLE, b'"receipt": 7'), 0),
    "one witness": (lambda: GOOD.bundle("ml"), 6),
    "one witness and the host's": (lambda: GOOD.bundle("bf", "ne"), 6),
    "another registry": (lambda: replace(BUNDLE, registry=_registry(demo=True)), 7),
    "a later registry": (lambda: replace(BUNDLE, registry=_registry(2)), 7),
    "judged by another version": (_other_version, 7),
    "a registry not attested": (lambda: replace(BUNDLE, registry_proof=GOOD.bundle("bf").registry_proof), 7),
    "a key not valid yet": (lambda: _keyed(not_before="2026-03-02T09:00:06Z"), 8),
    "a key no longer valid": (lambda: _keyed(not_after="2026-03-02T09:00:05Z"), 8),
    "a retired key, within its grace": (lambda: _retired(days=35, seconds=-1), None),
    "a retired key, after it": (lambda: _retired(days=35), 8),
    "retired nobody knows when": (lambda: _keyed(state="retired"), 8),
    "retired and active again": (lambda: _keyed(retired_at="2026-01-01T00:00:00Z"), 8),
    "said before the compromise": (lambda: _compromised("2026-03-02T09:00:06Z"), None),
    "said since the compromise": (lambda: _compromised("2026-03-02T09:00:05Z"), 8),
    "a suspended key": (lambda: _keyed(state="suspended"), 8),
    "a key that one officer suspended": (_suspended, 8),
    "a suspension that was lifted": (lambda: _suspended(lifts=[SUSPENDED.opened().name]), None),
    "one of two suspensions lifted": (lambda: _suspended(AGAIN, lifts=[SUSPENDED.opened().name]), 8),
    "a suspension over a later compromise": (
        lambda: _suspended(state="compromised", compromised_since="2026-03-02T09:00:06Z"),
        None,
    ),
    "a label above the key's ceiling": (lambda: _labelled("GREEN", "CLEAR"), 8),
    "a label at the key's ceiling": (lambda: _labelled("GREEN", "GREEN"), None),
    "a third witness whose clock is behind": (_two_clocks, None),
    "no right to say it": (lambda: _keyed(rights=["law.item:*"]), 8),
    "another body's key": (_forged, 8),
    "dated after its witnesses": (lambda: GOOD.bundle(time=1_772_442_005 - 301), 8),
}


def _registry(version: int = 1, **changes: object) -> str:
    named = open_own(GOOD.registry).log_policy
    return registry_value((COMMISSION_ML,), version, log_policy=named, **changes).decode()


def content(name: str) -> bytes:
    """The file of a case."""
    made = CASES[name][0]()
    return made if isinstance(made, bytes) else made.encode()
