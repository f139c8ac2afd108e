"""Who says that an order was carried out where they are: it stands in a node's signed sign of life (`heartbeat`).

A node speaks for its own outbox (`node`), and a site's node for the desk beside it too (`desk`). The region itself says
it by the log's entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tamani.core.erasure.order import Order
from tamani.core.event import Event
from tamani.core.policy import origins_of
from tamani.core.registry import Registry

NODE, DESK = "node", "desk"


@dataclass(frozen=True, slots=True)
class Part:
    """A place that held the notice: a desk's mirror (named by its country), or a node's outbox (by its own name)."""

    part: str
    name: str

    def __str__(self) -> str:
        return f"{self.part}/{self.name}"


def confirmed_in(event: Event, node: str) -> Iterator[tuple[bytes, Part]]:
    """The orders (by their name in the log) that a sign of life of this node says were carried out, and where."""
    for one in event.data.get("erased", ()) if event.kind == "heartbeat" else ():
        name = node if one["part"] == NODE else event.country.value
        yield bytes.fromhex(one["order"]), Part(one["part"], name)


def expected(registry: Registry, order: Order) -> list[Part]:
    """Everybody who must confirm: each desk whose feed carried the notice, and the node that its key lives on."""
    told = origins_of(registry, order.tlp, (order.source, *order.readers))
    row = registry.key(order.keyid)
    nodes = [Part(NODE, row.node)] if row else []
    return [*(Part(DESK, country.value) for country in sorted(told)), *nodes]
