"""What every speaking part of a node stands on: whose node it is, its keys, the registry, the outbox, time, ids."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.node.hold import Hold
from tamani.node.keystore import Keystore
from tamani.node.outbox import Outbox
from tamani.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Ground:
    """Given to the parts by `main` (or a test)."""

    country: Country
    keystore: Keystore
    outbox: Outbox
    registry: Callable[[], Registry]
    clock: Clock
    new_id: Callable[[], str]
    hold: Hold = field(default_factory=Hold)
