"""The matrix state × event × role at the node: each forbidden transition is refused before it is sealed."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tamani.core.catalogue import catalogue
from tamani.core.errors import RefusedError
from tamani.core.names import partition_key
from tamani.core.thread import Entry, fold
from tamani.node import rows
from tamani.node.database import open_database
from tamani.node.thread_rules import Known, cancels, check_thread
from tests.support.notices import data_of, event, id_of, key_of, seal
from tests.support.telling import Tell
from tests.support.transitions import OWNER, STRANGER, Cell, cells
from tests.unit.core.test_lifecycle import entries

CODES = {"refused.originator", "refused.transition", "refused.transition.role", "refused.thread"}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Connection]:
    """An outbox with nothing in it: what the node knows, it is told by its desk."""
    with open_database(tmp_path / "outbox.sqlite").connect() as connection:
        yield connection


def code_of(outbox: Connection, cell: Cell) -> str | None:
    """What a node answers to the last word of a story that its desk knows."""
    *known, last = entries([*cell.path, cell.last], cell.kind)
    return refusal(outbox, last, known)


def code_alone(outbox: Connection, cell: Cell) -> str | None:
    """What a node answers that knows nothing of the story but what the same body said through it."""
    *known, last = entries([*cell.path, cell.last], cell.kind)
    for entry in known:
        if entry.event.source == last.event.source:
            rows.add(outbox, row_of(entry))
    try:
        return refusal(outbox, last, None)
    finally:
        outbox.rollback()


def refusal(outbox: Connection, last: Entry, known: list[Entry] | None) -> str | None:
    try:
        check_thread(outbox, last.event, "key", Known(known))
    except RefusedError as error:
        return error.code.name
    return None


def row_of(entry: Entry) -> dict[str, Any]:
    """The row of a notice that this node has sent."""
    said, value = entry.event, seal(entry.event, key_of(OWNER))
    sums = dict.fromkeys(("digest", "value_sha256", "request_sha256"), str(entry.index))
    same = {name: getattr(said, name) for name in ("source", "id", "subject")}
    key = partition_key(said.source, said.subject)
    more = {"type": said.kind, "keyid": "key", "lane": "normal", "sequence": int(said.sequence), "part_key": key}
    return {**same, **more, **sums, "value": value, "cancels": cancels(said), "created_at": 0}


def test_each_forbidden_transition_is_refused_and_no_other(outbox: Connection, tell: Tell) -> None:
    """Beside a desk, the node knows the thread as its readers do."""
    answers: Counter[str | None] = Counter()
    for cell in cells():
        code = code_of(outbox, cell)
        assert (code in CODES) is not cell.allowed, (str(cell), code)
        answers[code] += 1
    tell(" ".join(f"{code or 'allowed'}={count}" for code, count in answers.most_common()))
    assert answers.keys() == CODES | {None}


def test_a_node_alone_refuses_nothing_that_is_allowed(outbox: Connection) -> None:
    """What it has not heard of, another body may have done; the projection decides."""
    refused = 0
    for cell in islice(cells(), 0, None, 3):
        code = code_alone(outbox, cell)
        assert code is None or not cell.allowed, (str(cell), code)
        refused += code is not None
    assert refused > 300, "what no act of others could allow is refused all the same"


def test_taking_back_what_is_still_under_way_is_let_through(outbox: Connection) -> None:
    """One's own word may have left by another node: taking it back waits for nothing, and counts in the end."""
    data = data_of("withdrawal", profile="retrait") | {"target": {"source": OWNER, "id": id_of(1)}}
    gone = Entry(2, event("withdrawal", OWNER, subject="agenda/fil", sequence="2", data=data))
    assert refusal(outbox, gone, []) is None
    assert refusal(outbox, gone, None) is None
    said = Entry(3, event("agenda.meeting", OWNER, id=id_of(1), subject="agenda/fil"))
    assert fold([gone]).no_effect == {2: "not-the-originator"}
    assert fold([gone, said]).state == "withdrawn"


def test_a_refusal_says_in_both_languages_what_may_be_said_now(outbox: Connection) -> None:
    """In the words of the field, and *nothing* where nothing may."""
    details = {}
    for cell in cells():
        if cell.kind == "agenda.meeting" and not cell.allowed and cell.state in {"confirmed", "held"}:
            *known, last = entries([*cell.path, cell.last], cell.kind)
            if not catalogue()[cell.last.kind].joins:
                with pytest.raises(RefusedError) as refused:
                    check_thread(outbox, last.event, "key", Known(known))
                details[cell.state] = refused.value.detail
    assert details == {
        "confirmed": "maintenant : Confirmée, Tenue, Reportée, Annulée / now: Confirmed, Held, Postponed, Cancelled",
        "held": "maintenant : rien / now: nothing",
    }


def test_what_is_no_word_of_its_own_is_refused_by_its_name(outbox: Connection) -> None:
    """Nobody takes back a mere acknowledgement; a code is for programs."""
    said = Entry(1, event("ack", OWNER, id=id_of(1), subject="agenda/fil"))
    data = data_of("withdrawal", profile="retrait") | {"target": {"source": OWNER, "id": id_of(1)}}
    back = event("withdrawal", OWNER, subject="agenda/fil", data=data)
    label = catalogue()["ack"].label
    with pytest.raises(RefusedError, match=r"refused\.transition") as refused:
        check_thread(outbox, back, "key", Known([said]))
    assert refused.value.detail == f"{label.fr} : dites-en un autre / {label.en}: say another one"
    assert "ack" not in (label.fr, label.en)


def test_which_versions_cancel() -> None:
    """The outbox marks them, so that the quick look at a thread is enough."""
    assert cancels(event("agenda.meeting", data={"status": "cancelled"}))
    assert not cancels(event("agenda.meeting", data={"status": "held"}))
    assert not cancels(event("ack", STRANGER))
    assert cancels(event("agenda.item", data={"status": "withdrawn"}))
