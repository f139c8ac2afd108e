"""What a body may do on a notice: exactly what the lifecycle allows, for every type, and for one that is new."""

from dataclasses import replace
from typing import Any, Literal

import pytest
from pydantic import Field

from tamani.core.catalogue import catalogue
from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head
from tamani.core.deeds import ENDORSEMENT, OWN, STEP, TRANSLATION, VERSION, Deed, deeds
from tamani.core.lifecycle import Act, Lifecycle, Who
from tamani.core.thread import Entry, fold
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, data_of, event, id_of
from tests.support.transitions import OWNER, Say, cells
from tests.unit.core.test_lifecycle import entries

SOFT = {"ack:received", "ack:handled", "ack:will-attend", "ack:will-not-attend", "ack:other-date"}


def names(found: tuple[Deed, ...]) -> list[str]:
    return [deed.name for deed in found]


def test_the_deeds_are_those_of_the_matrix() -> None:
    """State by state and role by role: every version and act that has an effect, and none that has not."""
    wanted: dict[tuple[str, ...], set[str]] = {}
    told: dict[tuple[str, ...], tuple[Say, ...]] = {}
    for cell in cells():
        if cell.state is None or not cell.moves:
            continue
        said = cell.last.act if catalogue()[cell.last.kind].joins else f"{VERSION}:{cell.last.act}"
        where: tuple[str, ...] = (cell.kind, cell.profile, cell.state, cell.last.source)
        told[where] = cell.path
        wanted.setdefault(where, set()).update({said} if cell.allowed else set())
    assert len(wanted) > 300
    for key, right in wanted.items():
        kind, source = key[0], key[-1]
        state = fold(entries(list(told[key]), kind))
        assert state.current is not None
        found = deeds(state, state.current.event, source)
        moves = {deed.name for deed in found if deed.what not in (*OWN, TRANSLATION, ENDORSEMENT, STEP)} - SOFT
        assert moves == right, key
        assert {deed.what for deed in found if deed.what in OWN} == (set(OWN) if source == OWNER else set())
        assert TRANSLATION in names(found)
        assert (ENDORSEMENT in names(found)) is (source != OWNER), "nobody endorses themselves"


def meeting(status: str = "confirmed", index: int = 1, **more: Any) -> Entry:
    data = data_of("agenda.meeting") | {"status": status}
    attributes = {"subject": "agenda/fil", "id": id_of(index), "sequence": str(index), "data": data}
    return Entry(index, event("agenda.meeting", COMMISSION_ML, **(attributes | more)))


def test_whoever_is_invited_is_asked_whether_they_come_until_it_is_over() -> None:
    invited = meeting(audience=COMMISSION_NE, tlp="GREEN")
    state = fold([invited])
    coming = ["ack:will-attend", "ack:will-not-attend", "ack:other-date"]
    assert names(deeds(state, invited.event, COMMISSION_NE)) == [*coming, TRANSLATION, ENDORSEMENT]
    assert names(deeds(state, invited.event, COMMISSION_BF)) == [TRANSLATION, ENDORSEMENT], "not named, not asked"
    assert not set(coming) & set(names(deeds(state, invited.event, COMMISSION_ML))), "nobody answers to themselves"
    for over in ("held", "cancelled"):
        after = meeting(over, 2, audience=COMMISSION_NE, tlp="GREEN")
        assert names(deeds(fold([invited, after]), after.event, COMMISSION_NE)) == [TRANSLATION, ENDORSEMENT]


def test_an_update_comes_first_and_only_on_the_version_in_force() -> None:
    first, second = meeting("tentative"), meeting("confirmed", 2)
    state = fold([first, second])
    found = names(deeds(state, second.event, COMMISSION_ML))
    assert found[:4] == ["version:confirmed", "version:held", "version:postponed", "version:cancelled"]
    assert names(deeds(state, first.event, COMMISSION_ML)) == list(OWN), "an old version is corrected or taken back"
    assert deeds(state, second.event, COMMISSION_ML, hidden=True) == ()


def test_an_alert_is_taken_in_hand_by_whoever_reads_it() -> None:
    alert = Entry(1, event("monitor.alert", COMMISSION_ML, tlp="GREEN"))
    state = fold([alert])
    assert names(deeds(state, alert.event, COMMISSION_NE)) == ["ack:handled", "ack:received", TRANSLATION, ENDORSEMENT]
    assert not SOFT & set(names(deeds(state, alert.event, COMMISSION_ML)))


def test_a_bill_moves_country_by_country_where_a_stage_may_follow() -> None:
    steps = [{"country": "ml", "stage": "depose"}, {"country": "bf", "stage": "retire"}]
    law = Entry(1, event("law.item", COMMISSION_ML, data=data_of("law.item") | {"status": "open", "steps": steps}))
    assert names(deeds(fold([law]), law.event, COMMISSION_ML))[:2] == ["step:ml", "version:open"]
    closed = replace(law, event=replace(law.event, data=law.event.data | {"status": "closed"}))
    assert names(deeds(fold([closed]), closed.event, COMMISSION_ML)) == [TRANSLATION, *OWN]


def test_what_is_sealed_or_of_another_age_offers_nothing() -> None:
    known = meeting()
    state = fold([known])
    assert deeds(state, replace(known.event, type="tamani.sealed.v1"), COMMISSION_ML) == ()
    assert deeds(state, replace(known.event, type="tamani.agenda.fete.v1"), COMMISSION_ML) == ()
    assert deeds(state, replace(known.event, type="tamani.agenda.meeting.v2"), COMMISSION_ML) == ()


class Trial(Data):
    """A type that nobody has thought of yet."""

    head: Head
    status: Literal["begun", "done", "dropped"] = Field(title="État", description="Status")


def test_a_new_type_has_its_deeds_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its lifecycle, with no line of code of its own."""
    kind = MessageType(
        name="essai.chose",
        model=Trial,
        label=Label("Essai", "Trial"),
        profiles={"un": Label("Un", "One")},
        status=("status",),
        lifecycle=Lifecycle(
            opens="begun",
            versions={"begun": "begun done dropped", "done": "", "dropped": ""},
            asks=(Act("ack:handled", Who.ANYONE, "begun"),),
            closed="done",
            cancelled="dropped",
        ),
    )
    monkeypatch.setitem(catalogue(), kind.name, kind)
    said = event("agenda.meeting", data={"head": {"title": "Chose"}, "status": "begun"})
    begun = Entry(1, replace(said, type=kind.type, dataschema=kind.dataschema, profile="un"))
    mine = names(deeds(fold([begun]), begun.event, COMMISSION_ML))
    assert mine == ["version:begun", "version:done", "version:dropped", TRANSLATION, *OWN]
    assert names(deeds(fold([begun]), begun.event, COMMISSION_NE)) == ["ack:handled", TRANSLATION, ENDORSEMENT]
