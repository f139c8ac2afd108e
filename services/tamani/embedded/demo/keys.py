"""Keys that the demo keeps off the nodes, in its own folder: one body signs elsewhere, others lost a key to time."""

import base64
from dataclasses import dataclass
from typing import Final

from tamani.core.signing import SigningKey
from tamani.embedded.layout import Layout
from tamani.embedded.secrets import write_private


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key that a body keeps off its site's node, and what became of it."""

    name: str
    body: str
    state: str = "active"


OWN_KEYS: Final = (
    OwnKey("dunes", "/ne/observatoire-dunes"),
    OwnKey("formation", "/bf/coordination-formation"),
    OwnKey("dunes-retiree", "/ne/observatoire-dunes", "retired"),
    OwnKey("dunes-suspendue", "/ne/observatoire-dunes", "suspended"),
    OwnKey("dunes-compromise", "/ne/observatoire-dunes", "compromised"),
)
STRANGER: Final = "inconnue"  # a key that nobody ever enrolled


def own_key(layout: Layout, name: str) -> SigningKey:
    """A key of the demo's own folder, made at the first call."""
    path = layout.data / "demo" / "keys" / f"{name}.seed"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, base64.b64encode(SigningKey.generate().seed))
    return SigningKey.from_seed(base64.b64decode(path.read_bytes()))
