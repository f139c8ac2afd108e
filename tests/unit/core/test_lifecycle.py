"""The matrix state × event × role of every lifecycle: what is forbidden has no effect, in whatever order it arrives."""

from collections import Counter
from itertools import islice, permutations
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.catalogue.base import STATELESS
from tamani.core.lifecycle import Act, Lifecycle, Who, roles
from tamani.core.thread import Entry, ThreadState, fold
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, event, id_of
from tests.support.telling import Tell
from tests.support.transitions import OWNER, SPEAKERS, Cell, Say, cells, free, lifecycles

MATRIX = list(cells())
ON_WORDS = ("withdrawal", "correction", "translation", "endorsement")


def entries(story: list[Say], kind: str) -> list[Entry]:
    """The story as archived notices of one thread; acts point at the first version, or at the word that they name."""
    subject = f"{catalogue()[kind].family}/fil"
    found, counts = [], Counter[str]()
    for index, said in enumerate(story, 1):
        counts[said.source] += 1
        data = said.data | ({"target": _target(story[: index - 1], said)} if "target" in said.data else {})
        more: dict[str, Any] = {
            "id": id_of(index),
            "subject": subject,
            "sequence": str(counts[said.source]),
            "data": data,
        }
        found.append(Entry(index, event(said.kind, said.source, profile=said.profile, **more)))
    return found


def _target(before: list[Say], said: Say) -> dict[str, str]:
    if said.of is None or said.of == OWNER:
        mine = [index for index, one in enumerate(before, 1) if one.source == said.of]
        return {"source": OWNER, "id": id_of(mine[-1] if mine else 1)}
    last = max(index for index, one in enumerate(before, 1) if one.source == said.of)
    return {"source": said.of, "id": id_of(last), "thread": OWNER}


def told_of(state: ThreadState) -> tuple[object, ...]:
    """What a reader is told of the thread, the version apart."""
    others = state.answers, state.endorsements, state.translations
    return state.status, state.state, state.corrections, others


def test_the_matrix_is_as_large_as_it_should_be(tell: Tell) -> None:
    """Printed, so that a reader of the run sees how much was tried, and what has no states and why."""
    tried, forbidden = len(MATRIX), sum(not cell.allowed for cell in MATRIX)
    states = sum(len(cycle.states) for _, _, cycle in lifecycles())
    tell(f"lifecycles={len(lifecycles())} states={states} cells={tried} forbidden={forbidden}")
    events = Counter(cell.last.kind if catalogue()[cell.last.kind].joins else "version" for cell in MATRIX)
    barred = Counter(cell.last.kind for cell in MATRIX if not cell.allowed)
    tell("events: " + " ".join(f"{name}={count}" for name, count in events.most_common()))
    for name in ON_WORDS:
        assert events[name] > 400, name
        assert {SPEAKERS[cell.last.source] for cell in MATRIX if cell.last.kind == name} == set(SPEAKERS.values())
        assert bool(barred[name]) is (name != "translation"), "whoever reads a notice may translate it"
    for why, names in sorted({w: [n for n, x in free().items() if x == w] for w in free().values()}.items()):
        tell(f"no states: {', '.join(names)}: {why}")
    assert {cell.state for cell in MATRIX if cell.kind == "agenda.item"} == {
        None, "proposed", "accepted", "deferred", "declined", "discussed", "decided", "withdrawn",
    }  # fmt: skip
    assert tried > 5000
    assert forbidden > tried // 3


def test_each_state_of_each_lifecycle_is_reached() -> None:
    """A state that no story leads to is a mistake in the data."""
    for kind, profile, cycle in lifecycles():
        reached = {cell.state for cell in MATRIX if (cell.kind, cell.profile) == (kind, profile)}
        assert reached == cycle.states | {None}, (kind, profile)


def test_a_type_without_states_says_why() -> None:
    """One sentence each, of its own: the default one is for a type that nobody has thought of yet."""
    assert all(why for why in free().values())
    kinds = {name.partition(":")[0] for name in free()}
    assert kinds == {
        "ack", "correction", "withdrawal", "translation", "endorsement", "heartbeat", "exchange.answer",
        "roadmap.progress", "system.contest",
    }  # fmt: skip
    assert [name for name, found in catalogue().items() if found.lifecycle is STATELESS] == []


def test_each_type_has_acts_in_the_matrix_or_says_why_not() -> None:
    """What cannot be taken back, corrected, translated or endorsed on a thread of its own joins another, or is none."""
    without = set(catalogue()) - {cell.kind for cell in MATRIX if cell.last.kind == "withdrawal"}
    assert all(catalogue()[name].lifecycle.free for name in without)
    assert {name for name in without if not catalogue()[name].joins} == {"heartbeat", "sealed"}


def test_every_transition_has_the_effect_that_the_data_say() -> None:
    """State by state, event by event, role by role: allowed moves the thread, forbidden leaves it as it was."""
    for cell in MATRIX:
        told = entries([*cell.path, cell.last], cell.kind)
        before, after = fold(told[:-1]), fold(told)
        assert before.status == cell.state, str(cell)
        assert (len(told) not in after.no_effect) is cell.allowed, (str(cell), after.no_effect)
        if not cell.allowed:
            assert told_of(after) == told_of(before), str(cell)
            assert cell.state is None or after.current == before.current, str(cell)
        elif cell.last.kind in ON_WORDS:
            assert (told_of(after), after.current) != (told_of(before), before.current), str(cell)


def test_the_order_of_arrival_changes_nothing() -> None:
    """A seventh of the matrix, in the first orders of each story: the place in the archive decides, not the way."""
    for cell in MATRIX[::7]:
        told = entries([*cell.path, cell.last], cell.kind)
        assert all(fold(order) == fold(told) for order in islice(permutations(told), 8)), str(cell)


def test_what_may_come_next_is_what_the_matrix_says() -> None:
    """The list that forms and refusals show: neither more nor less than what has an effect."""
    wanted: dict[tuple[str, str, str | None, str], set[str]] = {}
    told: dict[tuple[str, str, str | None, str], Cell] = {}
    for cell in MATRIX:
        if cell.state is None or not cell.moves:
            continue
        key = cell.kind, cell.profile, cell.state, cell.last.source
        told[key] = cell
        wanted.setdefault(key, set()).update({cell.last.act} if cell.allowed else set())
    for where, cell in told.items():
        state = fold(entries(list(cell.path), cell.kind))
        soft = {"ack:received", "ack:handled"}
        assert set(state.next_for(cell.last.source)) - soft == wanted[where], where


def test_roles() -> None:
    """Who is what to a thread follows from the thread, never from a title."""
    anyone = {Who.ANYONE}
    assert roles(COMMISSION_ML, COMMISSION_ML, {}) == anyone | {Who.ORIGINATOR, Who.CONVENER}
    assert roles(COMMISSION_NE, COMMISSION_ML, {}) == anyone | {Who.ADDRESSEE}
    in_charge = {"actions": [{"text": "Agir", "owner": COMMISSION_NE}]}
    assert roles(COMMISSION_NE, COMMISSION_ML, in_charge) == anyone | {Who.ADDRESSEE}
    assert roles(OBSERVATORY_ML, COMMISSION_ML, in_charge) == anyone
    for strange in ("Agir", ["Agir"], [{"owner": 1}], None):
        assert roles(OBSERVATORY_ML, COMMISSION_ML, {"actions": strange}) == anyone | {Who.ADDRESSEE}
    named = {"addressed_to": [COMMISSION_NE], "meeting": {"source": OBSERVATORY_ML, "id": id_of(1)}}
    assert roles(COMMISSION_NE, COMMISSION_ML, named) == anyone | {Who.ADDRESSEE}
    assert roles(OBSERVATORY_ML, COMMISSION_ML, named) == anyone | {Who.CONVENER}
    assert roles(COMMISSION_ML, COMMISSION_ML, named) == anyone | {Who.ORIGINATOR}


def test_what_others_may_have_done_counts_as_possible() -> None:
    """A node that knows only its own country's words refuses nothing that another's act could have allowed."""
    cycle = Lifecycle(
        opens="a",
        versions={"a": "a", "b": "c", "c": ""},
        acts=(Act("ack:x", Who.ANYONE, "a", "b"),),
    )
    assert cycle.reachable({"a"}) == {"a", "b"}
    assert cycle.reachable({None}) == {None}
    (asked, considered) = (
        next(c.last for c in MATRIX if c.kind == "exchange.request" and c.profile == "avis" and c.last.act == word)
        for word in ("asked", "considered")
    )
    told = entries([asked, considered], "exchange.request")
    assert fold(told).no_effect == {2: "transition"}
    assert fold(told, unseen=True).no_effect == {}
