"""SIGKILL between every two effects of the log: the tree is the same from rows, from tiles and at the witnesses, and no
two checkpoints that were ever signed contradict each other.
"""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tamani.archive.log.memory import read_memory
from tamani.archive.log.steps import Step
from tamani.archive.log.tiles import entries, read_tile
from tamani.core.log.checkpoint import Checkpoint, open_checkpoint
from tamani.core.log.merkle import leaf_hash
from tamani.core.log.tiles import tiles_between
from tests.support.archived_log import put
from tests.support.cluster import Database
from tests.support.log_worker import write_notices
from tests.support.notices import SOURCES, Speaker, seal
from tests.support.recording_witness import RecordingWitness, witnessing
from tests.support.small_log import SmallLog, log_key, policy_text
from tests.support.telling import Tell

ROOT = Path(__file__).parents[4]
Ask = Callable[..., list[tuple[Any, ...]]]
# Entries from before, so that the kills fall about the end of a full tile.
PAST = 235
# A run reaches its step within some batches.
NOTICES_A_RUN = 90


class Killed:
    """A log whose worker is killed again and again, and all that was ever signed."""

    def __init__(self, folder: Path, ledger: Database, ask: Ask) -> None:
        self.folder, self.ledger, self.ask = folder, ledger, ask
        self.witnesses = [RecordingWitness("bf"), RecordingWitness("ml")]
        self.hits: Counter[Step] = Counter()

    def prepare(self, runs: int) -> None:
        """What the worker needs, with notices enough for so many runs."""
        speakers = [Speaker(source) for source in SOURCES[:4]]
        said = [speakers[n % 4].says() for n in range(runs * NOTICES_A_RUN)]
        write_notices(self.folder / "notices", [(seal(event), event.source, event.subject) for event in said])
        (self.folder / "dsn").write_text(self.ledger.dsn)
        urls = {witness.country: witness.url for witness in self.witnesses}
        (self.folder / "policy").write_text(_policy(urls))

    def kill(self, step: Step, nth: int, *mutant: str) -> None:
        """One life of the worker, ended at this step."""
        argv = [sys.executable, "-m", "tests.support.log_worker", str(self.folder), step.value, str(nth), *mutant]
        found = subprocess.run(argv, cwd=ROOT, timeout=120, capture_output=True, text=True, check=False)
        assert found.returncode == -signal.SIGKILL, found.stdout[-3000:] + found.stderr[-3000:]
        self.hits[step] += 1

    async def check(self) -> SmallLog:
        """The tree from the rows; every checkpoint there, in the file and at the witnesses is its beginning."""
        tree = SmallLog()
        async with await psycopg.AsyncConnection.connect(self.ledger.dsn) as connection:
            rows = self.ask("SELECT leaf_index, hash FROM log_leaf ORDER BY leaf_index")
            tree.entries = await entries(connection, 0, len(rows))
            assert rows == [(place, leaf_hash(entry)) for place, entry in enumerate(tree.entries)]
            assert self.ask("SELECT leaves FROM log_head") == [(tree.size,)]
            size = max((size for (size,) in self.ask("SELECT size FROM log_checkpoint")), default=0)
            for tile in tiles_between(0, size):
                assert await read_tile(connection, tile) == tree.answer(tile.path), tile.path
        for signed in self.signed():
            assert signed == tree.checkpoint(signed.size), f"a checkpoint of {signed.size} contradicts the tree"
        return tree

    def signed(self) -> set[Checkpoint]:
        """All that was ever signed: as the database, the file beside it and the witnesses know it."""
        kept = self.ask("SELECT note FROM log_checkpoint WHERE note IS NOT NULL")
        found = {open_checkpoint(note.encode())[0] for (note,) in kept}
        found |= {one for witness in self.witnesses for one in (*witness.shown, witness.held) if one is not None}
        remembered = read_memory(self.folder / "log-state.json")
        return found | ({remembered} if remembered else set())


def _policy(urls: dict[str, str]) -> str:
    return policy_text(log_key(), None, urls)


async def _run(folder: Path, ledger: Database, ask: Ask, hits: int, tell: Tell) -> None:
    killed = Killed(folder, ledger, ask)
    order = random.Random("kills of the log")
    steps = [step for step in Step for _ in range(hits)]
    order.shuffle(steps)
    with witnessing(*killed.witnesses):
        killed.prepare(len(steps))
        put(ledger.dsn, SmallLog(), PAST)
        for step in steps:
            killed.kill(step, order.randint(1, 3))
            await killed.check()
    tree = await killed.check()
    lines = [f"  {killed.hits[step]:3} × {step.value}" for step in Step]
    tell("\n".join((f"kills of the log, of {tree.size} entries, {len(killed.signed())} signed:", *lines)))

    assert killed.hits == dict.fromkeys(Step, hits)
    assert all(witness.held is not None for witness in killed.witnesses)
    assert ask("SELECT count(*) FROM ledger") == ask("SELECT count(DISTINCT (source_no, id)) FROM ledger")
    ((notices, leaves),) = ask("SELECT h.size, count(f.log_index) FROM log_head h, log_leaf f GROUP BY h.size")
    assert notices == leaves == tree.size - 1 - PAST, "each notice is one entry; the registry's version is one more"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("mutant", ["sequence", "apart"])
async def test_without_what_is_to_prevent_it_a_kill_tears_the_log(
    tmp_path: Path, ledger: Database, ask: Ask, mutant: str
) -> None:
    """The same check, on a worker that writes its leaves in another way: so that it could have failed."""
    killed = Killed(tmp_path, ledger, ask)
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute("CREATE SEQUENCE leaf_numbers")
    with witnessing(*killed.witnesses):
        killed.prepare(2)
        put(ledger.dsn, SmallLog(), PAST)
        with pytest.raises(AssertionError):  # noqa: PT012 - in whichever life it shows first
            for nth in (1, 2):
                killed.kill(Step.LEAVES_WRITTEN, nth, mutant)
                await killed.check()
    assert killed.hits[Step.LEAVES_WRITTEN], "the check failed, not the worker"


@pytest.mark.timeout(600)
async def test_a_kill_at_any_step_leaves_one_tree(tmp_path: Path, ledger: Database, ask: Ask, tell: Tell) -> None:
    """Each step twice, in a shuffled order."""
    await _run(tmp_path, ledger, ask, 2, tell)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_ten_kills_at_each_step_leave_one_tree(tmp_path: Path, ledger: Database, ask: Ask, tell: Tell) -> None:
    """The same for longer."""
    await _run(tmp_path, ledger, ask, 10, tell)
