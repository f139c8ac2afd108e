"""The state of a thread: a function of the set of its notices, whatever the order and number of arrivals."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamani.core.thread import Entry, ThreadState, fold, thread_of
from tests.support.notices import BUREAU, COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, data_of, event, id_of

OWNER = COMMISSION_ML
SUBJECT = "agenda/fil"
ANOTHER = "agenda.item"


def entry(index: int, kind: str = "agenda.meeting", source: str = OWNER, **more: Any) -> Entry:
    """A notice of the thread; its sequence is its index unless given."""
    marks, keyid = frozenset(more.pop("marks", ())), more.pop("keyid", "")
    data = data_of(kind) | more.pop("data", {})
    attributes = {"id": id_of(index), "subject": SUBJECT, "sequence": str(index), "data": data} | more
    return Entry(index, event(kind, source, **attributes), marks, keyid)


def version(index: int, status: str = "confirmed", **more: Any) -> Entry:
    """A version of the meeting."""
    return entry(index, data={"status": status}, **more)


def withdrawal(index: int, target: int, source: str = OWNER) -> Entry:
    """Takes back the notice of this number."""
    return entry(index, "withdrawal", source, data={"target": {"source": OWNER, "id": id_of(target)}})


def correction(index: int, target: int, source: str = OWNER, **data: Any) -> Entry:
    """Corrects the notice of this number."""
    return entry(index, "correction", source, data={"target": {"source": OWNER, "id": id_of(target)}} | data)


def ack(index: int, source: str, level: str = "received", **more: Any) -> Entry:
    """Another body's answer."""
    return entry(index, "ack", source, data={"level": level}, **more)


def told(state: ThreadState) -> tuple[int | None, str, str | None]:
    """Which version is in force, what became of the thread, and in the type's own word."""
    return state.current.index if state.current else None, state.state, state.status


STORIES: dict[str, tuple[list[Entry], tuple[int | None, str, str | None], dict[int, str]]] = {
    "nothing": ([], (None, "open", None), {}),
    "one version": ([version(1)], (1, "open", "confirmed"), {}),
    "the latest counts": ([version(1, "tentative"), version(2, "postponed"), version(3)], (3, "open", "confirmed"), {}),
    "closed": ([version(1), version(2, "held")], (2, "closed", "held"), {}),
    "nothing after it was held": (
        [version(1, "held"), version(2)],
        (1, "closed", "held"),
        {2: "transition"},
    ),
    "held by mistake, taken back": (
        [version(1), version(2, "held"), version(3), withdrawal(4, 2)],
        (3, "open", "confirmed"),
        {},
    ),
    "an early version taken back spoils no later one": (
        [version(1, "tentative"), version(2), version(3, "held"), withdrawal(4, 2), withdrawal(5, 1)],
        (3, "closed", "held"),
        {},
    ),
    "a first version that cannot be one": (
        [version(1, "postponed"), version(2)],
        (2, "open", "confirmed"),
        {1: "transition"},
    ),
    "cancelled": ([version(1), version(2, "cancelled")], (2, "cancelled", "cancelled"), {}),
    "nothing after a cancellation": (
        [version(1), version(2, "cancelled"), version(3)],
        (2, "cancelled", "cancelled"),
        {3: "after-cancellation"},
    ),
    "a cancellation taken back": (
        [version(1), version(2, "cancelled"), version(3), withdrawal(4, 2)],
        (3, "open", "confirmed"),
        {},
    ),
    "the only version withdrawn": ([version(1), withdrawal(2, 1)], (1, "withdrawn", None), {}),
    "the latest withdrawn": ([version(1, "tentative"), version(2), withdrawal(3, 2)], (1, "open", "tentative"), {}),
    "withdrawn before it is seen": ([withdrawal(1, 2), version(2)], (2, "withdrawn", None), {}),
    "withdrawn twice": ([version(1), withdrawal(2, 1), withdrawal(3, 1)], (1, "withdrawn", None), {}),
    "nothing to withdraw": ([version(1), withdrawal(2, 99)], (1, "open", "confirmed"), {2: "nothing-to-withdraw"}),
    "an acknowledgement cannot be withdrawn": (
        [version(1), ack(2, OWNER), withdrawal(3, 2)],
        (1, "open", "confirmed"),
        {3: "nothing-to-withdraw"},
    ),
    "another body withdraws": (
        [version(1), withdrawal(2, 1, COMMISSION_BF)],
        (1, "open", "confirmed"),
        {2: "not-the-originator"},
    ),
    "another body corrects": (
        [version(1), correction(2, 1, COMMISSION_BF)],
        (1, "open", "confirmed"),
        {2: "not-the-originator"},
    ),
    "another body says a version": (
        [version(1), version(2, "cancelled", source=COMMISSION_BF)],
        (1, "open", "confirmed"),
        {2: "not-the-originator"},
    ),
    "another type": ([version(1), entry(2, ANOTHER)], (1, "open", "confirmed"), {2: "another-type"}),
    "answers alone": ([ack(1, COMMISSION_BF), withdrawal(2, 9)], (None, "open", None), {2: "not-the-originator"}),
    "a type of later software": (
        [version(1), version(2, "cancelled", type="tamani.agenda.meeting.v2")],
        (1, "open", "confirmed"),
        {2: "unknown-type"},
    ),
    "only a type of later software": (
        [version(1, type="tamani.agenda.fete.v1")],
        (None, "open", None),
        {1: "unknown-type"},
    ),
    "sent again after a loss": (
        [version(2, "tentative", sequence="1"), version(1, "confirmed", sequence="2")],
        (1, "open", "confirmed"),
        {},
    ),
    "a new key begins again at 1": (
        [
            version(1, "tentative", sequence="40", keyid="old"),
            version(2, "confirmed", sequence="41", keyid="old"),
            version(3, "cancelled", sequence="1", keyid="new"),
        ],
        (3, "cancelled", "cancelled"),
        {},
    ),
    "an alert cancelled": (
        [entry(1, "monitor.alert"), entry(2, "monitor.alert", data={"msg_type": "Cancel"})],
        (2, "cancelled", "Cancel"),
        {},
    ),
    "a file that names no state is open": ([entry(1, "law.item")], (1, "open", "open"), {}),
    "a file closed": ([entry(1, "law.item", data={"status": "closed"})], (1, "closed", "closed"), {}),
    "a point withdrawn by its state": (
        [entry(1, "agenda.item"), entry(2, "agenda.item", data={"status": "withdrawn"}), entry(3, "agenda.item")],
        (2, "cancelled", "withdrawn"),
        {3: "after-cancellation"},
    ),
}


@pytest.mark.parametrize(("entries", "state", "no_effect"), STORIES.values(), ids=STORIES)
def test_what_becomes_of_a_thread(
    entries: list[Entry], state: tuple[int | None, str, str | None], no_effect: dict[int, str]
) -> None:
    found = fold(entries)
    assert told(found) == state
    assert found.no_effect == no_effect
    assert fold(reversed(entries)) == fold(entries * 2) == found


def test_versions_and_corrections_are_listed_oldest_first() -> None:
    found = fold([version(1), correction(2, 1), version(3), correction(4, 3)])
    assert (found.history, found.corrections) == ((1, 3), (2, 4))


def test_the_last_answer_of_each_body_counts() -> None:
    found = fold(
        [version(1), ack(2, COMMISSION_BF), ack(3, COMMISSION_NE, "will-attend"), ack(4, COMMISSION_BF, "handled")]
    )
    assert found.acks == ((COMMISSION_BF, "handled", 4), (COMMISSION_NE, "will-attend", 3))
    late = fold([version(1), ack(2, COMMISSION_BF, "handled", sequence="9"), ack(3, COMMISSION_BF, sequence="8")])
    assert late.acks == ((COMMISSION_BF, "handled", 2),)


def test_the_answer_of_a_body_with_a_new_key_counts_too() -> None:
    old = ack(2, COMMISSION_BF, "received", sequence="30", keyid="old")
    new = ack(3, COMMISSION_BF, "will-attend", sequence="1", keyid="new")
    assert fold([version(1), old, new]).acks == ((COMMISSION_BF, "will-attend", 3),)


SETTLES, OTHER = "ab" * 32, "cd" * 32


def contest(index: int, target: int) -> Entry:
    """What the archive says of two contents under one id."""
    data = data_of("system.contest") | {"first_entry": OTHER, "second_entry": SETTLES}
    return entry(index, "system.contest", BUREAU, data=data | {"target": {"source": OWNER, "id": id_of(target)}})


@pytest.mark.parametrize(
    ("more", "contested"),
    [
        ([], True),
        ([correction(2, 1)], True),
        ([correction(2, 1, settles=None)], True),
        ([contest(3, 1), correction(2, 1, settles=SETTLES)], False),
        ([contest(3, 1), correction(2, 1, settles=OTHER)], False),
        ([contest(3, 1), correction(2, 1, settles="ef" * 32)], True),
        ([correction(2, 1, settles=SETTLES)], True),
        ([contest(3, 9), correction(2, 1, settles=SETTLES)], True),
        ([contest(3, 1), correction(2, 9, settles=SETTLES)], True),
        ([contest(3, 1), correction(2, 1, COMMISSION_BF, settles=SETTLES)], True),
    ],
)
def test_a_contested_notice_stays_so_until_its_author_says_which_content_stands(
    more: list[Entry], contested: bool
) -> None:
    assert fold([version(1, marks=["contested"]), *more]).contested is contested
    assert fold([version(1), *more]).contested is False


def test_the_last_choice_of_its_author_stands() -> None:
    said = [contest(2, 1), correction(3, 1, settles=SETTLES), correction(4, 1, settles=OTHER), correction(5, 1)]
    assert fold([version(1, marks=["contested"]), *said]).settled == ((id_of(1), OTHER),)


def test_a_mark_that_comes_later_is_not_lost_to_the_repeat_without_it() -> None:
    bare, marked = version(1), version(1, marks=["contested"])
    assert fold([bare, marked]) == fold([marked, bare]) == fold([marked])


def test_one_notice_at_two_places_stands_at_the_first() -> None:
    first = version(1)
    again = replace(first, index=7)
    assert fold([again, first]).history == fold([first, again]).history == (1,)


_LEVELS = st.sampled_from(["received", "handled", "will-attend"])
_STATES = st.sampled_from(["tentative", "confirmed", "held", "postponed", "cancelled"])
_SOURCES = st.sampled_from([OWNER, COMMISSION_BF, COMMISSION_NE])


@st.composite
def threads(draw: st.DrawFn) -> list[Entry]:
    """Any thread: versions, withdrawals, corrections and answers of three bodies, any sequences, keys and marks."""
    entries = []
    for index in range(1, draw(st.integers(1, 9)) + 1):
        source, target = draw(_SOURCES), draw(st.integers(1, 9))
        one = draw(
            st.sampled_from(
                [
                    version(index, draw(_STATES), source=source),
                    withdrawal(index, target, source),
                    correction(index, target, source, settles=draw(st.sampled_from([None, SETTLES]))),
                    ack(index, source, draw(_LEVELS)),
                    contest(index, target),
                    entry(index, ANOTHER, source),
                ]
            )
        )
        sequenced = replace(one.event, sequence=str(draw(st.integers(1, 12))))
        marks = draw(st.sampled_from([frozenset[str](), frozenset({"contested"})]))
        entries.append(replace(one, event=sequenced, marks=marks, keyid=draw(st.sampled_from(["", "a", "b"]))))
    return entries


@settings(max_examples=300, deadline=None)
@given(threads(), st.data())
def test_any_order_and_any_repetition_of_arrival_give_the_same_state(entries: list[Entry], data: st.DataObject) -> None:
    state = fold(entries)
    repeats = data.draw(st.lists(st.sampled_from(entries), max_size=6))
    assert fold(data.draw(st.permutations(entries + repeats))) == state


@settings(max_examples=200, deadline=None)
@given(threads())
def test_whoever_did_not_open_the_thread_changes_nothing_but_answers(entries: list[Entry]) -> None:
    state = fold(entries)
    openers = [one for one in entries if one.event.kind in {"agenda.meeting", ANOTHER}]
    if openers:
        owner = min(openers, key=lambda one: one.index).event.source
        theirs = [one for one in entries if one.event.source == owner or one.event.kind == "system.contest"]
        alone = fold(theirs)
        assert told(alone) == told(state)
        assert (alone.history, alone.corrections, alone.contested) == (
            state.history,
            state.corrections,
            state.contested,
        )
        others = {one.index for one in entries if one not in theirs and one.event.kind != "ack"}
        assert others <= state.no_effect.keys()


def test_a_thread_belongs_to_the_body_that_opened_it() -> None:
    """A notice opens its own body's thread; what speaks of a notice joins the thread of that notice's body."""
    mine = OWNER, SUBJECT
    assert thread_of(version(1).event) == mine
    assert thread_of(version(2, source=COMMISSION_BF).event) == (COMMISSION_BF, SUBJECT)
    assert thread_of(withdrawal(3, 1, COMMISSION_BF).event) == mine
    assert thread_of(entry(4, "ack", COMMISSION_BF, data={"target": {"source": OWNER, "id": id_of(1)}}).event) == mine
