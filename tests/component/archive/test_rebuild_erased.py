"""An archive made again does not bring back what was erased, whoever still has the bytes; its root is the same."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from tamani.archive.erasing import Eraser
from tamani.archive.keeper import Memory
from tamani.archive.rebuild.contents import open_contents
from tamani.archive.rebuild.rebuild import Rebuilt, rebuild
from tamani.archive.store import Store
from tamani.core.erasure.order import SignedOrder
from tests.component.archive.conftest import MakeKeeper
from tests.component.archive.test_rebuild import FEEDS, LEAVES, Ask, Copy, entries, lived, rows
from tests.support.cluster import Database, PostgresCluster
from tests.support.erasures import ML, ordered, standing_registry
from tests.support.notices import COMMISSION_ML
from tests.support.region import NOW, StillRegistry, record
from tests.support.small_log import SmallLog
from tests.support.templates import ledger_tables

KEPT = "SELECT log_index, source_no, id, type, tlp, audience, digest, recordedtime, envelope FROM ledger ORDER BY 1"
ORDERS = (
    "SELECT order_env, env, log_index, evidence, id, digest, document, leaf_index, recordedtime FROM erasure ORDER BY 1"
)


@pytest.fixture
def fresh(postgres: PostgresCluster) -> Iterator[Database]:
    """The database on a new host."""
    made = postgres.copy_of(ledger_tables(postgres))
    yield made
    postgres.drop(made)


async def erase(database: Database, *orders: SignedOrder) -> None:
    """Have them carried out."""
    known = StillRegistry(standing_registry())
    eraser = Eraser(Store("", known.digest), known, Memory(), lambda: NOW)
    async with await psycopg.AsyncConnection.connect(database.dsn, autocommit=True) as connection:
        for order in orders:
            await eraser.erase(connection, order.encode())


async def again(
    database: Database, tree: SmallLog, values: Sequence[bytes], orders: Sequence[bytes], folder: Path
) -> Rebuilt:
    """The work, from a witness's copy, these envelopes and these orders."""
    with open_contents(folder / "rebuild.sqlite") as contents:
        contents.add_orders(orders, standing_registry())
        contents.add(values)
        async with await psycopg.AsyncConnection.connect(database.dsn, autocommit=True) as connection:
            return await rebuild(
                connection,
                [Copy(tree, "bf", "ml")],
                tree.policy(),
                contents,
                standing_registry(),
                memory=folder / "log-state.json",
                epoch=7,
                progress=lambda what, done, total: None,
            )


async def test_it_stays_erased_and_the_root_is_the_same(
    make_keeper: MakeKeeper, ask: Ask, ledger: Database, fresh: Database, tmp_path: Path
) -> None:
    """Every envelope is offered, the erased ones too: same leaves and feeds, blank where it was blank, none missing."""
    tree = SmallLog()
    values = await lived(make_keeper, ask, tree)
    orders = [ordered(values[1]), ordered(values[7])]  # a notice, and evidence of an equivocation
    await erase(ledger, *orders)
    tree.entries = entries(ask(LEAVES))
    found = await again(fresh, tree, values, [order.encode() for order in orders], tmp_path)
    assert (found.root, found.missing) == (tree.checkpoint().root, [])
    for query in (LEAVES, FEEDS, KEPT):
        assert rows(fresh, query) == ask(query)
    assert rows(fresh, ORDERS) == [row for row in ask(ORDERS) if not row[3]]
    assert values[7] not in [row[0] for row in rows(fresh, "SELECT envelope FROM equivocation")]
    event = record(values[1], COMMISSION_ML, "agenda/x", 0)
    await make_keeper(conninfo=fresh.dsn).keep([event])
    assert rows(fresh, "SELECT verdict FROM answer") == [("duplicate",)]


async def test_an_old_backup_that_is_continued_forgets_it_too(
    make_keeper: MakeKeeper, ask: Ask, ledger: Database, tmp_path: Path
) -> None:
    """The database is from before the erasure and holds the bytes; the witness's copy says that they went."""
    tree = SmallLog()
    values = await lived(make_keeper, ask, tree)
    order = ordered(values[1])
    leaf = order.leaf(1, "2026-03-02T10:00:00Z")
    tree.entries = [*tree.entries, bytes(leaf)]
    assert rows(ledger, "SELECT count(*) FROM ledger WHERE envelope = ''") == [(0,)]
    await again(ledger, tree, values, [order.encode()], tmp_path)
    assert rows(ledger, "SELECT log_index FROM ledger WHERE envelope = ''") == [(1,)]
    assert ("erased",) in rows(ledger, "SELECT DISTINCT mark FROM feed_entry")


async def test_what_files_an_erased_notice_named_is_not_known_and_none_of_its_body_stays(
    make_keeper: MakeKeeper, ask: Ask, ledger: Database, fresh: Database, tmp_path: Path
) -> None:
    """The backup is from before the notice, and holds a file that it may have named: its site has what may stay."""
    tree, before = SmallLog(), SmallLog()
    values = await lived(make_keeper, ask, tree)
    order = ordered(values[1])
    await erase(ledger, order)
    tree.entries = entries(ask(LEAVES))
    before.entries = tree.entries[:2]
    (tmp_path / "backup").mkdir()
    await again(fresh, before, values, [], tmp_path / "backup")
    with psycopg.connect(fresh.dsn) as backup:
        backup.execute("INSERT INTO piece SELECT source_no, 'ab', 1, 1, now() FROM source_ref")
        backup.execute("INSERT INTO piece_part SELECT source_no, 'ab', 0, 'x' FROM source_ref")
    await again(fresh, tree, values, [order.encode()], tmp_path)
    of_it = "source_no = (SELECT source_no FROM erasure)"
    assert rows(fresh, f"SELECT count(*) FROM piece WHERE {of_it}") == [(0,)]
    assert rows(fresh, f"SELECT count(*) FROM piece_part WHERE {of_it}") == [(0,)]
    assert rows(fresh, "SELECT pieces FROM erasure") == [(True,)]


async def test_an_order_that_nobody_has_is_told_and_a_false_one_is_not_believed(
    make_keeper: MakeKeeper, ask: Ask, ledger: Database, fresh: Database, tmp_path: Path
) -> None:
    """The leaf stays; the operator is told that an erasure is missing, and which entry it is."""
    tree = SmallLog()
    values = await lived(make_keeper, ask, tree)
    await erase(ledger, ordered(values[1]))
    tree.entries = entries(ask(LEAVES))
    found = await again(fresh, tree, values, [ordered(values[1], ML).encode()], tmp_path)
    assert [lost.leaf.kind for lost in found.missing] == ["erase"]
    assert found.root == tree.checkpoint().root
