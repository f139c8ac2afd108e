"""The log's policies in the registry: what was named stays named, in order, and each of their keys has one role."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tamani.core.errors import RefusedError
from tamani.core.log.note import Kind, NoteKey
from tamani.core.names import Country
from tamani.core.registry import LogPolicy, Registry
from tamani.core.trust.describing import changes
from tamani.core.trust.opening import open_registry
from tamani.core.trust.policies import OVERLAP, held_at
from tamani.core.trust.revising import revised
from tests.support.keys import key_of
from tests.support.notices import COMMISSION_ML, TRUSTED, registry
from tests.support.registries import NOW, OFFICERS, bundle_of, decided, office_key
from tests.support.small_log import log_key, policy_text, witness_key

DAY = timedelta(days=1)
ONE = policy_text(log_key())
TWO = policy_text(log_key("tamani.test/log-2"))


def with_witness(key: NoteKey) -> str:
    """The first policy with another key of Niger's witness."""
    return ONE.replace(str(witness_key("ne").verifier), str(key.verifier))


def cosigner(name: str, key: Any) -> NoteKey:
    return NoteKey(name, Kind.COSIGNATURE, key)


def naming(*texts: str, version: int = 1, issued: datetime = NOW, **changes: Any) -> Registry:
    """A document that names these, one a day, the last on the day that it was issued."""
    since = [issued - DAY * n for n in range(len(texts) - 1, -1, -1)]
    named = tuple(LogPolicy(since=at, text=text) for at, text in zip(since, texts, strict=True))
    rows = {"log_policies": named, "log_policy": named[-1].sha256 if named else None, "issued": issued} | changes
    return decided(registry((COMMISSION_ML,), version, **rows), at=NOW)


def opened(document: Registry, last: Registry | None = None) -> Registry:
    return open_registry(bundle_of(document).encode(), TRUSTED, last)


def refusal(document: Registry, last: Registry | None = None) -> str:
    with pytest.raises(RefusedError) as caught:
        opened(document, last)
    return caught.value.code.name


def test_what_was_named_is_what_is_read() -> None:
    """Both of them, and a document of before that names its policy by digest alone."""
    assert [policy.text for policy in opened(naming(ONE, TWO)).log_policies] == [ONE, TWO]
    assert opened(naming(log_policy="ab" * 32)).log_policies == ()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (naming(ONE, log_policy="ab" * 32), "refused.registry"),
        (naming(ONE, log_policy=None), "refused.registry"),
        (naming("quorum nobody\n"), "refused.log.policy"),
        (naming(ONE, log_policies=[LogPolicy(since=NOW + DAY, text=ONE)]), "refused.registry"),
        (
            naming(ONE, log_policies=[LogPolicy(since=NOW, text=TWO), LogPolicy(since=NOW - DAY, text=ONE)]),
            "refused.registry",
        ),
    ],
    ids=["another digest", "no digest", "no policy", "of tomorrow", "out of order"],
)
def test_a_document_says_one_thing_of_them(document: Registry, code: str) -> None:
    assert refusal(document) == code


@pytest.mark.parametrize(
    "text",
    [
        with_witness(cosigner("tamani.test/witness/ne", key_of(COMMISSION_ML))),
        with_witness(cosigner("tamani.test/witness/ne", OFFICERS[0])),
        with_witness(cosigner("tamani.test/witness/ne", office_key("root", Country.ML))),
        with_witness(cosigner("tamani.test/witness/ne", office_key("online"))),
        policy_text(NoteKey("tamani.test/log", Kind.NOTE, key_of(COMMISSION_ML))),
    ],
    ids=["a body's", "an officer's", "a root's", "the publisher's", "a body's, as the log's"],
)
def test_a_key_of_the_log_or_of_a_witness_is_nobody_s_besides(text: str) -> None:
    """In either order: whichever was enrolled first, the other is refused. A policy that is replaced stays a role."""
    assert refusal(naming(text)) == "refused.key.reused"
    assert refusal(naming(text, ONE)) == "refused.key.reused"


def test_a_key_of_the_log_becomes_no_witness_later_and_none_takes_another_s_name() -> None:
    """One key, one role, over all policies that ever were; the same key under the same name goes on."""
    was_log = cosigner("tamani.test/witness/ne", log_key("tamani.test/log-2").key)
    renamed = cosigner("tamani.test/witness/other", witness_key("ne").key)
    for text in (with_witness(was_log), with_witness(renamed)):
        assert refusal(naming(TWO, text)) == "refused.key.reused"
    assert opened(naming(ONE, with_witness(witness_key("ne-2")), ONE)).version == 1


def test_none_is_dropped_changed_or_put_in_later_with_an_earlier_date() -> None:
    """Against the last good copy."""
    last = opened(naming(ONE, log_policies=[LogPolicy(since=NOW - 2 * DAY, text=ONE)]))
    named = [*last.log_policies, LogPolicy(since=NOW + DAY, text=TWO)]
    after = naming(TWO, version=2, issued=NOW + DAY, log_policies=named)
    assert opened(after, last).version == 2
    early = [*last.log_policies, LogPolicy(since=NOW - timedelta(seconds=1), text=TWO)]
    for document in (
        naming(TWO, version=2),
        naming(version=2),
        naming(version=2, issued=NOW + DAY, log_policy=after.log_policy, log_policies=early),
    ):
        assert refusal(document, last) == "refused.registry.rollback"


def test_one_counts_until_its_successor_has_for_a_while() -> None:
    """Services change one after the other; before it was named it counts for nothing, the last has no end."""
    known = naming(ONE, TWO)
    first, second = known.log_policies
    assert held_at(known, ONE, first.since)
    assert held_at(known, ONE, second.since + OVERLAP - timedelta(seconds=1))
    assert not held_at(known, ONE, second.since + OVERLAP)
    assert not held_at(known, TWO, second.since - DAY)
    assert held_at(known, TWO, second.since + 9 * OVERLAP)
    assert not held_at(known, ONE + "\n", second.since)


def test_the_next_document_takes_a_policy_along_and_says_so() -> None:
    """Named once, it stays without being named again; the sheet has a line for a new one."""
    first = revised(naming(), (), (), NOW, log_policy=ONE)
    assert first is not None
    assert revised(first, (), (), NOW + DAY, log_policy=ONE) is None
    assert revised(first, (), (), NOW + DAY) is None
    second = revised(first, (), (), NOW + DAY, log_policy=TWO)
    assert second is not None
    assert [(policy.since, policy.text) for policy in second.log_policies] == [(NOW, ONE), (NOW + DAY, TWO)]
    (french,), (english,) = (changes(first, second, lang) for lang in ("fr", "en"))
    assert "tamani.test/log-2, tamani.test/witness/bf" in french
    assert english.startswith("Policy of the log from 2026-01-02")
    assert changes(None, first, "fr")
