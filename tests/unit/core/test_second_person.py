"""Which notices wait for a second person: every type and profile of the catalogue has its answer, data included."""

from typing import Any

import pytest

from tamani.core.catalogue import catalogue
from tamani.core.second_person import Why, second_person
from tests.support.notices import PROFILES, data_of

TWO = {"monitor.alert:alerte", "monitor.alert:a-confirmer", "agenda.record:dialogue"} | {
    f"monitor.report:{profile}" for profile in catalogue()["monitor.report"].profiles
}


def asked(kind: str, profile: str, tlp: str = "GREEN", always: bool = False, **changes: Any) -> Why | None:
    """The rule's word on valid data of this profile."""
    return second_person(catalogue()[kind], profile, tlp, data_of(kind, profile=profile) | changes, always=always)


@pytest.mark.parametrize(("kind", "profile"), PROFILES, ids=":".join)
def test_each_profile_has_its_answer(kind: str, profile: str) -> None:
    """By its nature, once it is public, and where its body asks for it."""
    soft = kind in {"ack", "withdrawal"}
    two = f"{kind}:{profile}" in TWO
    given: dict[str, Any] = {"urgency": "Expected"} if kind == "monitor.alert" else {}
    assert asked(kind, profile, **given) == (Why.TYPE if two else None)
    assert asked(kind, profile, "CLEAR", **given) == (None if soft else Why.PUBLIC)
    assert asked(kind, profile, always=True, **given) == (None if soft else Why.TYPE if two else Why.BODY)


@pytest.mark.parametrize(
    ("profile", "urgency", "msg_type", "tlp", "why"),
    [
        ("a-confirmer", "Immediate", "Alert", "AMBER", None),
        ("a-confirmer", "Immediate", "Update", "GREEN", None),
        ("a-confirmer", "Immediate", "Cancel", "AMBER", Why.TYPE),
        ("a-confirmer", "Immediate", "Alert", "CLEAR", Why.PUBLIC),
        ("a-confirmer", "Expected", "Alert", "AMBER", Why.TYPE),
        ("alerte", "Immediate", "Alert", "AMBER", Why.TYPE),
    ],
)
def test_an_immediate_alert_to_be_confirmed_does_not_wait(
    profile: str, urgency: str, msg_type: str, tlp: str, why: Why | None
) -> None:
    """It goes out alone, marked as such; that all is well, or an alert to everybody, takes two. Also if a body asks."""
    for always in (False, True):
        assert asked("monitor.alert", profile, tlp, always, urgency=urgency, msg_type=msg_type) == why
