"""Processes that ended of themselves: each may, once for each time that a store of its went away, and never more."""

from collections.abc import Mapping

from tests.support.bus import Bus

# PostgreSQL that was killed may find its own last children still there, and be started once more.
NEEDS = {
    "router": ("kafka",),
    "archive": ("kafka", "postgres"),
    "site": ("kafka", "postgres"),
    "postgres": ("postgres",),
}


def ends_of_themselves(bus: Bus, taken: Mapping[str, int]) -> str:
    """How often each part ended unasked, as a line to be told; `taken` says how often each store went away.

    Raises:
        AssertionError: some part ended more often than its stores went away.
    """
    ended = {name: part.unwished for name, part in sorted(bus.parts.items())}
    allowed = {name: sum(taken.get(store, 0) for store in NEEDS.get(name.partition("-")[0], ())) for name in ended}
    storm = [name for name in ended if ended[name] > allowed[name]]
    assert not storm, f"restarts of {storm}: {ended}, of at most {allowed}"
    told = ", ".join(f"{name} {ended[name]} of at most {allowed[name]}" for name in ended if allowed[name])
    return f"ended unasked: {told or 'none'}"
