"""The calendar in a real browser, in French, on a phone and on a desk: it fits, reads and prints; axe finds nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]

from tests.browser.conftest import OpenReader, Reader
from tests.component.desk.conftest import Fed
from tests.component.desk.test_agenda import convene
from tests.support.notices import BUREAU, COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, PLATFORM

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
TODAY = datetime(2026, 12, 3, 10, tzinfo=UTC)
GRAVE = {"serious", "critical"}


async def filled(fed: Fed) -> None:
    """A month of three commissions, with a postponement, a move, a cancellation and a clash."""
    fed.desk.clock = lambda: TODAY

    def day(number: int, hour: int = 8, minute: int = 0) -> datetime:
        return datetime(2026, 12, 1, hour, minute, tzinfo=UTC) + timedelta(days=number - 1)

    joint = "Séance conjointe des trois commissions : protection des témoins"
    law = {"themes": ["temoins"], "countries": ["bf", "ml", "ne"]}
    convene(fed, "conjointe", day(15), COMMISSION_NE, title=joint, profile="conjointe", tlp="GREEN", head=law)
    convene(fed, "conjointe", day(16), COMMISSION_NE, title=joint, profile="conjointe", tlp="GREEN", head=law)
    extra = "Séance extraordinaire : registre des saisies d'armes"
    convene(fed, "armes", day(10, 10), COMMISSION_BF, title=extra, profile="extraordinaire")
    convene(fed, "armes", day(10, 10), COMMISSION_BF, title=extra, profile="extraordinaire", status="cancelled")
    convene(fed, "budget", day(16, 9, 30), COMMISSION_ML, title="Examen du budget de la défense", tlp="GREEN")
    closed = {"tlp": "AMBER", "audience": COMMISSION_ML, "profile": "audition"}
    convene(fed, "audition", day(17, 9, 30), COMMISSION_ML, title="Audition à huis clos", **closed)
    mission = {"title": "Mission d'appui aux communes frontalières", "profile": "mission", "tlp": "GREEN"}
    long = {"end": "2026-12-23T16:00:00Z"}
    convene(fed, "mission", day(21), BUREAU, **mission, **long)
    convene(fed, "mission", day(21), BUREAU, status="postponed", **mission, **long)
    convene(
        fed, "rencontre", day(2, 8, 30), OBSERVATORY_ML, title="Rencontre populations – forces", profile="rencontre"
    )
    convene(
        fed, "atelier", day(3, 13), PLATFORM, title="Atelier des observatoires", status="tentative", profile="atelier"
    )
    convene(fed, "forum", day(29, 9), PLATFORM, title="Forum de bilan de la feuille de route", profile="forum")
    convene(fed, "ordinaire", day(8, 9), COMMISSION_BF, title="Réunion ordinaire de la commission")
    await fed.take()


async def looked_at(reader: Reader, name: str, shots: Path | None) -> None:
    """What holds for every page; and a picture, for whoever wants to see it."""
    if shots is not None:
        await reader.page.screenshot(path=shots / f"agenda-{name}.png", full_page=True)
    assert await reader.overflow() <= 0, name
    assert await reader.page.evaluate(CONTRAST) == [], name
    found = await Axe().run(reader.page)
    faults = [one for one in found.response["violations"] if one["impact"] in GRAVE]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in faults] == [], name


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_every_view_can_be_read(fed: Fed, opens: OpenReader, size: str, shots: Path | None) -> None:
    """A month, a week and a list, for a body and for everybody, in both languages, empty and full."""
    await filled(fed)
    reader = await opens(size, bypass_csp=True)
    await reader.goes_to("/agenda")
    await looked_at(reader, f"{size}-public", shots)
    await reader.enter(fed.cookie(COMMISSION_ML))
    for view in ("mois", "semaine&jour=2026-12-16", "liste"):
        await reader.goes_to(f"/agenda?vue={view}")
        assert await reader.page.get_by_role("link", name="Séance conjointe").first.is_visible()
        await looked_at(reader, f"{size}-{view[:7]}", shots)
    await reader.goes_to("/agenda?jour=2031-05-01")
    await looked_at(reader, f"{size}-vide", shots)
    await reader.goes_to("/agenda?theme=temoins&origin=ml")
    await looked_at(reader, f"{size}-filtre", shots)
    await reader.goes_to("/langue/en?retour=/agenda")
    await looked_at(reader, f"{size}-english", shots)
    reader.is_content()
