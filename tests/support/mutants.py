"""Each defence of the evidence, taken away by name. In tests alone: the product has no switch that weakens it.

An attack that is caught proves little until it has been seen to succeed. So every attack is run a second time against
the product without the defence that catches it, and must then succeed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from psycopg import AsyncConnection

from tamani.archive import binary_copy, head, ledger, store
from tamani.archive.binary_copy import Table
from tamani.archive.findings import series
from tamani.archive.tables import LEAVES
from tamani.core import proving
from tamani.core.log import note, policy
from tamani.core.registry import KeyRow
from tamani.core.trust import rules, stands
from tamani.core.trust.opening import open_registry
from tamani.core.trust.statements import Statement
from tamani.desk import projection
from tamani.node import dispatch
from tamani.runtime import registry
from tamani.witness import compare, cosigner, watch

Apply = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is missing, in words, and how it is taken away."""

    name: str
    without: str
    apply: Apply


def _put(target: object, name: str, value: Any) -> Apply:
    return lambda patch: patch.setattr(target, name, value)


class _Forgetful(set[Any]):
    """A set that never knows what is in it."""

    def __contains__(self, _: object) -> bool:
        return False


def _forget_numbers(patch: pytest.MonkeyPatch) -> None:
    known = ledger.Known.__init__

    def forgetting(self: ledger.Known, *values: Any, **named: Any) -> None:
        known(self, *values, **named)
        self.sequences = _Forgetful()

    patch.setattr(ledger.Known, "__init__", forgetting)


def _by_the_archive_s_time(row: KeyRow, recorded: datetime, _: datetime | None = None) -> bool:
    return row.compromised_since is None or recorded < row.compromised_since


def _any_two(self: policy.Policy, names: frozenset[str]) -> bool:
    return len(names) >= 2


# The numbers of leaves, kept where no rollback reaches them: a sequence, as one would be tempted to use.
_NUMBERS = "SELECT last_value, is_called FROM leaf_numbers"
_NUMBERED = "SELECT setval('leaf_numbers', %s)"


def _leaves_numbered_by_a_sequence(patch: pytest.MonkeyPatch) -> None:
    read, write = head.read_head, head.write_head

    async def reading(connection: AsyncConnection[Any], *, lock: bool = False) -> head.Head:
        found = await read(connection, lock=lock)
        row = await (await connection.execute(_NUMBERS)).fetchone()
        if row and row[1]:
            found.leaves = row[0]
        return found

    async def writing(connection: AsyncConnection[Any], found: head.Head) -> None:
        await write(connection, found)
        await connection.execute(_NUMBERED, [found.leaves])

    patch.setattr(store, "read_head", reading)
    patch.setattr(store, "write_head", writing)


def _leaves_in_a_transaction_of_their_own(patch: pytest.MonkeyPatch) -> None:
    together = binary_copy.copy

    async def apart(connection: AsyncConnection[Any], table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        if table is not LEAVES:
            await together(connection, table, rows)
            return
        info = connection.info
        async with await AsyncConnection.connect(info.dsn, password=info.password, autocommit=True) as other:
            await together(other, table, rows)

    patch.setattr(store, "copy", apart)


def _notice_first(patch: pytest.MonkeyPatch) -> None:
    whole = dispatch.Dispatcher._send_thread

    async def reversed_(self: dispatch.Dispatcher, link: Any, thread: list[Any]) -> Any:
        bare = [replace(row, capsules=()) for row in thread]
        done = await whole(self, link, bare)
        for row in thread:
            for capsule in row.capsules:
                await dispatch._send_capsule(link, capsule)
        return done

    patch.setattr(dispatch.Dispatcher, "_send_thread", reversed_)


# What a process that is killed must not have lacked: applied in the process itself, by name.
KILLED = {
    mutant.name: mutant
    for mutant in (
        Mutant("sequence", "leaves are numbered by the row that is locked", _leaves_numbered_by_a_sequence),
        Mutant("apart", "leaves and ledger are one transaction", _leaves_in_a_transaction_of_their_own),
        Mutant("capsules last", "capsules go before their notice", _notice_first),
    )
}
MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Mutant("signature", "a cosignature is verified", _put(note, "verify_bytes", lambda *_: True)),
        Mutant("quorum", "every country that does not host must cosign", _put(policy.Policy, "is_enough", _any_two)),
        Mutant("one", "one witness is not enough", _put(policy.Policy, "is_enough", lambda _, names: bool(names))),
        Mutant("consistency", "a log may only grow", _put(cosigner, "verify_consistency", lambda *_: True)),
        Mutant(
            "copy", "what is cosigned was copied and has that root", _put(cosigner.Cosigner, "_copy", lambda *_: None)
        ),
        Mutant("compare", "two checkpoints are held against each other", _put(compare, "contradict", lambda *_: False)),
        Mutant("path", "the path between two trees is asked for", _put(compare, "prefix_roots", lambda *_: None)),
        Mutant("look", "witnesses look at what the others show", _put(watch.Watch, "look", lambda _: None)),
        Mutant(
            "version",
            "a registry never goes back",
            _put(registry, "open_registry", lambda value, trusted, _=None: open_registry(value, trusted)),
        ),
        Mutant("numbers", "a number is used once", _forget_numbers),
        Mutant("witnessed", "what stands was witnessed before", _put(stands, "stands", _by_the_archive_s_time)),
        Mutant("role", "a key of the log has that one role", _put(rules, "check_policies", lambda *_: None)),
        Mutant("contest", "a second content is kept, marked and told", _put(ledger, "_contest", lambda *_: None)),
        Mutant("holes", "numbers are counted", _put(series, "holes", lambda *_: [])),
        Mutant("promise", "a receipt in a proof is verified", _put(proving, "is_signed", lambda *_: True)),
        Mutant("officers", "two officers order an erasure", _put(projection, "check_officers", lambda *_, **__: ())),
        Mutant("order", "a signature serves for one order", _put(Statement, "holds", lambda *_: True)),
    )
}
