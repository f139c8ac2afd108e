"""Every attack is caught as its row says, and each defence is seen to be what catches it: without it it succeeds."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tamani.archive.head import Head
from tamani.archive.ledger import CONTESTED, Known, draw_up
from tamani.core.names import Country
from tests.component.evidence.archives import Archive
from tests.component.evidence.claim_attacks import CLAIM_ATTACKS
from tests.component.evidence.ledger_attacks import LEDGER_ATTACKS
from tests.component.evidence.log_attacks import LOG_ATTACKS, SIZE, Stage
from tests.component.evidence.naming_attacks import NAMING_ATTACKS
from tests.component.evidence.notice_attacks import NOTICE_ATTACKS
from tests.component.evidence.sealed_attacks import SEALED_ATTACKS
from tests.component.evidence.table import Attack, cases, lines, name_of
from tests.support.cluster import Database, PostgresCluster
from tests.support.mutants import MUTANTS
from tests.support.notices import SOURCES, Speaker, seal
from tests.support.ports import free_ports
from tests.support.region import NOW, judged, record
from tests.support.small_log import WITNESSES, SmallLog, serving
from tests.support.telling import Tell
from tests.support.templates import ledger_tables
from tests.support.witnessing import served, witnessing
from tests.unit.core.trust.test_without_its_rule import BREACHES

# Bytes alone: neither a network nor a database.
CORE_ATTACKS = (*NOTICE_ATTACKS, *NAMING_ATTACKS, *SEALED_ATTACKS, *CLAIM_ATTACKS)
ALL: tuple[Attack[Any], ...] = (*LOG_ATTACKS, *LEDGER_ATTACKS, *CORE_ATTACKS)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A served log of three hundred entries; three witnesses that have seen none of them."""
    log, ports = SmallLog().append(SIZE), dict(zip(WITNESSES, free_ports(len(WITNESSES)), strict=True))
    urls = {country: f"http://127.0.0.1:{port}" for country, port in ports.items()}
    with ExitStack() as stack:
        url = stack.enter_context(serving(log))
        witnesses = {}
        for country, port in ports.items():
            others = {name: other for name, other in urls.items() if name != country}
            made = stack.enter_context(witnessing(tmp_path / country, log, url, country, others))
            stack.enter_context(served(made, port))
            witnesses[country] = made
        yield Stage(log, witnesses, urls)


@pytest.fixture
def archive(postgres: PostgresCluster, tmp_path: Path) -> Iterator[Archive]:
    """A new ledger; copies of it end with the test."""
    copies: list[Database] = []

    def copy(original: Database) -> Database:
        copies.append(postgres.copy_of(original))
        return copies[-1]

    yield Archive(copy(ledger_tables(postgres)), copy, tmp_path)
    for made in copies:
        postgres.drop(made)


def without_defences(patch: pytest.MonkeyPatch, without: tuple[str, ...]) -> None:
    """The product, but for these."""
    for name in without:
        MUTANTS[name].apply(patch)


@pytest.mark.parametrize("attack", CORE_ATTACKS, ids=name_of)
def test_an_attack_on_notices_or_claims_is_caught(attack: Attack[None]) -> None:
    assert attack.run(None) == attack.caught


@pytest.mark.parametrize(("attack", "without"), cases(CORE_ATTACKS), ids=name_of)
def test_without_its_defence_an_attack_on_notices_or_claims_succeeds(
    monkeypatch: pytest.MonkeyPatch, attack: Attack[None], without: tuple[str, ...]
) -> None:
    without_defences(monkeypatch, without)
    assert attack.run(None) is None


@pytest.mark.parametrize("attack", LOG_ATTACKS, ids=name_of)
def test_an_attack_by_the_log_s_host_is_caught(stage: Stage, attack: Attack[Stage]) -> None:
    """By whom, with which word, after how many checkpoints: as the table says."""
    assert attack.run(stage) == attack.caught


@pytest.mark.parametrize(("attack", "without"), cases(LOG_ATTACKS), ids=name_of)
def test_without_its_defence_an_attack_by_the_log_s_host_succeeds(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, attack: Attack[Stage], without: tuple[str, ...]
) -> None:
    without_defences(monkeypatch, without)
    assert attack.run(stage) is None


@pytest.mark.postgres
@pytest.mark.parametrize("attack", LEDGER_ATTACKS, ids=name_of)
def test_what_is_held_back_dropped_or_restored_is_caught(archive: Archive, attack: Attack[Archive]) -> None:
    assert attack.run(archive) == attack.caught


@pytest.mark.postgres
@pytest.mark.parametrize(("attack", "without"), cases(LEDGER_ATTACKS), ids=name_of)
def test_without_its_defence_what_is_held_back_dropped_or_restored_goes_unseen(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, attack: Attack[Archive], without: tuple[str, ...]
) -> None:
    without_defences(monkeypatch, without)
    assert attack.run(archive) is None


def test_every_defence_is_tried_and_the_table_is_told(tell: Tell) -> None:
    """No mutant that nobody meets; the table as an auditor reads it: the tests above have measured its last columns."""
    tried = {name for attack in ALL for without in attack.without for name in without}
    assert tried | {breach.without for breach in BREACHES} == set(MUTANTS)
    assert len({attack.what for attack in ALL}) == len(ALL)
    for line in lines(attack.cells for attack in ALL):
        tell(line)


def test_a_second_content_takes_nothing_from_anybody() -> None:
    """Under one id: each feed keeps the first where it was, and gains a mark."""
    first = Speaker().says()
    second = replace(first, lang="en")
    records = [record(seal(one), one.source, one.subject, at) for at, one in enumerate((first, second))]
    before, after = (draw_up(Head(), judged(some), _known(), NOW) for some in (records[:1], records))
    for country in Country:
        kept = [row for row in before.feed if row[0] == country]
        assert [row for row in after.feed if row[0] == country][: len(kept)] == kept
    assert {row[4] for row in after.feed[len(before.feed) :]} == {CONTESTED}
    assert after.ledger == before.ledger


def _known() -> Known:
    streams = {"regional.events": 1, "regional.urgent": 2}
    return Known({source: n for n, source in enumerate(SOURCES)}, streams, {}, set(), set())
