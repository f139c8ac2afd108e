"""Receipts as a function of their set: any order, any number of times, forged or late, the row ends the same."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from tamani.core.names import Lane
from tamani.core.receipt import Receipt
from tamani.node import elsewhere, rows
from tamani.node.answers import Promises, ReadTo, apply, position
from tamani.node.counters import last_sequence, next_sequence
from tamani.node.database import open_database
from tamani.node.tables import outbox
from tests.support.notices import COMMISSION_ML, id_of

OURS = frozenset({"a" * 64})
VALUE = b"the good value"
AT = "2026-03-02T09:00:01Z"
HERE = ReadTo("c1", "receipts.ml", 0, 1)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A file with one row, number 1, sent."""
    made = open_database(tmp_path / "outbox.sqlite")
    with made.begin() as connection:
        add_row(connection, 1, VALUE)
        rows.mark_sent(connection, [rows.Sent(1, 0, 0, 0)], "c1", 1000)
    return made


def add_row(connection: Connection, number: int, value: bytes, part_key: bytes = b"k" * 16) -> None:
    """A row of the outbox."""
    row: dict[str, Any] = {"source": COMMISSION_ML, "id": id_of(number), "type": "agenda.meeting"}
    row |= {"subject": "agenda/x", "keyid": "a" * 64, "lane": "normal", "sequence": number, "part_key": part_key}
    row |= {"value": value, "digest": "d", "cancels": False, "request_sha256": "r", "created_at": 0}
    rows.add(connection, row | {"value_sha256": hashlib.sha256(value).hexdigest()})


def receipt(verdict: str, value: bytes = VALUE, **more: Any) -> Receipt:
    """An answer about a value."""
    facts = {"verdict": verdict, "code": verdict, "value_sha256": hashlib.sha256(value).hexdigest(), "at": AT}
    return Receipt.model_validate(facts | more)


def state(engine: Engine, number: int = 1) -> dict[str, Any]:
    """The row as it stands."""
    with engine.connect() as connection:
        return connection.execute(select(outbox).where(outbox.c.row_no == number)).one()._asdict()


def answer(
    engine: Engine, *receipts: Receipt, to: ReadTo = HERE, now: int = 5000, promises: Promises = None
) -> list[str]:
    """Apply these in one transaction."""
    with engine.begin() as connection:
        return apply(connection, list(receipts), OURS, to, now, promises=promises)


def test_archived_closes_a_row(engine: Engine) -> None:
    """It says where in the ledger, and the row is never due again."""
    assert answer(engine, receipt("archived", epoch=1, log_index=41)) == ["archived"]
    row = state(engine)
    assert (row["state"], row["log_index"], row["closed_at"], row["due_at"], row["queued"]) == (
        *("archived", 41, 5000, None),
        False,
    )


def test_a_duplicate_is_archived_for_its_poster(engine: Engine) -> None:
    """The same notice twice at the region is one notice, archived."""
    answer(engine, receipt("duplicate", epoch=1, log_index=41))
    assert (state(engine)["state"], state(engine)["code"]) == ("archived", "archived")


def test_held_leaves_the_row_open_to_be_sent_again(engine: Engine) -> None:
    """We failed, not the sender: the reason shows, the row stays due."""
    answer(engine, receipt("held", code="held.internal"))
    row = state(engine)
    assert (row["state"], row["code"], row["closed_at"]) == ("sent", "held.internal", None)
    assert row["due_at"] is not None


def test_the_refusal_of_a_forgery_does_not_touch_the_good_row(engine: Engine) -> None:
    """A receipt that names our id and source, but another value, is about another value."""
    forged = receipt(
        "refused", b"a forged value", code="refused.signature.invalid", source=COMMISSION_ML, id=id_of(1), epoch=9
    )
    assert answer(engine, forged) == []
    assert (state(engine)["state"], state(engine)["code"]) == ("sent", None)


@pytest.mark.parametrize("when", ["before", "after", "in the same batch"])
def test_a_refusal_that_somebody_invents_undoes_no_good_row(engine: Engine, when: str) -> None:
    """It names our very bytes and a history yet to come, and nobody signed it: the archive's signed word counts."""
    invented = receipt("refused", code="refused.policy.type", epoch=9)
    good = receipt("archived", epoch=1, log_index=41, leaf_index=42, sig="A" * 86 + "==")
    batches = {"before": ([invented], [good]), "after": ([good], [invented]), "in the same batch": ([invented, good],)}
    for batch in batches[when]:
        answer(engine, *batch, promises={good: b"signed"})
    row = state(engine)
    assert (row["state"], row["log_index"], row["promise"]) == ("archived", 41, b"signed")


def test_a_refusal_alone_is_shown_and_one_that_the_archive_signed_counts_by_its_history(engine: Engine) -> None:
    """The router signs nothing and is believed until the archive says otherwise; a later ledger may refuse."""
    answer(engine, receipt("refused", code="refused.policy.type"), promises={})
    assert (state(engine)["state"], state(engine)["code"]) == ("refused", "refused.policy.type")
    answer(engine, receipt("archived", epoch=1, log_index=41), promises={})
    assert state(engine)["state"] == "archived"
    later = receipt("refused", code="refused.key.retired", epoch=2, sig="A" * 86 + "==")
    answer(engine, later, promises={later: b"signed"})
    assert (state(engine)["state"], state(engine)["code"]) == ("refused", "refused.key.retired")


def test_an_equivocation_is_refused_to_its_poster(engine: Engine) -> None:
    """Its code says what to do."""
    answer(engine, receipt("equivocation", epoch=1, log_index=7))
    assert (state(engine)["state"], state(engine)["code"]) == ("refused", "equivocation")


def test_a_newer_history_of_the_ledger_brings_its_index(engine: Engine) -> None:
    """The ledger was restored from an old copy and has archived the notice anew."""
    answer(engine, receipt("archived", epoch=1, log_index=41))
    answer(engine, receipt("duplicate", epoch=2, log_index=12), now=9000)
    assert (state(engine)["epoch"], state(engine)["log_index"], state(engine)["closed_at"]) == (2, 12, 5000)
    answer(engine, receipt("archived", epoch=1, log_index=41))
    assert state(engine)["log_index"] == 12


verdicts = st.sampled_from(["archived", "duplicate", "equivocation", "refused", "held"])
answers = st.builds(
    lambda verdict, epoch, index: receipt(verdict, epoch=epoch, log_index=index),
    verdicts,
    st.integers(0, 2),
    st.none() | st.integers(0, 3),
)
told = st.lists(st.tuples(answers, st.booleans()), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told, st.booleans(), st.randoms(use_true_random=False))
def test_any_order_and_any_repeat_end_the_same(
    engine: Engine, given_: list[tuple[Receipt, bool]], checked: bool, random: Any
) -> None:
    """Three permutations with repeats leave the same row, whether signatures are known here or not."""
    ends = []
    for _ in range(3):
        shuffled = given_ + random.sample(given_, len(given_) // 2)
        random.shuffle(shuffled)
        with engine.connect() as connection, connection.begin() as undone:
            for one, signed in shuffled:
                promises = {one: b"signed"} if signed else {}
                apply(connection, [one], OURS, HERE, 5000, promises=promises if checked else None)
            ends.append(connection.execute(select(outbox)).one()._asdict())
            undone.rollback()
    assert ends[0] == ends[1] == ends[2]


def test_rows_and_position_move_together(engine: Engine) -> None:
    """What fails half-way moves neither."""
    with engine.connect() as connection, connection.begin() as cut_short:
        apply(connection, [receipt("archived")], OURS, HERE, 5000)
        cut_short.rollback()
    with engine.connect() as connection:
        assert position(connection, "c1", "receipts.ml", 0) is None
    assert state(engine)["state"] == "sent"
    answer(engine, receipt("archived"))
    with engine.connect() as connection:
        assert position(connection, "c1", "receipts.ml", 0) == 1
        assert position(connection, "c2", "receipts.ml", 0) is None


def test_a_restored_file_goes_on_from_the_last_number_of_the_region(engine: Engine) -> None:
    """Receipts for rows that this file has never seen teach it how far its own keys had come; others' keys do not."""
    signed: dict[str, Any] = {"source": COMMISSION_ML, "lane": "normal", "epoch": 1}
    answer(
        engine,
        receipt("archived", b"lost", id=id_of(2), sequence="57", keyid="a" * 64, log_index=3, **signed),
        receipt("archived", b"other", id=id_of(3), sequence="900", keyid="b" * 64, log_index=4, **signed),
    )
    with engine.begin() as connection:
        assert next_sequence(connection, "a" * 64, Lane.NORMAL) == 58
        assert last_sequence(connection, "a" * 64, Lane.URGENT) == 0
        assert last_sequence(connection, "b" * 64, Lane.NORMAL) == 0
        assert rows.find_spent(connection, COMMISSION_ML, id_of(2)) is not None
        assert rows.find_spent(connection, COMMISSION_ML, id_of(3)) is None


def test_a_low_number_never_takes_the_series_back(engine: Engine) -> None:
    """A late receipt of an early notice."""
    signed: dict[str, Any] = {"source": COMMISSION_ML, "id": id_of(1), "lane": "normal", "keyid": "a" * 64}
    answer(engine, receipt("archived", sequence="9", **signed), receipt("archived", sequence="2", **signed))
    with engine.begin() as connection:
        assert next_sequence(connection, "a" * 64, Lane.NORMAL) == 10


def of_ours(value: bytes, number: int = 9, verdict: str = "archived", **more: Any) -> Receipt:
    """The archive's word for a notice under our own key."""
    signed: dict[str, Any] = {"source": COMMISSION_ML, "id": id_of(number), "lane": "normal", "keyid": "a" * 64}
    return receipt(verdict, value, **{"sequence": "9", "epoch": 1, "log_index": 5, "leaf_index": 6} | signed | more)


def strays(engine: Engine) -> list[str]:
    """The ids of what our keys have said elsewhere."""
    with engine.connect() as connection:
        found = [row.id for row in elsewhere.listed(connection, COMMISSION_ML, 10)]
        assert elsewhere.count(connection, ["a" * 64]) == len(found)
        assert elsewhere.count(connection, ["b" * 64]) == 0
    return found


def watch(engine: Engine) -> None:
    """The answers were read to their end."""
    with engine.begin() as connection:
        elsewhere.begin(connection)


def test_what_our_key_has_said_elsewhere_is_found_once(engine: Engine) -> None:
    """However often it is answered; and a file that is made again does not forget it."""
    watch(engine)
    for _ in range(2):
        answer(engine, of_ours(b"a stranger's"), of_ours(b"a stranger's, again", verdict="duplicate"))
    assert strays(engine) == [id_of(9)]


@pytest.mark.parametrize(
    "known",
    [
        receipt("archived", VALUE, source=COMMISSION_ML, id=id_of(1), keyid="a" * 64, log_index=5),
        of_ours(b"our own, spelled otherwise", number=1, verdict="duplicate"),
        of_ours(b"another body's", keyid="b" * 64),
        of_ours(b"a sign of life", log_index=None, leaf_index=None),
        of_ours(b"refused", verdict="refused", log_index=None),
        of_ours(b"a second content", verdict="equivocation"),
    ],
    ids=["ours", "again", "another's", "heartbeat", "refused", "contested"],
)
def test_what_is_known_or_was_not_archived_is_no_stranger_s(engine: Engine, known: Receipt) -> None:
    watch(engine)
    answer(engine, known)
    assert strays(engine) == []


def test_what_a_new_or_a_restored_file_may_have_forgotten_is_not_called_a_stranger_s(engine: Engine) -> None:
    """Not before it has read the answers to their end; nor afterwards, when it is answered once more."""
    answer(engine, of_ours(b"forgotten"))
    watch(engine)
    answer(engine, of_ours(b"forgotten"))
    assert strays(engine) == []
    with engine.begin() as connection:
        elsewhere.doubt(connection)
    answer(engine, of_ours(b"said after the copy was made", number=8))
    assert strays(engine) == []


def test_nobody_is_accused_by_an_answer_that_the_archive_did_not_sign(engine: Engine) -> None:
    watch(engine)
    said = of_ours(b"invented", sig="A" * 86 + "==")
    answer(engine, said, promises={})
    assert strays(engine) == []
    # Nor does it take the word out of the archive's mouth.
    answer(engine, of_ours(b"invented"), promises={of_ours(b"invented"): b"signed"})
    assert strays(engine) == [id_of(9)]
