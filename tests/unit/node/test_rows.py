"""The life of a row: queued, sent, due again, closed, dropped; and the order of a thread through all of it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from tamani.core.names import Lane
from tamani.node import rows
from tamani.node.database import open_database
from tamani.node.rows import KEPT_MS, Sent, repeat_after
from tamani.node.tables import outbox
from tests.support.notices import COMMISSION_ML, id_of
from tests.unit.node.test_answers import add_row

MINUTE = 60_000
THREAD, OTHER = b"t" * 16, b"o" * 16


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Five rows: 1, 3 and 5 of one thread, 2 and 4 of another."""
    made = open_database(tmp_path / "outbox.sqlite")
    with made.begin() as connection:
        for number in range(1, 6):
            add_row(connection, number, b"%d" % number * 100, THREAD if number % 2 else OTHER)
    return made


def waiting(engine: Engine, most: int = 10**6) -> list[int]:
    """What would be sent now."""
    with engine.connect() as connection:
        return [row.row_no for row in rows.queued(connection, Lane.NORMAL, most)]


def send(engine: Engine, *numbers: int, cluster: str = "c1", now: int = 0) -> None:
    """The broker has these."""
    with engine.begin() as connection:
        tries = dict(connection.execute(select(outbox.c.row_no, outbox.c.attempts)).all())
        rows.mark_sent(connection, [Sent(n, tries[n], 0, n) for n in numbers], cluster, now)


def close(engine: Engine, *numbers: int, at: int = 0) -> None:
    """The region has answered for these."""
    with engine.begin() as connection:
        done = {"state": "archived", "closed_at": at, "due_at": None, "queued": False, "verdict": "archived"}
        connection.execute(update(outbox).where(outbox.c.row_no.in_(numbers)).values(**done))


def test_rows_go_in_outbox_order_within_the_bytes(engine: Engine) -> None:
    """At least one, however large."""
    assert waiting(engine) == [1, 2, 3, 4, 5]
    assert waiting(engine, most=250) == [1, 2]
    assert waiting(engine, most=1) == [1]


def test_waits_grow_from_ten_minutes_to_six_hours() -> None:
    """Doubling, then level."""
    assert [repeat_after(n) // MINUTE for n in (1, 2, 3, 6, 7, 50)] == [10, 20, 40, 320, 360, 360]


def test_a_row_without_receipt_is_queued_again_with_what_follows_in_its_thread(engine: Engine) -> None:
    """In order: 3 is late, so 5 goes again after it; 1 is closed, and the other thread is not concerned."""
    send(engine, 1, 2, 4, 5, now=5 * MINUTE)
    send(engine, 3, now=0)
    close(engine, 1)
    with engine.begin() as connection:
        assert rows.next_due(connection, Lane.NORMAL) == 10 * MINUTE
        assert rows.queue_due(connection, Lane.NORMAL, 10 * MINUTE - 1) == 0
        assert rows.queue_due(connection, Lane.NORMAL, 10 * MINUTE) == 2
    assert waiting(engine) == [3, 5]


def test_a_second_sending_waits_twice_as_long(engine: Engine) -> None:
    """The wait grows with each try."""
    for now, due in ((0, 10 * MINUTE), (10 * MINUTE, 30 * MINUTE)):
        send(engine, 1, now=now)
        with engine.begin() as connection:
            assert rows.next_due(connection, Lane.NORMAL) == due
            rows.queue_due(connection, Lane.NORMAL, due)


def test_another_cluster_gets_every_open_row_again_before_new_ones(engine: Engine) -> None:
    """What the lost broker had taken comes first, in outbox order; what is closed stays closed."""
    send(engine, 1, 2, 3)
    close(engine, 2)
    with engine.begin() as connection:
        assert rows.queue_lost(connection, Lane.NORMAL, "c1") == 0
        assert rows.queue_lost(connection, Lane.NORMAL, "c2") == 2
    assert waiting(engine) == [1, 3, 4, 5]


def test_a_receipt_that_was_faster_than_our_note_stands(engine: Engine) -> None:
    """The broker's acknowledgement is noted after the region's answer."""
    close(engine, 1)
    send(engine, 1)
    with engine.connect() as connection:
        row = rows.find(connection, COMMISSION_ML, id_of(1))
        assert row is not None
        assert (row.state, row.due_at, row.queued) == ("archived", None, False)


def test_an_operator_may_send_again_what_is_closed(engine: Engine) -> None:
    """It is open until it is answered anew."""
    send(engine, 1, 2, 3, 4, 5)
    close(engine, 1, 3)
    with engine.begin() as connection:
        assert rows.queue_again(connection, [1]) == 2
    assert waiting(engine) == [1, 5]
    with engine.connect() as connection:
        row = rows.find(connection, COMMISSION_ML, id_of(1))
        assert row is not None
        assert (row.state, row.closed_at, row.verdict) == ("waiting", None, None)


def test_closed_rows_are_dropped_after_ninety_days_and_their_ids_stay_spent(engine: Engine) -> None:
    """The bytes go, what was said under which id is not forgotten; what is open is never dropped."""
    close(engine, 1, at=0)
    close(engine, 2, at=MINUTE)
    with engine.begin() as connection:
        assert rows.drop_old(connection, KEPT_MS + MINUTE) == 1
        left = connection.execute(select(outbox.c.row_no).order_by(outbox.c.row_no)).scalars().all()
        assert left == [2, 3, 4, 5]
        row = rows.find_spent(connection, COMMISSION_ML, id_of(1))
        assert row is not None
        assert (row.state, row.request_sha256) == ("archived", "r")
