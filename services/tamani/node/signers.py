"""With which key a body signs here: it must be of this node's country, enrolled, and the key must count today."""

from datetime import datetime, timedelta

from tamani.core.errors import OutageError, RefusedError
from tamani.core.names import country_of
from tamani.core.policy import key_state
from tamani.core.registry import KeyRow, Registry
from tamani.core.signing import SigningKey
from tamani.node.ground import Ground

# The region lets a new key wait for the witnesses, of which a node knows nothing; by then it has surely counted.
SETTLED = timedelta(days=7)


def registry_with(ground: Ground, source: str) -> Registry:
    """The registry, if it knows this body, and the body is of this node's country.

    Raises:
        RefusedError: `refused.origin`, `refused.request.body`; OutageError `failed.registry`.
    """
    registry = ground.registry()
    if registry.version == 0:
        raise OutageError("failed.registry")
    if country_of(source) is not ground.country:
        raise RefusedError("refused.origin", f"{source}: {ground.country}")
    if registry.body(source) is None:
        raise RefusedError("refused.request.body", source)
    return registry


def key_of(ground: Ground, registry: Registry, source: str) -> SigningKey:
    """The newest key of this body that lives here and counts today; before one that may still have to wait.

    Raises:
        RefusedError: `refused.key.unknown`, or why none of them counts.
    """
    mine = [row for row in registry.keys if row.body == source and row.keyid in ground.keystore.keyids]
    if not mine:
        raise RefusedError("refused.key.unknown", source)
    now = ground.clock()
    counting = [row for row in mine if key_state(row, now) is None]
    if not counting:
        raise RefusedError(key_state(mine[-1], now) or "refused.key.expired", source)
    fresh = registry.standing.fresh if registry.standing else ()

    def preference(row: KeyRow) -> tuple[bool, datetime]:
        return row.keyid not in fresh or row.not_before + SETTLED <= now, row.not_before

    return ground.keystore.keys[max(counting, key=preference).keyid]
