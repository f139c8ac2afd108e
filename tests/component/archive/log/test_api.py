"""The log over HTTP: it serves what a tree of the same entries serves; proofs hold; nothing beyond the signed."""

import base64
from collections.abc import AsyncIterator

import httpx
import pytest

from tamani.archive.api import build_app
from tamani.archive.log import checkpoints
from tamani.archive.settings import ArchiveSettings
from tamani.archive.work import Worker
from tamani.core.log.merkle import leaf_hash, verify_inclusion
from tamani.core.log.note import Note
from tamani.core.log.policy import Policy
from tamani.core.log.proof import Proof
from tamani.core.log.tiles import ENTRIES, Tile, tiles_between, unbundle
from tamani.runtime.database import make_pool
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tests.component.archive.log.conftest import MakeCheckpointer
from tests.support.archived_log import put
from tests.support.cluster import Database
from tests.support.region import NOW, StillRegistry
from tests.support.small_log import AT, WITNESSES, SmallLog, leaf

UNKNOWN = "ab" * 32


@pytest.fixture
async def log(ledger: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Anybody, from anywhere, below `/log`."""
    pool = make_pool(ledger.dsn, "test")
    await pool.open()
    sender = InMemorySender(InMemoryBus())
    app = build_app(Worker(ArchiveSettings(database=ledger.dsn), StillRegistry(), sender, pool, lambda: NOW))  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://archive/log") as client:
        yield client
    await pool.close()


async def cosign(ledger: Database, tree: SmallLog, size: int, *countries: str) -> None:
    """These witnesses have seen the checkpoint of this size."""
    policy = tree.policy()
    pool = make_pool(ledger.dsn, "test")
    await pool.open()
    async with pool.connection() as connection:
        for cc in countries:
            line = WITNESSES[cc].sign(tree.checkpoint(size).text, AT)
            await checkpoints.store_cosignature(connection, size, cc, line=line, said=AT, enough_at=policy.enough_at)
    await pool.close()


async def test_nothing_is_served_before_there_is_a_checkpoint(
    log: httpx.AsyncClient, ledger: Database, tree: SmallLog
) -> None:
    """Entries that nobody signed for are nobody's business yet."""
    put(ledger.dsn, tree, 3)
    found = [await log.get(path) for path in ("/checkpoint", "/tile/0/000.p/3", f"/proof/{leaf(0).env.hex()}")]
    found.append(await log.post("/proofs", json={"env": [leaf(0).env.hex()]}))

    assert [(one.status_code, one.json()["code"]) for one in found] == [
        (503, "failed.log.pending"),
        (404, "refused.request.unknown"),
        (503, "failed.log.pending"),
        (503, "failed.log.pending"),
    ]
    assert found[0].json()["retriable"]


async def test_tiles_and_entries_are_those_of_the_tree(
    log: httpx.AsyncClient, ledger: Database, tree: SmallLog, make_checkpointer: MakeCheckpointer
) -> None:
    """Full and partial ones, narrower ones too, of every level; nothing beyond the newest checkpoint."""
    put(ledger.dsn, tree, 256 * 3 + 7)
    await make_checkpointer().round()
    tiles = [*tiles_between(0, tree.size), *tiles_between(0, 300), Tile(1, 0, 1)]
    tiles += [Tile(ENTRIES, tile.index, tile.width) for tile in tiles if tile.level == 0]
    for tile in tiles:
        found = await log.get("/" + tile.path)
        assert found.content == tree.answer(tile.path), tile.path
        assert ("immutable" in found.headers["cache-control"]) == (tile.width == 256)
    assert unbundle((await log.get("/tile/entries/003.p/7")).content) == tree.entries[-7:]

    beyond = ("tile/0/003", "tile/0/003.p/8", "tile/0/004.p/1", "tile/1/000.p/4", "tile/2/000.p/1", "tile/entries/003")
    strange = ("tile/0/1", "tile/x/000", "tile/0/000.p/256", "tile/0/000.p/0", "tile/64/000", "tile/-1/000")
    for path in (*beyond, *strange):
        assert (await log.get("/" + path)).status_code == 404, path


async def test_the_checkpoint_is_the_newest_with_the_cosignatures_that_it_has(
    log: httpx.AsyncClient, ledger: Database, tree: SmallLog, make_checkpointer: MakeCheckpointer
) -> None:
    """Never from a cache."""
    one = make_checkpointer()
    for step in (4, 5):
        put(ledger.dsn, tree, step)
        await one.round()
    bare = await log.get("/checkpoint")
    await cosign(ledger, tree, 9, "ml", "bf")
    full = await log.get("/checkpoint")

    assert bare.content == tree.note(9)
    assert full.content == tree.note(9, "bf", "ml")
    assert full.headers["cache-control"] == "no-cache"
    assert full.headers["content-type"] == "text/plain; charset=utf-8"
    assert tree.policy().see(full.content).attested


async def test_a_proof_holds_under_the_best_checkpoint_that_covers_the_entry(
    log: httpx.AsyncClient, ledger: Database, tree: SmallLog, make_checkpointer: MakeCheckpointer
) -> None:
    """Enough witnesses before some before none; within these the newest."""
    one, policy = make_checkpointer(), tree.policy()
    for step in (300, 10, 10, 10):
        put(ledger.dsn, tree, step)
        await one.round()
    await cosign(ledger, tree, 300, "bf", "ml")
    await cosign(ledger, tree, 310, "bf", "ml")
    await cosign(ledger, tree, 320, "bf")
    found = {}
    for index in (0, 299, 305, 315, 325):
        file = (await log.get(f"/proof/{leaf(index).env.hex()}")).content
        proof = Proof.parse(file)
        assert proof.extra == tree.entries[index]
        seen = proof.verify(tree.entries[index], policy)
        found[index] = (seen.checkpoint.size, seen.attested)

    assert found == {0: (310, True), 299: (310, True), 305: (310, True), 315: (320, False), 325: (330, False)}


async def test_many_proofs_stand_under_one_checkpoint(
    log: httpx.AsyncClient, ledger: Database, tree: SmallLog, make_checkpointer: MakeCheckpointer
) -> None:
    """Each holds; what is unknown, and what is not signed for yet, is null at its place."""
    one = make_checkpointer()
    put(ledger.dsn, tree, 700)
    await one.round()
    put(ledger.dsn, tree, 1)
    wanted = [leaf(n).env.hex() for n in (699, 0, 256)] + [UNKNOWN, leaf(700).env.hex(), leaf(3).env.hex()]
    found = (await log.post("/proofs", json={"env": wanted})).json()
    seen = _see(tree.policy(), found["checkpoint"])

    assert [row and row["env"] for row in found["proofs"]] == [*wanted[:3], None, None, wanted[5]]
    for row in filter(None, found["proofs"]):
        path = [base64.b64decode(hash_) for hash_ in row["path"]]
        entry = row["entry"].encode()
        assert entry == tree.entries[row["index"]]
        assert verify_inclusion(row["index"], 700, leaf_hash(entry), path, seen)


def _see(policy: Policy, note: str) -> bytes:
    assert Note.parse(note.encode()).signatures
    return policy.see(note.encode()).checkpoint.root


async def test_an_unknown_entry_and_a_malformed_question_have_their_codes(
    log: httpx.AsyncClient, ledger: Database, tree: SmallLog, make_checkpointer: MakeCheckpointer
) -> None:
    """Unknown is not pending."""
    put(ledger.dsn, tree, 2)
    await make_checkpointer().round()
    put(ledger.dsn, tree, 1)
    answers = {
        "unknown": await log.get(f"/proof/{UNKNOWN}"),
        "strange": await log.get("/proof/zz"),
        "pending": await log.get(f"/proof/{leaf(2).env.hex()}"),
        "malformed": await log.post("/proofs", json={"env": ["zz"]}),
        "many": await log.post("/proofs", json={"env": [UNKNOWN] * 501}),
    }

    assert {name: (found.status_code, found.json()["code"]) for name, found in answers.items()} == {
        "unknown": (404, "refused.log.unknown"),
        "strange": (404, "refused.log.unknown"),
        "pending": (503, "failed.log.pending"),
        "malformed": (422, "refused.request"),
        "many": (422, "refused.request"),
    }
