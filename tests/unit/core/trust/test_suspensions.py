"""Any one officer silences a key at once; nobody ends that alone."""

from datetime import timedelta
from typing import Any

import pytest

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.policy import key_state
from tamani.core.registry import Registry
from tamani.core.trust import suspensions
from tamani.core.trust.bundle import Bundle
from tamani.core.trust.opening import open_registry
from tamani.core.trust.suspensions import Listed, suspend
from tests.support.notices import COMMISSION_ML, TRUSTED, key_of, key_row, registry
from tests.support.registries import NOW, OFFICERS, bundle_of, decided, office_key

KEYID = key_of(COMMISSION_ML).keyid
ONE = suspend(KEYID, NOW, "téléphone perdu", OFFICERS[2])


def opened(bundle: Bundle, last: Registry | None = None) -> Registry:
    return open_registry(bundle.encode(), TRUSTED, last)


def refusal(bundle: Bundle, last: Registry | None = None) -> str:
    with pytest.raises(RefusedError) as caught:
        opened(bundle, last)
    return caught.value.code.name


def document(version: int = 1, **changes: Any) -> Registry:
    return decided(registry((COMMISSION_ML,), version, keys=[key_row(COMMISSION_ML, **changes)]))


def test_one_officer_silences_a_key_at_once() -> None:
    """The document stays; the registry's number moves, so that all judge again."""
    held = opened(bundle_of(document()))
    found = opened(bundle_of(document(), listed=[ONE], version=2), held)
    row = found.key(KEYID)
    assert row is not None
    assert key_state(row, NOW + timedelta(days=9)) == "refused.key.suspended"
    assert (found.version, found.as_signed and found.as_signed.version) == (2, 1)
    assert found.standing is not None
    assert [(s.keyid, s.reason, s.by) for s in found.standing.suspended] == [
        (KEYID, "téléphone perdu", OFFICERS[2].keyid)
    ]


def test_a_suspension_that_is_gone_was_ended_by_nobody() -> None:
    """One officer alone signs a shorter list: whoever has seen the longer one keeps it."""
    held = opened(bundle_of(document(), listed=[ONE], version=2))
    other = suspend("ab" * 32, NOW, "autre", OFFICERS[0])
    assert refusal(bundle_of(document(), listed=[other], version=3), held) == "refused.registry.suspension"


def test_two_officers_lift_it_by_a_row_that_names_it() -> None:
    held = opened(bundle_of(document(), listed=[ONE], version=2))
    lifted = document(2, lifts=(ONE.opened().name,))
    found = opened(bundle_of(lifted, listed=[ONE], version=3), held)
    row = found.key(KEYID)
    assert row is not None
    assert key_state(row, NOW) is None
    assert found.standing is not None
    assert found.standing.suspended == ()


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (suspend(KEYID, NOW, "x", key_of(COMMISSION_ML)), "refused.registry.suspension"),
        (suspend(KEYID, NOW, "x", office_key("online")), "refused.registry.suspension"),
        (suspend(KEYID, NOW, "x", office_key("root", Country.BF)), "refused.registry.suspension"),
        (ONE.model_copy(update={"reason": "autre"}), "refused.registry.suspension"),
        (suspend(KEYID, NOW, " ", OFFICERS[0]), "refused.registry.reason"),
    ],
    ids=["a body's", "the publisher's", "a root's", "another's words", "no reason"],
)
def test_an_entry_is_its_officer_s_own_with_a_reason(entry: Listed, code: str) -> None:
    assert refusal(bundle_of(document(), listed=[entry])) == code


def test_a_suspension_hides_no_graver_state() -> None:
    """Compromised stays compromised: what it said is still marked."""
    found = opened(bundle_of(document(state="compromised", compromised_since=NOW), listed=[ONE]))
    row = found.key(KEYID)
    assert row is not None
    assert (row.state, row.compromised_since) == ("compromised", NOW)


@pytest.mark.parametrize("text", ["", "{}", '[{"keyid":"x"}]', "[1]"])
def test_a_list_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        suspensions.decode(text)
    assert caught.value.code.name == "refused.registry"
