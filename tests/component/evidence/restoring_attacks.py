"""The attack of an old database: yesterday's is restored under a log that has signed more since."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tamani.archive.lease import take
from tamani.archive.log.checkpointer import Checkpointer
from tamani.core.log.checkpoint import Checkpoint, open_checkpoint
from tests.component.evidence.archives import Archive, connect
from tests.component.evidence.table import Attack, Caught
from tests.support.archived_log import put
from tests.support.cluster import Database
from tests.support.small_log import SmallLog

NEWEST = "SELECT note FROM log_checkpoint WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1"


def restored(archive: Archive) -> Caught | None:
    """Yesterday's database is restored, other notices follow: the log would sign a second past."""
    return asyncio.run(_restored(archive, file_lost=False))


def restored_without_its_file(archive: Archive) -> Caught | None:
    """The same, and the file beside the database is lost as well: what witnesses hold is left."""
    return asyncio.run(_restored(archive, file_lost=True))


async def _restored(archive: Archive, *, file_lost: bool) -> Caught | None:
    tree, memory = SmallLog(), archive.folder / "log-state.json"
    put(archive.ledger.dsn, tree, 10)
    await _signed(archive.ledger, memory)
    yesterday = archive.copy(archive.ledger)
    lost = tree.fork(tree.size)
    put(archive.ledger.dsn, lost, 2)
    held, _ = await _signed(archive.ledger, memory)
    assert held == lost.checkpoint()

    put(yesterday.dsn, tree, 3, mark="gap")
    if file_lost:
        memory.unlink()
    newest, refusal = await _signed(yesterday, memory, *([held] if file_lost else []))
    if newest == tree.checkpoint():
        return None
    assert refusal is not None
    return Caught("the log itself", refusal)


@dataclass
class _Told:
    """Witnesses that hold this."""

    held: list[Checkpoint]

    async def seen(self) -> list[Checkpoint]:
        """What they answer when they are asked."""
        return self.held

    def offer(self, _: int) -> None:
        """Nobody cosigns here."""


async def _signed(database: Database, memory: Path, *held: Checkpoint) -> tuple[Checkpoint | None, str | None]:
    """The newest checkpoint after one round of a worker, and why it signs nothing, if that is so."""
    async with await connect(database) as connection:
        fence = await take(connection, "test", 300)
        made = Checkpointer(
            lambda: connect(database), SmallLog().key, memory, fence=lambda: fence, told=_Told(list(held)), seconds=1
        )
        await made.round()
        row = await (await connection.execute(NEWEST)).fetchone()
        await made.close()
    newest = open_checkpoint(row[0].encode())[0] if row else None
    return newest, made.refusal.code.name if made.refusal else None


REWOUND = Caught("the log itself", "failed.log.rewound")
RESTORING_ATTACKS = (
    Attack("yesterday's database is restored", "nobody", "the state file", REWOUND, restored, (("guard",),)),
    Attack(
        "… and the state file is lost",
        "nobody",
        "what a witness holds",
        REWOUND,
        restored_without_its_file,
        (("guard",),),
    ),
)
