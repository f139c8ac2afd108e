"""Each breach of the registry's rules is refused, and without its rule it succeeds: no rule is there for show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from tamani.core.errors import RefusedError
from tamani.core.log.note import Kind, NoteKey
from tamani.core.registry import Registry
from tamani.core.trust.opening import open_registry
from tamani.core.trust.statements import merged
from tamani.core.trust.suspensions import suspend
from tests.support.mutants import MUTANTS
from tests.support.notices import COMMISSION_ML, TRUSTED, key_of, key_row, registry
from tests.support.registries import COUNTRIES, NOW, OFFICERS, bundle_of, decided
from tests.support.small_log import policy_text
from tests.unit.core.trust.test_rules import AT, body, compromised, decision, key, opened, signed

BF, ML, NE = COUNTRIES
ROWS = (body(COMMISSION_ML), key(COMMISSION_ML))


@dataclass(frozen=True)
class Breach:
    """What is tried, the code that it gets, and the rule (`tests.support.mutants`) without which it succeeds."""

    code: str
    without: str
    attempt: Callable[[], Registry]


def two_others() -> Registry:
    return opened(*ROWS, signatures=merged(signed(ROWS[0], by=(BF, NE)), signed(ROWS[1], by=(BF, NE))))


def without_a_wish() -> Registry:
    rows = (ROWS[0], key(COMMISSION_ML, 5))
    return opened(*rows, signatures=signed(*rows))


def at_once() -> Registry:
    rows = (ROWS[0], key(COMMISSION_ML, not_before=AT))
    return opened(*rows, signatures=signed(*rows))


def long_ago() -> Registry:
    rows = compromised(400)
    return opened(*rows, signatures=merged(signed(rows[0], rows[2]), signed(rows[1], by=(ML, BF))))


def without_a_reason() -> Registry:
    rows = (ROWS[0], key(COMMISSION_ML, state="suspended", decision=decision()))
    return opened(*rows, signatures=signed(*rows))


def words_of_another() -> Registry:
    rows = compromised(3, reply="C'est exact.")
    return opened(*rows, signatures=signed(*rows))


def an_officer_s_key() -> Registry:
    row = key_row(COMMISSION_ML) | {"keyid": OFFICERS[0].keyid, "public": OFFICERS[0].public.hex()}
    return open_registry(bundle_of(decided(registry((COMMISSION_ML,), keys=[row]))).encode(), TRUSTED)


def a_witness_s_key() -> Registry:
    policy = policy_text(NoteKey("tamani.test/log", Kind.NOTE, key_of(COMMISSION_ML)))
    named: dict[str, Any] = {"log_policies": [{"since": NOW, "text": policy}]}
    named["log_policy"] = sha256(policy.encode()).hexdigest()
    return open_registry(bundle_of(decided(registry((COMMISSION_ML,), issued=NOW, **named))).encode(), TRUSTED)


def an_older_one() -> Registry:
    held = open_registry(bundle_of(decided(registry(version=2))).encode(), TRUSTED)
    return open_registry(bundle_of(decided(registry(version=1))).encode(), TRUSTED, held)


def a_suspension_by_a_body() -> Registry:
    entry = suspend(key_of(COMMISSION_ML).keyid, NOW + timedelta(days=1), "x", key_of(COMMISSION_ML))
    return open_registry(bundle_of(decided(registry()), listed=[entry]).encode(), TRUSTED)


BREACHES = (
    Breach("refused.registry.officers", "decision", two_others),
    Breach("refused.registry.possession", "enrolment", without_a_wish),
    Breach("refused.registry.delay", "enrolment", at_once),
    Breach("refused.registry.since", "since", long_ago),
    Breach("refused.registry.reason", "reason", without_a_reason),
    Breach("refused.registry.reply", "reply", words_of_another),
    Breach("refused.key.reused", "reuse", an_officer_s_key),
    Breach("refused.key.reused", "role", a_witness_s_key),
    Breach("refused.registry.rollback", "succession", an_older_one),
    Breach("refused.registry.suspension", "suspension", a_suspension_by_a_body),
)


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.attempt.__name__)
def test_a_breach_is_refused_and_succeeds_without_its_rule(breach: Breach, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes, twice."""
    with pytest.raises(RefusedError) as caught:
        breach.attempt()
    assert caught.value.code.name == breach.code
    MUTANTS[breach.without].apply(monkeypatch)
    assert breach.attempt().keys
