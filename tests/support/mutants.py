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
from tamani.archive.findings import gaps
from tamani.archive.log import checkpointer
from tamani.archive.tables import LEAVES
from tamani.core import judge, proving, sealing, signing, strict_json
from tamani.core import registry as core_registry
from tamani.core.log import note, policy
from tamani.core.registry import KeyRow
from tamani.core.trust import metadata, opening, rules, stands, suspensions
from tamani.core.trust.opening import open_registry
from tamani.core.trust.statements import Statement
from tamani.desk import projection
from tamani.node import answers, dispatch, elsewhere, promises
from tamani.runtime import registry
from tamani.witness import compare, cosigner, watch
from tests.support import weakened
from tests.support.edwards import holds_loosely

Apply = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is missing, in words, and how it is taken away."""

    name: str
    without: str
    apply: Apply


def _put(target: object, name: str, value: Any) -> Apply:
    return lambda patch: patch.setattr(target, name, value)


def _by_the_archive_s_time(row: KeyRow, recorded: datetime, _: datetime | None = None) -> bool:
    return row.compromised_since is None or recorded < row.compromised_since


async def _unguarded(*_: object) -> None:
    """Whatever was signed before."""


def _nothing(*_: object) -> None:
    """No rule."""


def _as_said(_: object, row: Any, __: str) -> Any:
    """Whoever signed it."""
    return row.decision


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
        Mutant("capsules_last", "capsules go before their notice", _notice_first),
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
        Mutant("numbers", "a number is used once", weakened.numbers_forgotten),
        Mutant("witnessed", "what stands was witnessed before", _put(stands, "stands", _by_the_archive_s_time)),
        Mutant("role", "a key of the log has that one role", _put(rules, "check_policies", lambda *_: None)),
        Mutant("contest", "a second content has consequences", _put(ledger, "_contest", lambda *_: None)),
        *(
            Mutant(part, f"of a second content there is: {part}", weakened.contested_without(part))
            for part in ("mark", "leaf", "evidence", "findings")
        ),
        Mutant("holes", "numbers are counted", _put(gaps, "holes", lambda *_: [])),
        Mutant("inclusion", "a node looks whether a promise was kept", _put(promises, "overdue", lambda *_: None)),
        Mutant("strays", "a node knows what its keys have said", _put(elsewhere, "is_whole", lambda _: False)),
        Mutant("refusal", "a refusal of nobody's undoes no answer", _put(answers, "_borne_out", lambda *_: True)),
        Mutant("guard", "a log that went back signs nothing", _put(checkpointer, "hold_against", _unguarded)),
        Mutant("promise", "a receipt in a proof is verified", _put(proving, "is_signed", lambda *_: True)),
        Mutant("officers", "two officers order an erasure", _put(projection, "check_officers", lambda *_, **__: ())),
        Mutant("order", "a signature serves for one order", _put(Statement, "holds", lambda *_: True)),
        # What a notice is held against on its way.
        Mutant("weak body", "no body's key is weak", _put(core_registry, "is_weak_key", lambda _: False)),
        Mutant("weak witness", "no witness's key is weak", _put(note, "is_weak_key", lambda _: False)),
        Mutant("weak office", "no officer's key is weak", _put(metadata, "is_weak_key", lambda _: False)),
        Mutant("strict", "one signature has one spelling, one key one", _put(signing, "verify_bytes", holds_loosely)),
        Mutant("verified", "a signature is verified", _put(judge, "verify", lambda *_: True)),
        Mutant("owner", "a key speaks for its own body", weakened.any_owner),
        Mutant("unsigned", "what is not signed is not taken", weakened.unsigned_taken),
        Mutant("type", "what was signed for one purpose serves no other", weakened.untyped),
        Mutant("names", "no name stands twice in one object", weakened.plain_json),
        Mutant("spelling", "one envelope has one spelling", weakened.loose_base64),
        Mutant("origin", "a body is heard on its country's topic alone", weakened.any_origin),
        Mutant("lane", "a thread is heard on its own lane alone", weakened.any_lane),
        Mutant("ids", "an id is remembered for ever, wherever it came from", weakened.ids_forgotten),
        Mutant("first come", "an id is taken once its signature holds", weakened.first_come),
        Mutant("size", "nothing is read that is too large", weakened.any_size),
        Mutant("depth", "nothing is read that is too deep", _put(strict_json, "_check_depth", lambda _: None)),
        Mutant("bound", "a ciphertext opens under its own attributes", _put(sealing, "bound_to", lambda _: b"")),
        Mutant("author", "who is named inside is who said it", weakened.any_author),
        Mutant("commitment", "a ciphertext has one key", _put(sealing, "commitment", lambda _: bytes(32))),
        # What a row of the registry is held against.
        Mutant("decision", "officers of two countries decide", _put(rules, "check_decision", _as_said)),
        Mutant("enrolment", "a key wants to be enrolled, and waits", _put(rules, "check_enrolment", _nothing)),
        Mutant("since", "a compromise long ago is all officers' to say", _put(rules, "check_since", _nothing)),
        Mutant("reason", "a decision has a reason", _put(rules, "check_reason", _nothing)),
        Mutant("reply", "a body answers for itself", _put(rules, "check_reply", _nothing)),
        Mutant("reuse", "a key has one owner", _put(rules, "check_one_role", _nothing)),
        Mutant("succession", "nothing in a registry goes back", _put(opening, "check_succession", _nothing)),
        Mutant("suspension", "an officer suspends", _put(suspensions, "check", _nothing)),
    )
}
