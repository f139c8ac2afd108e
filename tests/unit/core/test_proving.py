"""One file proves one notice: each step of the recipe holds, and falls for each way of lying that it is there for."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from tamani.core import proving
from tamani.core.bundle import ProofBundle
from tamani.core.proven import WORDS, Proven, Step, Trust
from tamani.core.proving import open_own, prove, registry_env
from tamani.core.registry import Registry
from tamani.core.trust.opening import open_registry
from tests.support.notices import COMMISSION_ML, TRUSTED, Speaker, key_of, key_row, registry_value
from tests.support.proofs import BITS, Provable, flips
from tests.support.small_log import AT, WITNESSES, SmallLog, log_key, policy_text, witness_key

GOOD = Provable(sources=(COMMISSION_ML,))
BUNDLE = GOOD.bundle()
ROOT = GOOD.trust
POLICY = Trust(policy=GOOD.policy.encode())


def fell(bundle: ProofBundle | bytes, trust: Trust = ROOT) -> tuple[Step, str] | None:
    """The step that failed, and its code; all after it were left alone."""
    proven = prove(bundle if isinstance(bundle, bytes) else bundle.encode(), trust)
    failed = proven.failed
    assert [outcome.step for outcome in proven.outcomes] == list(Step)
    assert proven.holds is (failed is None)
    if failed is None:
        return None
    assert all(outcome.holds is None for outcome in proven.outcomes if outcome.step > failed.step)
    return failed.step, failed.name


@pytest.mark.parametrize("trust", [ROOT, POLICY, Trust(policy=GOOD.policy.encode(), roots=TRUSTED)])
def test_a_proof_holds_for_whoever_brings_a_root_or_a_policy(trust: Trust) -> None:
    """And says whose word it was, when it was recorded and when it was witnessed."""
    proven = prove(BUNDLE.encode(), trust)
    assert proven.holds
    assert proven.event is not None and proven.leaf is not None and proven.witnessed is not None  # noqa: PT018
    assert (proven.event.source, proven.index, proven.leaf.rt) == (COMMISSION_ML, 1, GOOD.recorded)
    assert proven.witnessed.timestamp() == AT


def test_the_words_are_there_in_both_languages() -> None:
    """For what holds, what fails and what was not examined."""
    assert set(WORDS) == set(Step)
    good, bad = prove(BUNDLE.encode(), ROOT), prove(b"", ROOT)
    for lang in ("fr", "en"):
        said = [outcome.sentence(lang) for outcome in good.outcomes]
        assert len(set(said)) == len(Step)
        assert bad.outcomes[0].sentence(lang) != said[0]
        assert len({outcome.sentence(lang) for outcome in bad.outcomes[1:]}) == 1
    assert good.outcomes[1].sentence("fr") != good.outcomes[1].sentence("en")
    assert (good.outcomes[0].code, Proven().failed) == (None, None)


def test_whoever_brings_nothing_is_proven_nothing() -> None:
    """What a file says of itself is no proof."""
    assert fell(BUNDLE, Trust()) == (Step.POLICY, "refused.proof.policy")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[1]",
        BUNDLE.encode().replace(b'"v": 1', b'"v": 2'),
        BUNDLE.encode().replace(b'"v": 1', b'"v":  1'),
        BUNDLE.encode()[:-1],
        BUNDLE.encode().replace(b'"sha256": "', b'"sha256": "0'),
        BUNDLE.encode().replace(b'"entry": "', b'"entry": "0'),
        b" " * (8 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_proof(content: bytes) -> None:
    """Empty, other members, another version or spelling, cut, damaged, too long."""
    assert fell(content) == (Step.SHAPE, "refused.proof")


def test_the_envelope_stands_in_one_spelling() -> None:
    """No second spelling of what was signed, and nothing that is no envelope."""
    spaced = BUNDLE.envelope.replace('":', '": ')
    assert fell(replace(BUNDLE, envelope=spaced)) == (Step.ENVELOPE, "refused.proof")
    assert fell(replace(BUNDLE, envelope="{}")) == (Step.ENVELOPE, "refused.envelope")


def test_the_entry_names_this_envelope() -> None:
    """Another notice of the same body; another signature; the registry's own leaf; no entry."""
    other = Provable(sources=(COMMISSION_ML,), value=Speaker().seals("law.item")).bundle()
    assert fell(replace(BUNDLE, envelope=other.envelope)) == (Step.ENTRY, "refused.proof.entry")
    assert fell(replace(BUNDLE, entry=BUNDLE.registry_entry)) == (Step.ENTRY, "refused.proof.entry")
    assert fell(replace(BUNDLE, entry="{}")) == (Step.ENTRY, "refused.log.entry")


def test_the_policy_is_the_verifiers_or_the_roots() -> None:
    """A policy of the liar's own making, with their own witnesses, even where all else fits it."""
    liar = Provable(log=SmallLog(log_key("liar.test/log")), sources=(COMMISSION_ML,), changes={"log_policy": "0" * 64})
    assert fell(liar.bundle()) == (Step.POLICY, "refused.proof.policy")
    assert fell(replace(BUNDLE, policy=liar.policy)) == (Step.POLICY, "refused.proof.policy")
    assert fell(liar.bundle(), POLICY) == (Step.POLICY, "refused.proof.policy")
    assert fell(BUNDLE, Trust(roots=("0" * 64,))) == (Step.POLICY, "refused.registry.root")


def test_the_verifiers_own_policy_goes_first() -> None:
    """Where a registry that they believe names the one in the file, theirs is what the signatures are held against."""
    stranger = policy_text(log_key("another.test/log")).encode()
    assert fell(BUNDLE, Trust(policy=stranger, roots=TRUSTED)) == (Step.LOG, "refused.log.origin")


WITNESSED = datetime.fromtimestamp(AT, UTC)
# Niger's witness has another key since: the policy of today, after the one of then.
TODAY = GOOD.policy.replace(str(WITNESSES["ne"].verifier), str(witness_key("ne-2").verifier))


def today(since: datetime = WITNESSED + timedelta(days=1), *texts: str) -> bytes:
    """The registry as it is now: version 9, with the policies that came before."""
    named = [(GOOD.policy, WITNESSED - timedelta(days=300)), *((text, since) for text in texts or (TODAY,))]
    policies = [{"text": text, "since": at} for text, at in named]
    digest = hashlib.sha256(named[-1][0].encode()).hexdigest()
    return registry_value((COMMISSION_ML,), 9, log_policy=digest, log_policies=policies, issued=since)


def test_a_proof_of_before_holds_under_the_policy_of_then() -> None:
    """By the root alone; by today's policy, with today's registry that says what came before it."""
    assert fell(BUNDLE, Trust(roots=TRUSTED)) is None
    assert fell(BUNDLE, Trust(policy=TODAY.encode())) == (Step.POLICY, "refused.proof.policy")
    assert fell(BUNDLE, Trust(policy=TODAY.encode(), roots=TRUSTED, registry=today())) is None
    assert fell(BUNDLE, Trust(roots=TRUSTED, registry=today())) is None
    assert fell(BUNDLE, Trust(roots=TRUSTED, registry=b"{}")) == (Step.POLICY, "refused.registry")


def test_a_notice_of_before_may_be_witnessed_under_the_policy_that_came_after() -> None:
    """The file's own registry does not know it yet; today's does. Long after it was replaced, it counts no more."""
    unnamed = Provable(sources=(COMMISSION_ML,), changes={"log_policy": None}).bundle()
    assert fell(unnamed, Trust(roots=TRUSTED)) == (Step.POLICY, "refused.proof.policy")
    for days, expected in ((1, None), (-34, None), (-36, (Step.WITNESSES, "refused.proof.policy"))):
        brought = Trust(roots=TRUSTED, registry=today(WITNESSED + timedelta(days=days)))
        assert fell(unnamed, brought) == expected
    early = Trust(roots=TRUSTED, registry=today(WITNESSED + timedelta(days=2), TODAY, GOOD.policy + "\n"))
    later = Provable(sources=(COMMISSION_ML,), changes={"log_policy": None})
    later.policy += "\n"
    assert fell(later.bundle(), early) == (Step.WITNESSES, "refused.proof.policy"), "before it was named"


def test_a_line_of_a_stranger_or_more_than_the_proof_is_not_carried() -> None:
    """Each byte of the file is read: signatures that nobody checks, or an extra, have no place in it."""
    assert fell(replace(BUNDLE, proof=BUNDLE.proof + "— stranger AAAAAAAA\n")) == (Step.POLICY, "refused.proof")
    extra = BUNDLE.proof.replace("index 1", "extra AAAA\nindex 1")
    assert fell(replace(BUNDLE, proof=extra)) == (Step.POLICY, "refused.proof")


def test_the_entry_is_in_the_log() -> None:
    """Another place, another time of the archive's, no path."""
    assert fell(replace(BUNDLE, proof=BUNDLE.proof.replace("index 1", "index 2")))[1] == "refused.log.inclusion"  # type: ignore[index]
    later = BUNDLE.entry.replace("09:00:05", "09:00:06")
    assert fell(replace(BUNDLE, entry=later)) == (Step.INCLUSION, "refused.log.inclusion")
    assert fell(replace(BUNDLE, proof="")) == (Step.POLICY, "refused.log.proof")


def test_the_log_has_signed() -> None:
    """A checkpoint by another key under the log's name, and a signature that does not hold."""
    line = BUNDLE.proof.split("\n")[-4]
    name, _, coded = line.rpartition(" ")
    raw = bytearray(base64.b64decode(coded))
    raw[20] ^= 1
    forged = BUNDLE.proof.replace(line, f"{name} {base64.b64encode(raw).decode()}")
    assert fell(replace(BUNDLE, proof=forged)) == (Step.LOG, "refused.log.signature")
    unsigned = BUNDLE.proof.replace(line + "\n", "")
    assert fell(replace(BUNDLE, proof=unsigned)) == (Step.LOG, "refused.log.origin")


@pytest.mark.parametrize("countries", [("bf",), ("ml",), ("bf", "ne"), ("ne",)])
def test_both_countries_that_do_not_host_have_seen_it(countries: tuple[str, ...]) -> None:
    """One is not enough, nor one with the host's own."""
    assert fell(GOOD.bundle(*countries)) == (Step.WITNESSES, "refused.proof.quorum")
    assert fell(GOOD.bundle("bf", "ml", "ne")) is None
    lonely = replace(BUNDLE, registry_proof=GOOD.bundle(*countries).registry_proof)
    assert fell(lonely) == (Step.REGISTRY, "refused.proof.quorum")


def test_the_registry_is_the_one_that_the_log_names() -> None:
    """A later version, a content that was never judged by, a leaf that is not its own, or not in the log."""
    version_2 = registry_value((COMMISSION_ML,), 2, log_policy=open_own(GOOD.registry).log_policy).decode()
    assert fell(replace(BUNDLE, registry=version_2)) == (Step.REGISTRY, "refused.proof.registry")
    other = registry_value((COMMISSION_ML,), log_policy=open_own(GOOD.registry).log_policy, demo=True).decode()
    assert fell(replace(BUNDLE, registry=other), POLICY) == (Step.REGISTRY, "refused.proof.registry")
    assert fell(replace(BUNDLE, registry_entry=BUNDLE.entry)) == (Step.REGISTRY, "refused.proof.registry")
    moved = BUNDLE.registry_proof.replace("index 0", "index 1")
    assert fell(replace(BUNDLE, registry_proof=moved)) == (Step.REGISTRY, "refused.log.inclusion")
    assert fell(replace(BUNDLE, registry="{}"), POLICY) == (Step.REGISTRY, "refused.registry")


def test_the_entry_names_the_version_too() -> None:
    """A notice that the archive says it judged by another version."""
    two = Provable(sources=(COMMISSION_ML,))
    two.leaf = replace(two.leaf, reg=2)
    two.log = SmallLog().append(0, two.registry_leaf, two.leaf)
    assert fell(two.bundle()) == (Step.REGISTRY, "refused.proof.registry")


def test_the_key_counted_when_the_archive_recorded_it() -> None:
    """Not yet valid, over, or another body's: judged at the archive's time, as the archive had to."""
    for change, name in (
        ({"not_before": "2026-03-02T09:00:06Z"}, "refused.key.expired"),
        ({"not_after": "2026-03-02T09:00:05Z"}, "refused.key.expired"),
        ({"rights": ["law.item:*"]}, "refused.policy.type"),
    ):
        late = Provable(sources=(COMMISSION_ML,), changes={"keys": [key_row(COMMISSION_ML, **change)]})
        assert fell(late.bundle()) == (Step.KEY, name)


def test_no_entry_is_younger_than_its_witnesses() -> None:
    """Clocks may differ by five minutes, not more: else somebody has dated it forward."""
    recorded = int(prove(BUNDLE.encode(), ROOT).leaf.rt[-3:-1])  # type: ignore[union-attr]
    assert recorded == 5
    moment = 1_772_442_005  # 2026-03-02T09:00:05Z
    assert fell(GOOD.bundle(time=moment - 300)) is None
    assert fell(GOOD.bundle(time=moment - 301)) == (Step.KEY, "refused.proof.time")


def test_a_receipt_says_the_same_or_nothing_is_proven() -> None:
    """With it the proof says when it was promised; one that is altered by a bit, or says nothing, is no proof."""
    receipt = GOOD.receipt()
    proven = prove(replace(BUNDLE, receipt=receipt).encode(), ROOT)
    assert (proven.holds, proven.promised) == (True, GOOD.recorded)
    assert ProofBundle.parse(replace(BUNDLE, receipt=receipt).encode()).receipt == receipt
    assert fell(replace(BUNDLE, receipt=GOOD.receipt(leaf_index=3))) == (Step.LOG, "refused.proof.receipt")
    assert fell(replace(BUNDLE, receipt=GOOD.receipt(key_of(COMMISSION_ML)))) == (Step.LOG, "refused.proof.receipt")
    empty = BUNDLE.encode().replace(b',\n  "sha256"', b',\n  "receipt": "",\n  "sha256"')
    assert fell(empty) == (Step.SHAPE, "refused.proof")


def test_every_byte_counts() -> None:
    """Each byte of the file in turn: refused."""
    content = BUNDLE.encode()
    for at in range(len(content)):
        assert fell(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]) is not None, at


@pytest.mark.parametrize(("trust", "first"), [(ROOT, 0), (ROOT, 1), (POLICY, 3)], ids=["root", "root-1", "policy"])
def test_every_byte_counts_without_the_checksum(monkeypatch: pytest.MonkeyPatch, trust: Trust, first: int) -> None:
    """Each character of each member in turn, in several bits, by somebody who makes the checksum anew: refused by what
    is signed. The registry is the same in all of these, and opened once.
    """
    monkeypatch.setattr(proving, "open_registry", cache(open_registry))
    whole = replace(BUNDLE, receipt=GOOD.receipt())
    assert fell(whole, trust) is None
    held = [(name, at) for name, at, flipped in flips(whole, first) if fell(flipped, trust) is None]
    assert held == []


def test_the_registry_may_lose_a_spare_signature_and_nothing_else() -> None:
    """Three officers signed where two must: what is proven stays the same to the bit, whatever byte is flipped."""
    known = registry_env(open_own(GOOD.registry))
    for at in range(0, len(BUNDLE.registry), 37):
        text = BUNDLE.registry
        flipped = text[:at] + chr(ord(text[at]) ^ BITS[at % len(BITS)]) + text[at + 1 :]
        proven = prove(replace(BUNDLE, registry=flipped).encode(), ROOT)
        assert not proven.holds or (proven.registry and registry_env(proven.registry) == known), at


def test_a_document_that_nobody_signed_has_no_leaf() -> None:
    """Only what was opened from signed bytes has one."""
    bare = Registry.model_validate({"version": 0, "issued": "1970-01-01T00:00:00Z"})
    with pytest.raises(Exception, match=r"refused\.registry: unsigned"):
        registry_env(bare)
