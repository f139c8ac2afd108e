"""What a body has signed twice under one id is proven to anybody: a real ledger, its log, and the public root."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tamani.archive.enrolments import Enrolments
from tamani.archive.evidence import evidence_of
from tamani.archive.log import checkpoints
from tamani.archive.settings import ArchiveSettings
from tamani.archive.store import Store
from tamani.cli.app import run
from tamani.core.errors import OutageError, RefusedError, TamaniError
from tamani.core.event import Event, encode_event
from tamani.core.proven import Trust
from tamani.core.proving import open_own, prove
from tests.component.archive.conftest import MakeKeeper
from tests.component.archive.log.conftest import (  # noqa: F401 - fixtures of ours, too
    MakeCheckpointer,
    listener,
    make_checkpointer,
    tree,
)
from tests.support.cluster import Database
from tests.support.notices import BUREAU, COMMISSION_ML, SOURCES, TRUSTED, Speaker, registry, seal
from tests.support.region import NOW, StillRegistry, record
from tests.support.registries import value_of
from tests.support.small_log import AT, WITNESSES, SmallLog, policy_text

pytestmark = pytest.mark.postgres


class Twice:
    """A ledger with a notice and other contents under its id."""

    def __init__(self, dsn: str, tree: SmallLog, folder: Path) -> None:  # noqa: F811
        self.dsn, self._tree = dsn, tree
        self.policy = folder / "policy"
        self.policy.write_text(policy_text(tree.key))
        value = value_of(registry(SOURCES, log_policy=hashlib.sha256(self.policy.read_bytes()).hexdigest()))
        self.known = StillRegistry(open_own(value), value=value)
        speaker = Speaker(COMMISSION_ML)
        first = speaker.says(tlp="GREEN")
        readers = {"tlp": "AMBER", "audience": BUREAU}
        self.said = [first, *(speaker.says(id=first.id, lang=lang, **readers) for lang in ("en", "ff"))]

    @property
    def settings(self) -> ArchiveSettings:
        return ArchiveSettings(database=self.dsn, log_policy=self.policy)

    async def kept(self, make_keeper: MakeKeeper, count: int = 3) -> None:
        """The archive keeps so many of them, and the registry's version."""
        keeper = make_keeper(store=Store("cluster-1", self.known.digest), registry=self.known)
        for offset, event in enumerate(self.said[:count]):
            await keeper.keep([record(seal(event), event.source, event.subject, offset)])
        noting = Enrolments(self._connect, self.known, lambda: NOW, witnessed=True)
        await noting.settle()
        await noting.close()

    async def attested(self, make_checkpointer: MakeCheckpointer, *countries: str) -> None:  # noqa: F811
        """The log signs, and these witnesses with it."""
        await make_checkpointer().round()
        async with await self._connect() as connection:
            kept = await checkpoints.newest_signed(connection)
            assert kept is not None
            for cc in countries:
                line = WITNESSES[cc].sign(kept.text, AT)
                await checkpoints.store_cosignature(
                    connection, kept.size, cc, line=line, said=AT, enough_at=self._tree.policy().enough_at
                )

    async def proofs(self) -> list[bytes | None]:
        """As the command asks."""
        return await asyncio.to_thread(evidence_of, self.settings, COMMISSION_ML, UUID(self.said[0].id))

    async def refusal(self) -> str:
        with pytest.raises(TamaniError) as caught:
            await self.proofs()
        assert isinstance(caught.value, OutageError | RefusedError)
        return caught.value.code.name

    async def erase(self, event: Event, table: str = "equivocation") -> None:
        """What an order of erasure leaves of it (`archive.rows_of_erasure`)."""
        async with await self._connect() as connection:
            digest = hashlib.sha256(encode_event(event)).digest()
            done = await connection.execute(f"UPDATE {table} SET envelope = '' WHERE digest = %s", [digest])
            assert done.rowcount == 1

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(self.dsn, autocommit=True)


@pytest.fixture
def twice(ledger: Database, tree: SmallLog, tmp_path: Path) -> Twice:  # noqa: F811
    return Twice(ledger.dsn, tree, tmp_path)


async def test_each_content_is_proven_to_whoever_knows_the_root(
    twice: Twice,
    make_keeper: MakeKeeper,
    make_checkpointer: MakeCheckpointer,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first as a notice, the others as second contents; any two contradict each other. By the command, too."""
    await twice.kept(make_keeper)
    await twice.attested(make_checkpointer, "bf", "ml")
    found = [prove(content or b"", Trust(roots=TRUSTED)) for content in await twice.proofs()]
    assert [one.failed for one in found] == [None] * 3
    assert [one.second for one in found] == [False, True, True]
    assert sorted(one.envelope.payload for one in found if one.envelope) == sorted(map(encode_event, twice.said))
    assert all(one.contradicts(other) == (one is not other) for one in found for other in found)

    monkeypatch.setenv("TAMANI_ARCHIVE_DATABASE", twice.dsn)
    monkeypatch.setenv("TAMANI_ARCHIVE_LOG_POLICY", str(twice.policy))
    id_ = twice.said[0].id
    capsys.readouterr()
    assert await asyncio.to_thread(run, ["archive", "evidence", COMMISSION_ML, id_, "-o", str(tmp_path)]) == 0
    files = capsys.readouterr().out.split()
    assert [Path(file).name for file in files] == [f"{id_}{ending}.preuve.json" for ending in ("", ".2", ".3")]
    assert run(["proof", "verify", files[1], "--against", files[0], "--root", TRUSTED[0]]) == 0
    assert "Deux contenus signés" in capsys.readouterr().out


async def test_what_was_erased_is_not_proven(
    twice: Twice,
    make_keeper: MakeKeeper,
    make_checkpointer: MakeCheckpointer,  # noqa: F811
) -> None:
    """The others are; once no second content is left, the answer is that it was erased."""
    first, *others = twice.said
    await twice.kept(make_keeper)
    await twice.attested(make_checkpointer, "bf", "ml")
    await twice.erase(first, "ledger")
    await twice.erase(others[0])
    there = [content is not None for content in await twice.proofs()]
    assert (there[0], sorted(there[1:])) == (False, [False, True])
    await twice.erase(others[1])
    assert await twice.refusal() == "refused.erased"


async def test_what_cannot_be_proven_yet_or_at_all_has_its_code(
    twice: Twice,
    make_keeper: MakeKeeper,
    make_checkpointer: MakeCheckpointer,  # noqa: F811
) -> None:
    """One content is no contradiction; a log without enough witnesses; a registry of before it was kept."""
    assert await twice.refusal() == "refused.request.notice"
    await twice.kept(make_keeper, 1)
    assert await twice.refusal() == "refused.request.notice"
    await twice.kept(make_keeper)
    assert await twice.refusal() == "failed.log.pending"
    await twice.attested(make_checkpointer, "bf")
    assert await twice.refusal() == "failed.proof.pending"
    async with await psycopg.AsyncConnection.connect(twice.dsn, autocommit=True) as connection:
        await connection.execute("UPDATE registry_noted SET document = NULL")
    assert await twice.refusal() == "refused.proof.none"
