"""An archive made again from a witness's copy and the bytes that are left: the same leaves; what is missing is told."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

import tamani.desk
from tamani.archive.lease import take
from tamani.archive.log.checkpointer import Checkpointer
from tamani.archive.log.memory import write_memory
from tamani.archive.rebuild.contents import open_contents
from tamani.archive.rebuild.rebuild import Mirror, Rebuilt, rebuild
from tamani.archive.settings import ArchiveSettings
from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.core.event import format_time
from tamani.core.log.leaf import Leaf
from tamani.core.log.tiles import Tile, unbundle
from tamani.embedded.rebuild import rebuild_from
from tamani.node.database import open_database
from tamani.node.tables import outbox
from tamani.runtime.migrate import upgrade
from tests.component.archive.conftest import MakeKeeper
from tests.component.archive.log.conftest import Listener
from tests.support.cluster import Database, PostgresCluster
from tests.support.notices import BUREAU, OBSERVATORY_NE, TRUSTED, Speaker, registry, registry_value, seal
from tests.support.region import record
from tests.support.small_log import SmallLog, policy_text, serving
from tests.support.templates import ledger_tables

Ask = Callable[..., list[tuple[Any, ...]]]
LEAVES = "SELECT leaf_index, kind, env, reg, rt, hash, log_index FROM log_leaf ORDER BY leaf_index"
LEDGER = """
SELECT log_index, id, type, subject, said, tlp, audience, sequence, keyid, digest, recordedtime, registry_version,
    marks, envelope FROM ledger ORDER BY log_index
"""
FEEDS = "SELECT cc, feed_index, log_index, mark, prev, recordedtime FROM feed_entry ORDER BY cc, feed_index"
EVIDENCE = "SELECT id, digest, first_index, envelope FROM equivocation ORDER BY id, digest"


class Copy:
    """A witness's copy, of a tree in memory."""

    def __init__(self, tree: SmallLog, *countries: str, size: int | None = None) -> None:
        self.tree, self.note = tree, tree.note(size, *countries)

    def checkpoint(self) -> bytes:
        """As it was cosigned."""
        return self.note

    def entries(self, tile: Tile) -> list[bytes]:
        """A bundle."""
        return unbundle(self.tree.answer(tile.path) or b"")


class Away:
    """A witness that does not answer."""

    def checkpoint(self) -> bytes:
        """Nothing."""
        raise OutageError("failed.witness.source")

    def entries(self, tile: Tile) -> list[bytes]:
        """Nothing."""
        raise OutageError("failed.witness.source", tile.path)


@pytest.fixture
def tree() -> SmallLog:
    """What the first archive's log came to."""
    return SmallLog()


@pytest.fixture
def fresh(postgres: PostgresCluster) -> Iterator[Database]:
    """The database on a new host."""
    made = postgres.copy_of(ledger_tables(postgres))
    yield made
    postgres.drop(made)


async def lived(make_keeper: MakeKeeper, ask: Ask, tree: SmallLog) -> list[bytes]:
    """An archive with a past: notices for all, for few, an equivocation, a reused number. Its envelopes, in order."""
    speaker = Speaker()
    said = [speaker.says() for _ in range(6)] + [Speaker(BUREAU).says(tlp="AMBER", audience=OBSERVATORY_NE)]
    said += [replace(said[2], lang="en"), speaker.says()]
    said.append(replace(said[0], id=speaker.says().id))
    values = [seal(event) for event in said]
    records = [record(value, e.source, e.subject, n) for n, (value, e) in enumerate(zip(values, said, strict=True))]
    await make_keeper().keep(records)
    tree.entries = entries(ask(LEAVES))
    return values


def entries(found: list[tuple[Any, ...]]) -> list[bytes]:
    """The entries of these rows of leaves."""
    return [bytes(Leaf(env, reg, format_time(rt), kind)) for _, kind, env, reg, rt, _, _ in found]


async def again(
    database: Database, copies: Sequence[Mirror], values: Sequence[bytes], tree: SmallLog, folder: Path
) -> Rebuilt:
    """The work, as the command does it."""
    with open_contents(folder / "rebuild.sqlite") as contents:
        contents.add([*values, b"no envelope"])
        async with await psycopg.AsyncConnection.connect(database.dsn, autocommit=True) as connection:
            return await rebuild(
                connection,
                copies,
                tree.policy(),
                contents,
                registry(),
                memory=folder / "log-state.json",
                epoch=7,
                progress=lambda what, done, total: None,
            )


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    """Of the new database."""
    with psycopg.connect(database.dsn) as connection:
        return connection.execute(query).fetchall()


async def test_it_is_the_same_archive(
    make_keeper: MakeKeeper, ask: Ask, tree: SmallLog, fresh: Database, tmp_path: Path
) -> None:
    """Leaves, ledger, feeds with their marks, evidence: row by row; the attested root, and a new epoch."""
    values = await lived(make_keeper, ask, tree)
    found = await again(fresh, [Away(), Copy(tree, "bf"), Copy(tree, "ml")], values, tree, tmp_path)
    assert (found.size, found.root, found.missing) == (tree.size, tree.checkpoint().root, [])
    assert found.witnesses == ("bf", "ml")
    for query in (LEAVES, LEDGER, FEEDS, EVIDENCE):
        assert rows(fresh, query) == ask(query)
    assert "contested" in {row[3] for row in rows(fresh, FEEDS)}
    assert any("sequence-reused" in row[12] for row in rows(fresh, LEDGER))
    head = "SELECT size, leaves, recordedtime, feeds FROM log_head"
    assert rows(fresh, head) == ask(head)
    assert rows(fresh, "SELECT epoch, answers FROM log_head") == [(7, 0)]
    assert rows(fresh, "SELECT size, attested IS NOT NULL FROM log_checkpoint") == [(tree.size, True)]
    assert not (tmp_path / "rebuild.sqlite").exists()


async def test_the_log_goes_on_from_there(
    make_keeper: MakeKeeper, ask: Ask, tree: SmallLog, fresh: Database, tmp_path: Path
) -> None:
    """The checkpointer on the new database signs the next tree, which begins with the one that was cosigned."""
    values = await lived(make_keeper, ask, tree)
    before = tree.checkpoint()
    await again(fresh, [Copy(tree, "bf", "ml")], values, tree, tmp_path)
    event = Speaker().says()
    await make_keeper(conninfo=fresh.dsn).keep([record(seal(event), event.source, event.subject, 0)])
    tree.entries = entries(rows(fresh, LEAVES))

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(fresh.dsn, autocommit=True)

    async with await connect() as connection:
        fence = await take(connection, "test", 300)
    listener = Listener(held=[before])
    signer = Checkpointer(connect, tree.key, tmp_path / "log-state.json", fence=lambda: fence, told=listener, seconds=1)
    await signer.round()
    await signer.close()
    assert (signer.refusal, listener.offered) == (None, [before.size + 1])
    newest = rows(fresh, "SELECT root FROM log_checkpoint ORDER BY size DESC LIMIT 1")
    assert newest == [(tree.checkpoint().root,)]


async def test_what_nobody_has_is_told_and_its_leaf_stays(
    make_keeper: MakeKeeper, ask: Ask, tree: SmallLog, fresh: Database, tmp_path: Path
) -> None:
    """Two notices are lost, one of them contested: same leaves and root, the others where they were."""
    values = await lived(make_keeper, ask, tree)
    write_memory(tmp_path / "log-state.json", replace(tree.checkpoint(), size=tree.size + 3))
    found = await again(fresh, [Copy(tree, "bf")], values[:2] + values[3:5] + values[6:], tree, tmp_path)
    kinds = {number: kind for number, kind, *_ in ask(LEAVES)}
    assert found.given_up == 3
    assert [kinds[lost.leaf_index] for lost in found.missing] == ["event", "event", "equivocation"]
    assert rows(fresh, LEAVES) == ask(LEAVES)
    assert [row[0] for row in rows(fresh, LEDGER)] == [row[0] for row in ask(LEDGER) if row[0] not in (2, 5)]
    assert rows(fresh, "SELECT size FROM log_head") == ask("SELECT size FROM log_head")
    assert rows(fresh, EVIDENCE) == []


async def test_an_interrupted_work_goes_on_and_a_whole_one_stays(
    make_keeper: MakeKeeper, ask: Ask, tree: SmallLog, fresh: Database, tmp_path: Path
) -> None:
    """A beginning of the log (an old backup, or this work half done) is continued; done twice, nothing changes."""
    values = await lived(make_keeper, ask, tree)
    await again(fresh, [Copy(tree, "bf", size=4)], values, tree, tmp_path)
    assert len(rows(fresh, LEAVES)) == 4
    for _ in range(2):
        await again(fresh, [Copy(tree, "bf", size=4), Copy(tree, "ml")], values, tree, tmp_path)
        for query in (LEAVES, LEDGER, FEEDS, EVIDENCE):
            assert rows(fresh, query) == ask(query)


async def test_another_database_is_left_alone(
    make_keeper: MakeKeeper, ask: Ask, tree: SmallLog, fresh: Database, tmp_path: Path
) -> None:
    """One that took another turn, one that has more than any witness, one whose archive still works."""
    values = await lived(make_keeper, ask, tree)
    fork = tree.fork(3).append(20, mark="gap")
    await again(fresh, [Copy(fork, "bf", size=8)], [], fork, tmp_path)
    before = rows(fresh, LEAVES)
    for copy in (Copy(tree, "bf"), Copy(tree, "bf", size=5)):
        with pytest.raises(RefusedError, match=r"refused\.rebuild\.database"):
            await again(fresh, [copy], values, tree, tmp_path)
    async with await psycopg.AsyncConnection.connect(fresh.dsn, autocommit=True) as connection:
        await take(connection, "archive-1", 300)
    with pytest.raises(RefusedError, match=r"refused\.rebuild\.running"):
        await again(fresh, [Copy(fork, "bf")], [], fork, tmp_path)
    assert rows(fresh, LEAVES) == before


async def test_a_copy_that_is_not_what_was_cosigned_writes_nothing(
    make_keeper: MakeKeeper, ask: Ask, tree: SmallLog, fresh: Database, tmp_path: Path
) -> None:
    """Altered entries; two witnesses that cosigned two pasts; none that answers."""
    values = await lived(make_keeper, ask, tree)
    altered, fork = Copy(tree, "bf"), tree.fork(3).append(tree.size - 3, mark="gap")
    altered.tree = tree.fork(tree.size - 1).append(1, mark="gap")
    with pytest.raises(DefectError, match=r"failed\.rebuild\.root"):
        await again(fresh, [altered], values, tree, tmp_path)
    with pytest.raises(DefectError, match=r"failed\.rebuild\.conflict"):
        await again(fresh, [Copy(tree, "bf"), Copy(fork, "ml")], values, tree, tmp_path)
    with pytest.raises(RefusedError, match=r"refused\.rebuild\.mirror"):
        await again(fresh, [Away()], values, tree, tmp_path)
    assert rows(fresh, LEAVES) == []
    assert not (tmp_path / "log-state.json").exists()


async def test_everything_is_found_where_the_settings_and_the_options_say(
    make_keeper: MakeKeeper, ask: Ask, tree: SmallLog, fresh: Database, postgres: PostgresCluster, tmp_path: Path
) -> None:
    """A witness over HTTP, a node's file, a desk's database; without a registry it does not begin."""
    values = await lived(make_keeper, ask, tree)
    tree.publish("bf", "ml")
    desk = postgres.fresh()
    fill_desk(desk, values[:5], epoch=11)
    fill_outbox(tmp_path / "outbox.sqlite", values[5:], epoch=6)
    (tmp_path / "log-policy").write_bytes(policy_text(tree.key).encode())
    settings = ArchiveSettings(
        database=fresh.dsn, log_policy=tmp_path / "log-policy", data_dir=tmp_path, registry_trust=TRUSTED
    )

    def work() -> Rebuilt:
        outboxes = [tmp_path / "outbox.sqlite"]
        return rebuild_from(settings, [url.removesuffix("/log")], outboxes, [desk.dsn], lambda *_: None)

    with serving(tree) as url:
        with pytest.raises(DefectError, match=r"failed\.settings"):
            await asyncio.to_thread(work)
        (tmp_path / "registry.json").write_bytes(registry_value())
        found = await asyncio.to_thread(work)
    postgres.drop(desk)
    assert (found.root, found.witnesses, found.missing) == (tree.checkpoint().root, ("bf", "ml"), [])
    assert rows(fresh, LEDGER) == ask(LEDGER)
    assert rows(fresh, "SELECT epoch, rebuilt FROM log_head") == [(12, tree.size)]


def fill_desk(desk: Database, values: Sequence[bytes], epoch: int) -> None:
    """A mirror that holds these."""
    upgrade(desk.dsn, Path(tamani.desk.__file__).parent / "migrations")
    add = """
    INSERT INTO mirror (feed_index, epoch, kind, digest, prev, marks, envelope)
    VALUES (%s, %s, 'record', '', '', '{}', %s)
    """
    with psycopg.connect(desk.dsn) as connection:
        for number, value in enumerate(values, 1):
            connection.execute(add, [number, epoch, value])


def fill_outbox(path: Path, values: Sequence[bytes], epoch: int) -> None:
    """An outbox that sent these; the columns that nobody reads here are empty."""
    engine = open_database(path)
    needed = [column for column in outbox.columns if not column.nullable and column.server_default is None]
    with engine.begin() as connection:
        for number, value in enumerate(values, 1):
            row = {column.name: column.type.python_type() for column in needed}
            unique = {"row_no": number, "id": str(number), "value_sha256": str(number), "value": value, "epoch": epoch}
            connection.execute(outbox.insert().values(**(row | unique)))
    engine.dispose()
