"""Every attack is caught, and every defence is seen to be what catches it: without it the same attack succeeds."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tamani.archive.head import Head
from tamani.archive.ledger import CONTESTED, draw_up
from tamani.core.names import Country
from tests.component.evidence.attacks import ATTACKS, SIZE, Attack, Stage, known
from tests.support.mutants import MUTANTS
from tests.support.notices import Speaker, seal
from tests.support.ports import free_ports
from tests.support.region import NOW, judged, record
from tests.support.small_log import WITNESSES, SmallLog, serving
from tests.support.telling import Tell
from tests.support.witnessing import served, witnessing

CASES = [(attack, without) for attack in ATTACKS for without in attack.without]


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
        yield Stage(log, witnesses, urls, tmp_path)


def name_of(value: object) -> str:
    """A readable name of a case."""
    return value.run.__name__ if isinstance(value, Attack) else "+".join(value) if isinstance(value, tuple) else ""


@pytest.mark.parametrize("attack", ATTACKS, ids=name_of)
def test_an_attack_is_caught(stage: Stage, attack: Attack) -> None:
    """By the product as it is."""
    assert attack.run(stage) is False


@pytest.mark.parametrize(("attack", "without"), CASES, ids=name_of)
def test_without_its_defence_it_succeeds(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, attack: Attack, without: tuple[str, ...]
) -> None:
    """So that the test above could have failed."""
    for name in without:
        MUTANTS[name].apply(monkeypatch)
    assert attack.run(stage) is True


def test_every_defence_is_tried_and_the_table_is_told(tell: Tell) -> None:
    """No mutant that nobody meets; the table as an auditor reads it."""
    assert {name for _, without in CASES for name in without} == set(MUTANTS)
    rows = [("attack", "who lies", "who is down", "who detects it", "from", "within"), *map(_row, ATTACKS)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        tell("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(attack: Attack) -> tuple[str, ...]:
    return attack.what, attack.lies, attack.down, attack.detects, attack.artefact, attack.within


def test_a_second_content_takes_nothing_from_anybody(tmp_path: Path) -> None:
    """Under one id: each feed keeps the first where it was, and gains a mark."""
    first = Speaker().says()
    second = replace(first, lang="en")
    records = [record(seal(one), one.source, one.subject, at) for at, one in enumerate((first, second))]
    before, after = (draw_up(Head(), judged(some), known(), NOW) for some in (records[:1], records))
    for country in Country:
        kept = [row for row in before.feed if row[0] == country]
        assert [row for row in after.feed if row[0] == country][: len(kept)] == kept
    assert {row[4] for row in after.feed[len(before.feed) :]} == {CONTESTED}
    assert after.ledger == before.ledger
