"""A new key counts a day after its enrolment was witnessed: noted once, in the log, judged alike by every worker."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tamani.archive.enrolments import Enrolments
from tamani.archive.keeper import Keeper
from tamani.core.registry import Registry
from tamani.core.trust.opening import open_registry
from tamani.core.trust.statements import merged, possession, succession
from tamani.runtime.fakes import InMemoryBus
from tests.component.archive.conftest import MakeKeeper
from tests.support.cluster import Database
from tests.support.notices import COMMISSION_ML, Speaker, key_of, key_row, registry, seal
from tests.support.region import StillRegistry, record
from tests.support.registries import bundle_of, decided, first_root

Ask = Callable[..., list[tuple[Any, ...]]]
ENROLLED = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
# The officers signed on the first; the archive got it two days later.
NOTED = ENROLLED + 2 * DAY
WITNESSED = NOTED + timedelta(minutes=3)
ROOT = first_root(86_400)
LEAVES = "SELECT leaf_index, reg FROM log_leaf WHERE kind = 'registry' ORDER BY 1"
EFFECTS = "SELECT encode(keyid, 'hex'), leaf_index, effective FROM key_effect ORDER BY 2"
COSIGN = "INSERT INTO log_checkpoint (size, root, text, witnessed) VALUES (%s, '', '', %s)"


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A key of the commission: the first of the beginning, each later one enrolled by the version of its number."""
    late = {"enrolled": {"version": number + 1, "at": ENROLLED}, "not_before": ENROLLED + DAY} if number else {}
    return key_row(COMMISSION_ML, number, **(late | changes))


def version(number: int, *keys: dict[str, Any], vouched: Sequence[int] = ()) -> Registry:
    """A version with these keys, by default as many as its number; each of `vouched` is named by the first."""
    rows = keys or tuple(row(n) for n in range(number))
    document = decided(registry((COMMISSION_ML,), number, keys=list(rows)), ENROLLED)
    made = [key_of(COMMISSION_ML, n) for n in range(6)]
    wishes = [{(s := possession(COMMISSION_ML, key.keyid)).digest: (s.sign(key),)} for key in made]
    for n in vouched:
        named = succession(COMMISSION_ML, made[0].keyid, made[n].keyid)
        wishes.append({named.digest: (named.sign(made[0]),)})
    return open_registry(bundle_of(document, roots=(ROOT[0],), signatures=merged(*wishes)).encode(), (ROOT[1],))


Make = Callable[..., Enrolments]


@pytest.fixture
async def make(ledger: Database) -> AsyncIterator[Make]:
    made: list[Enrolments] = []

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)

    def build(known: Registry, at: datetime = NOTED, *, witnessed: bool = True) -> Enrolments:
        made.append(Enrolments(connect, StillRegistry(known), lambda: at, witnessed=witnessed))
        return made[-1]

    yield build
    for one in made:
        await one.close()


def cosign(ledger: Database, size: int, at: datetime) -> None:
    """Enough witnesses have cosigned a checkpoint of this size."""
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute(COSIGN, [size, at])


def keyid(number: int) -> str:
    return key_of(COMMISSION_ML, number).keyid


@pytest.mark.postgres
async def test_every_version_is_an_entry_once(make: Make, ask: Ask) -> None:
    """As soon as it is held, by whichever worker; an older one that a slower worker holds is noted too."""
    for known in (version(3), version(3), version(2), version(4)):
        await make(known).settle()
    assert ask(LEAVES) == [(0, 3), (1, 2), (2, 4)]
    assert ask("SELECT version, leaf_index FROM registry_noted ORDER BY 2") == [(3, 0), (2, 1), (4, 2)]
    assert ask("SELECT leaves, recordedtime FROM log_head") == [(3, NOTED)]


@pytest.mark.postgres
async def test_what_the_first_version_has_is_taken_as_it_stands(make: Make, ask: Ask) -> None:
    """A region begins, or goes on with this rule, without losing a day."""
    task = make(version(2))
    await task.settle()
    assert task.effects == {keyid(1): NOTED}
    assert version(2).standing is not None
    assert version(2).standing.fresh == (keyid(1),)  # type: ignore[union-attr]


@pytest.mark.postgres
async def test_a_new_key_counts_a_day_after_its_entry_was_witnessed(make: Make, ask: Ask, ledger: Database) -> None:
    """Not after the date that its officers wrote, which is past. It is decided once, whatever is seen later."""
    await make(version(2)).settle()
    task = make(version(3))
    await task.settle()
    assert ask(EFFECTS)[1] == (keyid(2), 1, None)
    cosign(ledger, 1, WITNESSED - DAY)
    await task.settle()
    assert keyid(2) not in task.effects, "a checkpoint from before it"
    cosign(ledger, 2, WITNESSED)
    cosign(ledger, 3, WITNESSED - timedelta(hours=1))
    await task.settle()
    assert task.effects == {keyid(1): NOTED, keyid(2): WITNESSED + DAY}
    await make(version(4), NOTED + 9 * DAY).settle()
    assert ask(EFFECTS)[1] == (keyid(2), 1, WITNESSED + DAY)
    assert ask(EFFECTS)[2] == (keyid(3), 2, WITNESSED - timedelta(hours=1) + DAY)


@pytest.mark.postgres
async def test_without_witnesses_it_counts_a_day_after_its_entry(make: Make) -> None:
    """The archive's own time is all that there is."""
    await make(version(2), witnessed=False).settle()
    task = make(version(3), NOTED + DAY, witnessed=False)
    await task.settle()
    assert task.effects[keyid(2)] == NOTED + 2 * DAY


@pytest.mark.postgres
async def test_a_key_that_the_one_before_has_named_waits_for_nobody(make: Make, ask: Ask) -> None:
    """Its own signature is why nobody else could have brought it."""
    await make(version(1)).settle()
    rows = (row(0, superseded_by=keyid(1)), row(1, not_before=ENROLLED), row(2))
    await make(version(3, *rows, vouched=[1])).settle()
    assert [found[:2] for found in ask(EFFECTS)] == [(keyid(2), 1)]


async def said(keeper: Keeper, number: int, offset: int) -> None:
    event = Speaker(COMMISSION_ML, key_of(COMMISSION_ML, number)).says()
    value = seal(event, key_of(COMMISSION_ML, number))
    await keeper.keep([record(value, event.source, event.subject, offset)])


@pytest.mark.postgres
async def test_what_a_waiting_key_signs_is_put_off_and_not_lost(
    make: Make, make_keeper: MakeKeeper, ask: Ask, ledger: Database, bus: InMemoryBus
) -> None:
    """Its node is told why and sends it again; nothing of it is in the ledger or in quarantine before its time."""
    await make(version(2)).settle()
    known, now = version(3), [NOTED]
    task = make(known)
    await task.settle()
    keeper = make_keeper(registry=StillRegistry(known), clock=lambda: now[0], effects=lambda: task.effects)
    await said(keeper, 2, 0)
    await said(keeper, 1, 1)
    cosign(ledger, 2, WITNESSED)
    await task.settle()
    now[0] = WITNESSED + DAY - timedelta(seconds=1)
    await said(keeper, 2, 2)
    now[0] += timedelta(seconds=1)
    await said(keeper, 2, 3)
    assert ask("SELECT verdict, code FROM answer ORDER BY answer_no") == [
        ("held", "held.key.waiting"),
        ("archived", "archived"),
        ("held", "held.key.waiting"),
        ("archived", "archived"),
    ]
    assert ask("SELECT encode(keyid, 'hex'), recordedtime FROM ledger ORDER BY log_index") == [
        (keyid(1), NOTED),
        (keyid(2), WITNESSED + DAY),
    ]
    assert not bus.records("quarantine")
