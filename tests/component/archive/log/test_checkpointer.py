"""Checkpoints in a real PostgreSQL: of the right tree, persisted before signed, by one worker, of one past only."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tamani.archive.lease import take
from tamani.archive.log import checkpointer as module
from tamani.archive.log.memory import read_memory, write_memory
from tamani.archive.log.steps import Step
from tamani.core.errors import DefectError
from tamani.core.log.checkpoint import Checkpoint, open_checkpoint
from tests.component.archive.log.conftest import Listener, MakeCheckpointer
from tests.support.archived_log import put
from tests.support.cluster import Database
from tests.support.small_log import SmallLog, log_key

Ask = Callable[..., list[tuple[Any, ...]]]
NOTES = "SELECT size, note FROM log_checkpoint ORDER BY size"


async def test_every_checkpoint_is_of_the_tree_so_far(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, listener: Listener, ask: Ask
) -> None:
    """Over the ends of tiles of two levels; an unchanged tree is not signed again."""
    one = make_checkpointer()
    for step in (1, 0, 254, 1, 1, 700):
        put(ledger.dsn, tree, step)
        await one.round()

    assert [(size, note.encode()) for size, note in ask(NOTES)] == [(n, tree.note(n)) for n in (1, 255, 256, 257, 957)]
    assert listener.offered == [1, 1, 255, 256, 257, 957]
    assert ask("SELECT level, index FROM log_tile ORDER BY 1, 2") == [(0, 0), (0, 1), (0, 2)]


async def test_a_long_past_is_taken_in_by_parts(
    make_checkpointer: MakeCheckpointer,
    ledger: Database,
    tree: SmallLog,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One checkpoint, of the whole; and the next worker finds the same tree."""
    monkeypatch.setattr(module, "CHUNK", 100)
    put(ledger.dsn, tree, 1000)
    await make_checkpointer().round()
    put(ledger.dsn, tree, 30)
    await make_checkpointer().round()

    assert [note.encode() for _, note in ask(NOTES)] == [tree.note(1000), tree.note(1030)]


async def test_without_the_lease_nothing_is_made(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, ask: Ask
) -> None:
    """Neither by who never had it nor by who lost it without knowing."""
    put(ledger.dsn, tree, 3)
    await make_checkpointer(fence=lambda: None).round()
    slow = make_checkpointer()
    await slow.round()
    put(ledger.dsn, tree, 3)
    async with await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True) as connection:
        await take(connection, "test", 300)
    await slow.round()

    assert [size for size, _ in ask(NOTES)] == [3]
    assert slow.refusal is None


@pytest.mark.parametrize("last", [Step.CHECKPOINT_COMMITTED, Step.REMEMBERED, Step.SIGNED])
async def test_a_checkpoint_that_was_not_signed_is_signed_by_the_next(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, ask: Ask, last: Step
) -> None:
    """The same bytes: who dies between persisting and storing the signature leaves no doubt."""

    def die(step: Step) -> None:
        if step is last:
            raise KeyboardInterrupt

    put(ledger.dsn, tree, 5)
    with pytest.raises(KeyboardInterrupt):
        await make_checkpointer(hook=die).round()
    before = ask(NOTES)
    await make_checkpointer().round()

    assert before == [(5, None)]
    assert [(size, note.encode()) for size, note in ask(NOTES)] == [(5, tree.note(5))]


async def _refused(one: module.Checkpointer) -> tuple[str, str]:
    await one.round()
    assert one.refusal is not None
    return one.refusal.code.name, one.refusal.detail


async def test_a_tree_behind_the_file_beside_it_is_not_signed(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, tmp_path: Path, ask: Ask
) -> None:
    """Yesterday's database: the file remembers a larger tree. Grown past it again, it is another one."""
    put(ledger.dsn, tree, 10)
    memory = tmp_path / "log-state.json"
    write_memory(memory, Checkpoint(tree.key.name, 12, b"\1" * 32))
    behind = await _refused(make_checkpointer())
    put(ledger.dsn, tree, 5)
    other = await _refused(make_checkpointer())

    assert behind == ("failed.log.rewound", "10 < 12")
    assert other == ("failed.log.rewound", "another root at 12")
    assert {note for _, note in ask(NOTES)} == {None}
    assert read_memory(memory) == Checkpoint(tree.key.name, 12, b"\1" * 32), "what was signed is not forgotten"


async def test_a_tree_that_a_witness_knows_otherwise_is_not_signed(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, listener: Listener, ask: Ask
) -> None:
    """The whole host went back, file and all: the witnesses remember. What agrees is no reason to stop."""
    put(ledger.dsn, tree, 10)
    listener.held = [tree.checkpoint(4), tree.fork(4).append(9, mark="forged").checkpoint()]
    found = await _refused(make_checkpointer())
    listener.held = [tree.checkpoint(4), tree.checkpoint(10)]
    agreed = make_checkpointer()
    await agreed.round()

    assert found == ("failed.log.rewound", "10 < 13")
    assert agreed.refusal is None
    assert [note.encode() for _, note in ask(NOTES)] == [tree.note(10)]


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("UPDATE log_head SET leaves = 100", "failed.log.rewound"),
        ("DELETE FROM log_tile WHERE level = 0 AND index = 0", "failed.log.state"),
        ("UPDATE log_tile SET root = decode(repeat('00', 32), 'hex') WHERE index = 0", "failed.log.rewound"),
        ("UPDATE log_checkpoint SET root = root, text = replace(text, 'tamani', 'autre')", "failed.log.origin"),
        ("DELETE FROM log_leaf WHERE leaf_index = 299", "failed.log.state"),
        ("UPDATE log_checkpoint SET text = 'junk'", "failed.log.state"),
        ("ALTER TABLE log_checkpoint ADD CHECK (size < 300)", "failed.log.state"),
    ],
)
async def test_a_past_that_was_changed_is_not_signed(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, harm: str, code: str
) -> None:
    """Whoever has the database cannot have its past rewritten under a fresh signature by accident."""
    put(ledger.dsn, tree, 290)
    await make_checkpointer().round()
    put(ledger.dsn, tree, 10)
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute(harm)

    assert (await _refused(make_checkpointer()))[0] == code


async def test_a_file_that_cannot_be_read_is_not_taken_for_a_new_log(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, tmp_path: Path
) -> None:
    """Half a file, or somebody else's."""
    put(ledger.dsn, tree, 1)
    memory = tmp_path / "log-state.json"
    memory.write_text('{"origin": "tamani.t')
    with pytest.raises(DefectError):
        read_memory(memory)
    torn = await _refused(make_checkpointer())
    write_memory(memory, Checkpoint("autre/log", 1, b"\1" * 32))
    strange = await _refused(make_checkpointer())

    assert (torn[0], strange[0]) == ("failed.log.state", "failed.log.origin")


async def test_what_cannot_be_remembered_is_not_signed(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, tmp_path: Path, ask: Ask
) -> None:
    """The disk is full (here: a folder stands where the file should be); with room, it is signed."""
    put(ledger.dsn, tree, 1)
    (tmp_path / "log-state.new").mkdir()
    one = make_checkpointer()
    await one.round()
    unsigned, trouble = ask(NOTES), one.trouble
    (tmp_path / "log-state.new").rmdir()
    await one.round()

    assert unsigned == [(1, None)]
    assert trouble is not None
    assert trouble.code.name == "failed.disk"
    assert one.refusal is one.trouble is None
    assert [note.encode() for _, note in ask(NOTES)] == [tree.note(1)]


async def test_the_signature_is_remembered_before_it_is_made(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, tmp_path: Path
) -> None:
    """At the instant before signing the file has it, whole, and no half-written one beside it."""
    found: list[Checkpoint | None] = []
    memory = tmp_path / "log-state.json"
    put(ledger.dsn, tree, 2)

    def look(step: Step) -> None:
        if step is Step.REMEMBERED:
            found.append(read_memory(memory))

    await make_checkpointer(hook=look).round()

    assert found == [tree.checkpoint(2)]
    assert os.listdir(tmp_path) == ["log-state.json"]


async def test_a_log_of_another_name_leaves_these_data_alone(
    make_checkpointer: MakeCheckpointer, ledger: Database, tree: SmallLog, ask: Ask
) -> None:
    """A new origin over an old database is a mistake in the settings."""
    put(ledger.dsn, tree, 2)
    await make_checkpointer().round()
    put(ledger.dsn, tree, 2)
    found = await _refused(make_checkpointer(key=log_key("autre.test/log"), memory=Path("/nonexistent/state")))

    assert found[0] == "failed.log.origin"
    assert [open_checkpoint(note.encode())[0].size for _, note in ask(NOTES)] == [2]
