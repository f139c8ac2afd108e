"""What every speaking part of a node stands on: whose node it is, its keys, the registry, the outbox, time, ids."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tamani.core.event import Event
from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.core.thread import Entry
from tamani.node.hold import Hold
from tamani.node.key_ring import KeyRing
from tamani.node.keystore import Keystore
from tamani.node.outbox import Outbox
from tamani.runtime.clock import Clock

# A thread (owner, subject) as this body may read it at the desk beside the node; nothing if no desk can tell now.
Beside = Callable[[str, str, str], Awaitable[Sequence[Entry] | None]]
# The notices of these names (source, id) that this body may read at that desk; those it has, if it can tell now.
Named = Callable[[str, Sequence[tuple[str, str]]], Awaitable[Sequence[Event]]]


async def nothing_named(_reader: str, _names: Sequence[tuple[str, str]]) -> Sequence[Event]:
    """A node alone: it knows its own notices only."""
    return ()


async def nobody_beside(_reader: str, _owner: str, _subject: str) -> None:
    """A node alone: nobody knows what other bodies have said."""


# The orders of erasure (their names in the log, hex) that the desk of this site has carried out and not yet confirmed.
ErasedBeside = Callable[[], Awaitable[Sequence[str]]]


async def nothing_erased() -> Sequence[str]:
    """A node alone confirms for nobody else."""
    return ()


@dataclass(frozen=True, slots=True)
class Ground:
    """Given to the parts by `main` (or a test)."""

    country: Country
    keystore: Keystore | KeyRing
    outbox: Outbox
    registry: Callable[[], Registry]
    clock: Clock
    new_id: Callable[[], str]
    hold: Hold = field(default_factory=Hold)
    beside: Beside = nobody_beside
    named: Named = nothing_named
    erased_beside: ErasedBeside = nothing_erased
