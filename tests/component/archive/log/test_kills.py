"""SIGKILL between every two effects of the log: the tree is the same from rows, from tiles and at a witness, and no two
checkpoints that were ever signed contradict each other.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tamani.archive.log.memory import read_memory
from tamani.archive.log.steps import Step
from tamani.archive.log.tiles import entries, read_tile, root_at
from tamani.core.log.checkpoint import Checkpoint, open_checkpoint
from tamani.core.log.merkle import leaf_hash
from tamani.core.log.tiles import tiles_between
from tests.support.archived_log import put
from tests.support.cluster import Database
from tests.support.log_worker import write_notices
from tests.support.notices import SOURCES, Speaker, seal
from tests.support.recording_witness import RecordingWitness
from tests.support.recording_witness import witnessing as recording
from tests.support.served_ledger import serving_ledger
from tests.support.small_log import SmallLog, log_key, policy_text
from tests.support.telling import Tell
from tests.support.witnessing import Witness, served, witnessing
from tests.support.zygote import Zygote, zygote

Ask = Callable[..., list[tuple[Any, ...]]]
# Entries from before, so that the kills fall about the end of a full tile.
PAST = 235
# A run reaches its step within some batches.
NOTICES_A_RUN = 30
KILLS_A_STEP = 10


class Killed:
    """A log whose worker is killed again and again, and all that was ever signed.

    Of its two witnesses Mali's is the product's own, which copies the log; Burkina Faso's keeps all that it was shown.
    """

    def __init__(self, folder: Path, ledger: Database, ask: Ask, recorder: RecordingWitness, witness: Witness) -> None:
        self.folder, self.ledger, self.ask = folder, ledger, ask
        self.recorder, self.witness = recorder, witness
        self.hits: Counter[Step] = Counter()
        self.tree = SmallLog()
        self.sound: set[Checkpoint] = set()

    def kill(self, worker: Zygote, step: Step, nth: int, *mutant: str) -> None:
        """One life of the worker, ended at this step."""
        worker.killed(step.name, nth, *mutant)
        self.hits[step] += 1

    async def check(self) -> SmallLog:
        """The tree from the rows; every checkpoint there, in the file and at the witnesses is its beginning.

        What was its beginning at an earlier look still is, for the tree of that look is the beginning of this one.
        """
        async with await psycopg.AsyncConnection.connect(self.ledger.dsn) as connection:
            rows = self.ask("SELECT leaf_index, hash FROM log_leaf ORDER BY leaf_index")
            tree = self._grown(await entries(connection, 0, len(rows)))
            assert rows == [(place, leaf_hash(entry)) for place, entry in enumerate(tree.entries)]
            assert self.ask("SELECT leaves FROM log_head") == [(tree.size,)]
            size = max((size for (size,) in self.ask("SELECT size FROM log_checkpoint")), default=0)
            for tile in tiles_between(0, size):
                assert await read_tile(connection, tile) == tree.answer(tile.path), tile.path
            assert await root_at(connection, size) == tree.checkpoint(size).root
        for signed in self.signed() - self.sound:
            assert signed == tree.checkpoint(signed.size), f"a checkpoint of {signed.size} contradicts the tree"
            self.sound.add(signed)
        return tree

    def _grown(self, found: list[bytes]) -> SmallLog:
        """The tree of the last look, with what has come since."""
        assert found[: self.tree.size] == self.tree.entries, "the past has changed"
        self.tree.entries += found[self.tree.size :]
        return self.tree

    def signed(self) -> set[Checkpoint]:
        """All that was ever signed: as the database, the file beside it and the witnesses know it."""
        kept = self.ask("SELECT note FROM log_checkpoint WHERE note IS NOT NULL")
        found = {_opened(note) for (note,) in kept}
        found |= {one for one in (*self.recorder.shown, self.recorder.held) if one is not None}
        found |= {_opened(self.witness.last.note.decode())} if self.witness.last.note else set()
        remembered = read_memory(self.folder / "log-state.json")
        return found | ({remembered} if remembered else set())

    def copied(self) -> SmallLog:
        """The tree of the entries that the witness has copied."""
        with self.witness.service.database.reading() as db:
            found = db.execute("SELECT bytes FROM entry WHERE place < ? ORDER BY place", (self.witness.last.size,))
            return SmallLog(entries=[entry for (entry,) in found])


@cache
def _opened(note: str) -> Checkpoint:
    return open_checkpoint(note.encode())[0]


@contextmanager
def killing(folder: Path, ledger: Database, ask: Ask, runs: int) -> Iterator[tuple[Killed, Zygote]]:
    """A ledger with a past, its witnesses, and a worker with notices enough for so many lives."""
    speakers = [Speaker(source) for source in SOURCES[:4]]
    said = [speakers[n % 4].says() for n in range(runs * NOTICES_A_RUN)]
    write_notices(folder / "notices", [(seal(event), event.source, event.subject) for event in said])
    (folder / "dsn").write_text(ledger.dsn)
    put(ledger.dsn, SmallLog(), PAST)
    with ExitStack() as stack:
        stack.enter_context(recording(recorder := RecordingWitness("bf")))
        url = stack.enter_context(serving_ledger(ledger))
        witness = stack.enter_context(witnessing(folder / "ml", SmallLog(), url, "ml"))
        urls = {"bf": recorder.url, "ml": stack.enter_context(served(witness))}
        (folder / "policy").write_text(policy_text(log_key(), None, urls))
        worker = stack.enter_context(zygote("tests.support.log_worker", folder))
        yield Killed(folder, ledger, ask, recorder, witness), worker


async def is_torn(killed: Killed) -> bool:
    """Whether the check finds something."""
    try:
        await killed.check()
    except AssertionError:
        return True
    return False


@pytest.mark.timeout(120)
@pytest.mark.parametrize("mutant", ["sequence", "apart"])
async def test_without_what_is_to_prevent_it_a_kill_tears_the_log(
    tmp_path: Path, ledger: Database, ask: Ask, mutant: str
) -> None:
    """The same check, on a worker that writes its leaves in another way: so that it could have failed."""
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute("CREATE SEQUENCE leaf_numbers")
    with killing(tmp_path, ledger, ask, 2) as (killed, worker):
        torn = False
        for nth in (1, 2):  # in whichever life it shows first
            if not torn:
                killed.kill(worker, Step.LEAVES_WRITTEN, nth, mutant)
                torn = await is_torn(killed)
        assert torn


@pytest.mark.timeout(600)
async def test_ten_kills_at_each_step_leave_one_tree(tmp_path: Path, ledger: Database, ask: Ask, tell: Tell) -> None:
    """In a shuffled order; the list of steps is told."""
    order = random.Random("kills of the log")
    steps = [step for step in Step for _ in range(KILLS_A_STEP)]
    order.shuffle(steps)
    with killing(tmp_path, ledger, ask, len(steps)) as (killed, worker):
        for step in steps:
            killed.kill(worker, step, order.randint(1, 3))
            await killed.check()
        tree, copied, last = await killed.check(), killed.copied(), killed.witness.last
        signed = len(killed.signed())
    lines = [f"  {killed.hits[step]:3} × {step.value}" for step in Step]
    tell("\n".join((f"kills of the log, of {tree.size} entries, {signed} signed:", *lines)))

    assert killed.hits == dict.fromkeys(Step, KILLS_A_STEP)
    assert killed.recorder.held is not None
    assert last.size > PAST
    assert copied.checkpoint().root == tree.checkpoint(last.size).root == last.root
    assert ask("SELECT count(*) FROM ledger") == ask("SELECT count(DISTINCT (source_no, id)) FROM ledger")
    ((notices, leaves),) = ask("SELECT h.size, count(f.log_index) FROM log_head h, log_leaf f GROUP BY h.size")
    assert notices == leaves == tree.size - 1 - PAST, "each notice is one entry; the registry's version is one more"
