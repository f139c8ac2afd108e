"""Three verifiers, written apart: each says of each proof what the others say, and at which step it falls.

Python is ours; Go stands on other people's libraries (golang.org/x/mod, transparency-dev); the third is the page's own
script in a real browser. Ours alone reads the officers' signatures under the registry, too.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tamani.core.bundle import ProofBundle
from tamani.core.event import parse_time
from tamani.core.log.leaf import EQUIVOCATION, ERASE
from tamani.core.log.note import Note
from tamani.core.log.proof import Proof
from tamani.core.proving import Trust, open_own, prove
from tamani.core.trust.suspensions import Listed, suspend
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, Speaker, key_of, key_row, registry_value
from tests.support.proofs import BITS, SIGNED, Provable, flips
from tests.support.registries import NOW, OFFICERS
from tests.support.small_log import WITNESSES, SmallLog, log_key
from tests.support.verifiers import GO, go_says, listening

GOOD = Provable(sources=(COMMISSION_ML,))
BUNDLE = GOOD.bundle()
LONGEST = 150


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


WITH_RECEIPT = replace(BUNDLE, receipt=GOOD.receipt())
FLIPS = """async ([members, policy, names, bits]) => {
  const encode = async (bundle) => {
    const text = JSON.stringify({ v: 1, ...bundle }, null, 2).slice(0, -2);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
    const hex = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${text},\\n  "sha256": "${hex}"\\n}\\n`;
  };
  const holds = async (bundle) => (await tamaniProof.prove(await encode(bundle), policy)).holds;
  const accepted = [];
  let tried = 0;
  for (const name of names) {
    const text = members[name];
    for (let at = 0; at < text.length; at++, tried++) {
      const altered = String.fromCharCode(text.charCodeAt(at) ^ bits[at % bits.length]);
      const flipped = text.slice(0, at) + altered + text.slice(at + 1);
      if (await holds({ ...members, [name]: flipped })) accepted.push([name, at]);
    }
  }
  return [await holds(members), tried, accepted];
}"""
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


def _content(name: str) -> bytes:
    made = CASES[name][0]()
    return made if isinstance(made, bytes) else made.encode()


@pytest.mark.parametrize("name", CASES)
def test_python(name: str) -> None:
    """By the policy, as the others."""
    proven = prove(_content(name), Trust(policy=GOOD.policy.encode()))
    assert (proven.failed.step.value if proven.failed else None) == CASES[name][1]
    assert proven.second is (name == "a second content")


def test_go(program: Path, tmp_path: Path) -> None:
    """On the libraries of others: all cases in one run, a line each; one alone sets the exit status."""
    (tmp_path / "policy").write_text(GOOD.policy)
    files = [f"{number}.json" for number in range(len(CASES))]
    for file, name in zip(files, CASES, strict=True):
        (tmp_path / file).write_bytes(_content(name))
    done = go_says(program, tmp_path, "policy", *files)
    words = [line.split() for line in done.stdout.splitlines()]
    said = dict(zip(CASES, (one[:2] + one[3:] for one in words), strict=True))
    expected = {name: _line(name, step) for name, (_, step) in CASES.items()}
    assert said == expected, done.stderr
    assert done.returncode == 1
    assert go_says(program, tmp_path, "policy", "0.json").returncode == 0


def _line(name: str, step: int | None) -> list[str]:
    """What it says of a case, without the id."""
    kind = "equivocation" if name == "a second content" else "event"
    return ["holds", COMMISSION_ML, kind] if step is None else ["step", str(step)]


def test_go_finds_every_byte_that_was_altered(program: Path, tmp_path: Path) -> None:
    """Each character of each member, by somebody who makes the checksum anew: one process over a folder of them."""
    (tmp_path / "policy").write_text(GOOD.policy)
    files = {f"{name}{at}": flipped for name, at, flipped in flips(WITH_RECEIPT)}
    for file, flipped in files.items():
        (tmp_path / file).write_bytes(flipped.encode())
    done = go_says(program, tmp_path, "policy", *files)
    said = dict(zip(files, done.stdout.splitlines(), strict=True))
    assert {file for file, line in said.items() if not line.startswith("step ")} == set()


def test_the_go_program_is_short_enough_to_be_read() -> None:
    """Whoever audits us reads it in one sitting."""
    assert len((GO / "verify.go").read_text().splitlines()) <= LONGEST


async def test_the_browser(browser_page: Page) -> None:
    """All cases in one page, which reaches nobody: the same verdict at the same step."""
    assert await browser_page.evaluate("tamaniProof.able()")
    with listening() as port:
        knock = f"fetch('http://127.0.0.1:{port}/', {{mode: 'no-cors'}}).catch(() => 'nobody')"
        assert await browser_page.evaluate(knock) == "nobody"
    for name, (_, step) in CASES.items():
        given = [_content(name).decode(), GOOD.policy]
        outcomes, second = await browser_page.evaluate(
            "async ([text, policy]) => (({ steps, second }) => [steps, second])(await tamaniProof.prove(text, policy))",
            given,
        )
        expected = [True] * 9 if step is None else [True] * step + [False] + [None] * (8 - step)
        assert outcomes == expected, name
        assert bool(second) is (name == "a second content"), name


async def test_the_browser_finds_every_byte_that_was_altered(browser_page: Page) -> None:
    """The same as in Go: the page makes the altered files itself, all in one call; left alone, its file holds."""
    given = [asdict(WITH_RECEIPT), GOOD.policy, list(SIGNED), list(BITS)]
    holds, tried, accepted = await browser_page.evaluate(FLIPS, given)
    assert (holds, accepted) == (True, [])
    assert tried == sum(len(getattr(WITH_RECEIPT, name)) for name in SIGNED)
