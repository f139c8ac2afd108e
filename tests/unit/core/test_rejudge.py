"""The archive's judgement: the key, its body and its rights at the instant of recording, and the marks of time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tamani.core.event import format_time
from tamani.core.judge import SKEW, rejudge
from tamani.core.policy import RETIRED_GRACE
from tamani.core.verdict import Forward, Refuse
from tests.support.notices import COMMISSION_ML, body_row, event, key_of, key_row, registry, seal, seal_bytes

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
AT = {"before": T0 - SECOND, "at": T0, "after": T0 + SECOND}

# A change at T0 in the row of the key or of the body, and the code before, at and after that instant.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str | None, str | None, str | None]]] = {
    "begins": ({"not_before": T0}, {}, ("refused.key.expired", None, None)),
    "ends": ({"not_after": T0}, {}, (None, "refused.key.expired", "refused.key.expired")),
    "suspended": ({"state": "suspended"}, {}, ("refused.key.suspended",) * 3),
    "compromised": (
        {"state": "compromised", "compromised_since": T0},
        {},
        (None, "refused.key.compromised", "refused.key.compromised"),
    ),
    "retired": ({"state": "retired", "retired_at": T0}, {}, (None, None, None)),
    "retired 35 days ago": (
        {"state": "retired", "retired_at": T0 - RETIRED_GRACE},
        {},
        (None, "refused.key.retired", "refused.key.retired"),
    ),
    "the body begins": ({}, {"valid_from": T0}, ("refused.policy.body", None, None)),
    "the body ends": ({}, {"valid_to": T0}, (None, "refused.policy.body", "refused.policy.body")),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("moment", AT)
def test_each_change_counts_from_its_instant_of_recording(change: str, moment: str) -> None:
    """Whatever the notice says of its own time: a thief would date it back."""
    key, body, codes = CHANGES[change]
    bodies = [body_row(COMMISSION_ML, **body)]
    known = registry((COMMISSION_ML,), bodies=bodies, keys=[key_row(COMMISSION_ML, **key)])
    for said in ("2025-02-01T00:00:00Z", "2026-03-02T08:00:00Z"):
        verdict = rejudge(seal(event(time=said)), known, AT[moment])
        got = verdict.name if isinstance(verdict, Refuse) else None
        assert got == codes[list(AT).index(moment)]
        if isinstance(verdict, Refuse):
            assert verdict.event is not None
            assert verdict.keyid == known.keys[0].keyid


def test_rights_are_those_of_the_instant() -> None:
    known = registry(keys=[key_row(COMMISSION_ML, rights=[])])
    verdict = rejudge(seal(event()), known, T0)
    assert isinstance(verdict, Refuse)
    assert verdict.name == "refused.policy.type"


def test_the_signature_is_verified_again() -> None:
    value = seal(event())
    verdict = rejudge(value.replace(b'"sig":"', b'"sig":"AA', 1), registry(), T0)
    assert isinstance(verdict, Refuse)
    assert verdict.name == "refused.envelope.base64"
    stranger = rejudge(seal_bytes(b"{}", key_of(COMMISSION_ML, 9)), registry(), T0)
    assert isinstance(stranger, Refuse)
    assert stranger.name == "refused.key.unknown"


def test_the_version_of_the_registry_is_the_one_that_judged() -> None:
    verdict = rejudge(seal(event()), registry(version=12), T0)
    assert isinstance(verdict, Forward)
    assert verdict.registry_version == 12


@pytest.mark.parametrize(
    ("said", "expires", "marks"),
    [
        (T0, None, ()),
        (T0 + SKEW, None, ()),
        (T0 + SKEW + SECOND, None, ("clock-ahead",)),
        (T0 - timedelta(days=400), None, ()),
        (T0, T0 + SECOND, ()),
        (T0, T0, ("late",)),
        (T0, T0 - SECOND, ("late",)),
        (T0 + SKEW + SECOND, T0, ("clock-ahead", "late")),
    ],
)
def test_a_fast_clock_or_a_late_arrival_is_marked_and_never_refused(
    said: datetime, expires: datetime | None, marks: tuple[str, ...]
) -> None:
    value = seal(event(time=format_time(said), expirytime=expires and format_time(expires)))
    verdict = rejudge(value, registry(), T0)
    assert isinstance(verdict, Forward)
    assert verdict.marks == marks
