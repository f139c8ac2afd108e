"""What a form says before its node seals: why, with which labels, for whom it could not."""

import pytest

from tamani.core.errors import RefusedError
from tamani.core.faults import InvalidError
from tamani.desk.forms.sealing import marks_for, sealing_of, usual_mark
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, registry
from tests.support.sealed import AT

MARKS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
HEAD = {"head": {"title": "Réunion"}}


def test_why_a_notice_is_sealed() -> None:
    assert sealing_of("agenda.meeting", "ordinaire", "GREEN", HEAD) is None
    assert sealing_of("agenda.meeting", "ordinaire", "GREEN", {"head": "mal"}) is None
    for given, why in (
        (("agenda.meeting", "ordinaire", "RED", HEAD), "RED"),
        (("agenda.meeting", "ordinaire", "AMBER+STRICT", HEAD), "AMBER+STRICT"),
        (("monitor.report", "flash", "AMBER", {"head": {"caveats": ["witness"]}}), "caveats"),
        (("exchange.request", "mise-en-relation", "AMBER", HEAD), "mise-en-relation"),
    ):
        found = sealing_of(*given)
        assert found is not None
        assert found.why == why


def test_labels_of_what_is_always_sealed_have_readers() -> None:
    assert marks_for("exchange.request", "mise-en-relation", MARKS) == ("AMBER", "AMBER+STRICT", "RED")
    assert marks_for("exchange.request", "question", MARKS) == MARKS
    assert marks_for("public.notice", "information", MARKS) == ("CLEAR",)
    assert marks_for("exchange.request", "mise-en-relation", MARKS[:2]) == ()
    assert usual_mark("exchange.request", "mise-en-relation", ("AMBER", "RED")) == "RED"
    assert usual_mark("exchange.request", "mise-en-relation", ("AMBER",)) == "AMBER"
    assert usual_mark("monitor.alert", "alerte", MARKS) == "AMBER"
    assert usual_mark("agenda.meeting", "ordinaire", MARKS) == "GREEN"
    assert usual_mark("agenda.meeting", "ordinaire", ()) == ""


def test_what_the_node_would_refuse_is_stopped_before() -> None:
    """Each body without a reading key by its name."""
    found = sealing_of("exchange.request", "mise-en-relation", "GREEN", HEAD)
    assert found is not None
    with pytest.raises(RefusedError) as low:
        found.check(registry(), "GREEN", (COMMISSION_ML,), AT)
    assert low.value.code.name == "refused.sealed.label"
    found.check(registry(), "RED", (COMMISSION_ML, COMMISSION_NE), AT)
    with pytest.raises(InvalidError) as lacking:
        found.check(registry().model_copy(update={"recipients": ()}), "RED", (COMMISSION_ML, COMMISSION_NE), AT)
    assert lacking.value.code.name == "refused.sealed.recipient"
    assert [fault.label_fr for fault in lacking.value.faults] == [
        registry().name(COMMISSION_ML, "fr"),
        registry().name(COMMISSION_NE, "fr"),
    ]
