"""From the version before: what was archived without a tree is in the tree afterwards, in the ledger's order."""

from datetime import UTC, datetime
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tamani.core.envelope import decode_envelope
from tamani.core.event import format_time
from tamani.core.log.leaf import EQUIVOCATION, EVENT, Leaf, env_of
from tamani.core.log.merkle import leaf_hash
from tamani.runtime.migrate import upgrade
from tests.support.cluster import Database
from tests.support.notices import Speaker
from tests.support.templates import LEDGER_MIGRATIONS

# The columns of that version's ledger and evidence, as it wrote them.
NOTICE = """
INSERT INTO ledger VALUES (%s, 1, gen_random_uuid(), 't', 'p', 's', 'normal', now(), 'GREEN', '', 'fr', NULL, 1,
    ''::bytea, %s, ''::bytea, 1, 0, %s, %s, 3, '', ''::bytea, %s)
"""
EVIDENCE = """
INSERT INTO equivocation VALUES (1, gen_random_uuid(), %s, 0, ''::bytea, ''::bytea, 1, 0, 9, %s, 4, %s)
"""


def version(database: Database, name: str) -> None:
    """Bring an empty database to an older version."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database.dsn), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(LEDGER_MIGRATIONS))
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, name)


def test_what_was_archived_before_is_in_the_tree(database: Database) -> None:
    """Notices by index, evidence in its time; each leaf is the one of its stored envelope; the head counts them."""
    version(database, "a0001")
    speaker = Speaker()
    values = [speaker.seals() for _ in range(2501)]
    second = speaker.seals()
    times = [f"2026-03-02T10:{n // 100:02}:00Z" for n in range(len(values))]
    with psycopg.connect(database.dsn) as connection:
        connection.execute("INSERT INTO source_ref (source) VALUES ('/ml/x')")
        connection.execute("INSERT INTO stream_ref (cluster, topic) VALUES ('c', 't')")
        rows = [(n, b"%d" % n, n, times[n], value) for n, value in enumerate(values)]
        connection.cursor().executemany(NOTICE, rows)
        connection.execute(EVIDENCE, (b"second", times[0], second))
        connection.execute("UPDATE log_head SET size = %s", [len(values)])
    upgrade(database.dsn, LEDGER_MIGRATIONS)
    with psycopg.connect(database.dsn) as connection:
        found = connection.execute("SELECT * FROM log_leaf ORDER BY leaf_index").fetchall()
        head = connection.execute("SELECT size, leaves FROM log_head").fetchone()
        columns = {row[0] for row in connection.execute("SELECT * FROM ledger LIMIT 0").description or ()}

    expected: list[tuple[str, int | None, bytes, str, int]]
    expected = [(EVENT, n, value, times[n], 3) for n, value in enumerate(values)]
    expected.insert(100, (EQUIVOCATION, None, second, times[0], 4))
    assert [_columns(row) for row in found] == [_leaf(place, *one) for place, one in enumerate(expected)]
    assert head == (2501, 2502)
    assert "leaf" not in columns


SEEN = """
INSERT INTO log_checkpoint (size, root, text, note, attested) VALUES
    (3, '', '', '', '2026-03-02T10:00:09Z'), (5, '', '', '', NULL);
INSERT INTO log_cosignature VALUES (3, 'ml', '', '2026-03-02T10:00:07Z'), (3, 'bf', '', '2026-03-02T10:00:05Z'),
    (5, 'bf', '', '2026-03-02T10:01:00Z');
"""


def test_what_was_attested_before_was_witnessed_when_its_last_witness_said(database: Database) -> None:
    """Too few signatures are no time at all."""
    version(database, "a0003")
    with psycopg.connect(database.dsn) as connection:
        connection.execute(SEEN)
    upgrade(database.dsn, LEDGER_MIGRATIONS)
    with psycopg.connect(database.dsn) as connection:
        found = connection.execute("SELECT size, witnessed FROM log_checkpoint ORDER BY size").fetchall()
        head = connection.execute("SELECT rebuilt FROM log_head").fetchone()

    assert found == [(3, datetime(2026, 3, 2, 10, 0, 7, tzinfo=UTC)), (5, None)]
    assert head == (0,)


def test_an_empty_ledger_becomes_an_empty_tree(ledger: Database) -> None:
    """Nothing to fill in."""
    with psycopg.connect(ledger.dsn) as connection:
        assert connection.execute("SELECT leaves, (SELECT count(*) FROM log_leaf) FROM log_head").fetchone() == (0, 0)


def _leaf(place: int, kind: str, log_index: int | None, value: bytes, time: str, reg: int) -> tuple[Any, ...]:
    env = env_of(decode_envelope(value))
    return place, kind, env, reg, time, leaf_hash(bytes(Leaf(env, reg, time, kind))), log_index


def _columns(row: tuple[Any, ...]) -> tuple[Any, ...]:
    place, kind, env, reg, recorded, hash_, log_index = row
    return place, kind, bytes(env), reg, format_time(recorded), bytes(hash_), log_index
