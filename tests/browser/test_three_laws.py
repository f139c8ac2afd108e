"""The three laws, a day of it: a gap recorded, a draft, an opinion asked for, given and answered, the file moved on."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator

from tamani.core.event import Event
from tests.browser.conftest import OpenReader, Reader
from tests.browser.days import behind_a_slow_link, published, shows, sign_in, size_of
from tests.browser.test_door import look
from tests.support.cadre import Cadre
from tests.support.gestures import Hands
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(300)]
ARTICLE = "Le témoin d'un acte grave peut être entendu sous un numéro."
REMARK = "Rien n'est prévu après le procès."
OUTCOME = "Un suivi de douze mois est ajouté."


@dataclass(frozen=True, slots=True)
class Matter:
    """What the laws of one width are about: both are told in one region."""

    theme: str
    name: str
    point: str
    version: str

    @property
    def draft(self) -> str:
        """The title of the bill."""
        return f"Avant-projet : {self.name}"

    @property
    def evidence(self) -> str:
        """What shows that there is one."""
        return f"Avant-projet {self.version}"


MATTERS = {
    "phone": Matter("temoins", "Protection des témoins et victimes", "temoins/anonymat-audience", "0.1"),
    "desk": Matter("armes", "Trafic d'armes", "armes/registre", "0.2"),
}


@dataclass
class Day:
    """A clerk and an observatory of Mali."""

    cadre: Cadre
    clerk: Reader
    observatory: Reader
    hands: Hands
    others: Hands
    matter: Matter
    shots: Path | None

    async def look(self, name: str, reader: Reader | None = None) -> None:
        """A picture of the day."""
        shown = reader or self.clerk
        await look(shown, f"lois-{size_of(shown)}-{name}", self.shots)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_three_laws(cadre: Cadre, windows: OpenReader, shots: Path | None, size: str, tell: Tell) -> None:
    """From the missing law to a bill under way; the observatory sees what became of its word."""
    async with AsyncExitStack() as stack:
        clerk, observatory = [await windows(cadre.url(COMMISSION_ML), size) for _ in range(2)]
        await sign_in(clerk, cadre.officer(COMMISSION_ML, f"lois.{size}"))
        await sign_in(observatory, cadre.officer(OBSERVATORY_ML, f"veille.{size}"))
        if size == "phone":
            for reader in (clerk, observatory):
                await behind_a_slow_link(stack, reader)
                await reader.goes_to("/accueil")
        hands, others = Hands(clerk.page), Hands(observatory.page)
        day = Day(cadre, clerk, observatory, hands, others, MATTERS[size], shots)
        file = await _file_opened(day)
        await _gap_recorded(day)
        bill = await _draft_put_in(day)
        asked = await _opinion_asked(day, bill)
        await _opinion_given(day)
        await _opinion_answered(day, asked)
        await _file_moved(day, file)
        await _both_see_it(day, bill)
    tell("\n".join([*hands.told, *others.told]))
    assert clerk.complaints == observatory.complaints == []


async def _said(cadre: Cadre, reader: Reader, hands: Hands) -> Event:
    """Read over, published; each commission has it."""
    await hands.look()
    await hands.press(_button(reader, "Relire, et voir qui lira"))
    await hands.press(_button(reader, "Publier maintenant"))
    return await published(cadre, reader)


async def _provision(cadre: Cadre, source: str, matter: Matter, **said: str) -> None:
    """What a commission of another country says of its own law, at its own site."""
    data = data_of("law.provision") | {"topic": matter.point, "country": source[1:3]} | said
    await cadre.says("law.provision", source, tlp="GREEN", data=data | {"head": {"title": f"Loi : {source}"}})


async def _file_opened(day: Day) -> Event:
    clerk, hands, matter = day.clerk, day.hands, day.matter
    async with hands.task("open a harmonisation file"):
        await _place(clerk, hands, "Accueil")
        await hands.press(clerk.page.locator("a.tile[href='/publier/law.item']"))
        await hands.write(_field(clerk, "head.title"), matter.name)
        await hands.choose(_field(clerk, "theme"), matter.theme)
        await hands.write(_field(clerk, "problem"), "Aucune protection après le procès")
        await hands.write(_field(clerk, "reference_instrument"), "Convention type")
        await hands.choose(_field(clerk, "steps.0.country"), "ml")
        await hands.choose(_field(clerk, "steps.0.stage"), "lacune")
        event = await _said(day.cadre, clerk, hands)
    assert event.data["steps"] == [{"country": "ml", "stage": "lacune"}]
    return event


async def _gap_recorded(day: Day) -> None:
    """Two countries have said what their laws hold; ours holds nothing, and the table shows it at a glance."""
    clerk, hands, matter = day.clerk, day.hands, day.matter
    await _provision(day.cadre, COMMISSION_BF, matter, conformity="partiel", article="Article 12")
    await _provision(day.cadre, COMMISSION_NE, matter, conformity="conforme", article="Article 3")
    async with hands.task("record what one's own law lacks"):
        await _to_the_theme(day)
        await hands.press(clerk.page.locator(f"a[href*='topic={matter.point}&country=ml']"))
        await hands.write(_field(clerk, "head.title"), "Rien au Mali")
        assert await _field(clerk, "topic").input_value() == matter.point
        await hands.choose(_field(clerk, "conformity"), "absent")
        await hands.write(_field(clerk, "gap"), "Aucune disposition.")
        event = await _said(day.cadre, clerk, hands)
    assert (event.data["country"], event.data["conformity"]) == ("ml", "absent")
    await _to_the_theme(day)
    cell = clerk.page.locator("td", has_text="Absent")
    await cell.locator("summary").click()
    await cell.get_by_text("Aucune disposition.").wait_for()
    await day.look("1-lacune")


async def _draft_put_in(day: Day) -> Event:
    clerk, hands, matter = day.clerk, day.hands, day.matter
    async with hands.task("put in a draft of one article"):
        await _place(clerk, hands, "Accueil")
        await hands.press(clerk.page.get_by_role("link", name="Tout ce que vous pouvez publier"))
        await hands.press(clerk.page.locator("a.tile[href='/publier/law.text']"))
        await hands.press(clerk.page.get_by_role("link", name="Texte en projet"))
        await hands.write(_field(clerk, "head.title"), matter.draft)
        await hands.choose(_field(clerk, "draft_kind"), "avant-projet")
        await hands.write(_field(clerk, "version"), matter.version)
        await hands.write(_field(clerk, "articles.0.number"), "1")
        await hands.write(_field(clerk, "articles.0.text"), ARTICLE)
        event = await _said(day.cadre, clerk, hands)
    assert [(one["eid"], one["text"]) for one in event.data["articles"]] == [("art_1", ARTICLE)]
    return event


async def _opinion_asked(day: Day, bill: Event) -> Event:
    clerk, hands, page = day.clerk, day.hands, day.clerk.page
    async with hands.task("ask an observatory for its opinion"):
        await _place(clerk, hands, "Avis")
        await hands.press(page.locator(f"li.card a[href='/avis{bill.source}/{bill.id}']"))
        await hands.press(page.get_by_role("link", name="Transmettre avec échéance"))
        await hands.press(page.locator("details.many > summary").first)
        await hands.tick(page.locator(f"input[name='d.addressed_to'][value='{OBSERVATORY_ML}']"))
        await hands.write(_field(clerk, "due"), "2030-05-01")
        event = await _said(day.cadre, clerk, hands)
    assert (event.profile, event.data["text"]["id"]) == ("avis", bill.id)
    await _to_our_demands(clerk, hands)
    await page.get_by_text(day.matter.draft).first.wait_for()
    await day.look("2-demandes")
    return event


async def _opinion_given(day: Day) -> None:
    """It is the first thing on the observatory's page."""
    observatory, hands = day.observatory, day.others
    page = observatory.page
    async with hands.task("give the opinion"):
        await _place(observatory, hands, "Accueil")
        await hands.aside(day.look("3-attend", observatory))
        mine = page.locator("section[aria-labelledby=attend] li", has_text=day.matter.draft)
        await hands.press(mine.get_by_role("link", name="Répondre"))
        await hands.choose(_field(observatory, "answer"), "answered")
        await hands.choose(_field(observatory, "opinion"), "reserves")
        await hands.write(_field(observatory, "comments.0.article"), "1")
        await hands.write(_field(observatory, "comments.0.comment"), REMARK)
        event = await _said(day.cadre, observatory, hands)
    assert (event.source, event.data["comments"]) == (OBSERVATORY_ML, [{"article": "1", "comment": REMARK}])


async def _opinion_answered(day: Day, asked: Event) -> None:
    clerk, hands = day.clerk, day.hands
    async with hands.task("answer the opinion"):
        await _to_our_demands(clerk, hands)
        await hands.press(clerk.page.locator(f"a[href='/avis{asked.source}/{asked.id}']").first)
        await hands.press(clerk.page.locator("a[href$='/suite/version%3Aconsidered']"))
        await hands.write(_field(clerk, "outcomes.0.article"), "1")
        await hands.choose(_field(clerk, "outcomes.0.outcome"), "partly")
        await hands.write(_field(clerk, "outcomes.0.reason"), OUTCOME)
        await hands.write(_field(clerk, "head.reason"), "Avis examiné en réunion de bureau")
        event = await _said(day.cadre, clerk, hands)
    assert (event.data["status"], event.data["outcomes"][0]["outcome"]) == ("considered", "partly")


async def _file_moved(day: Day, file: Event) -> None:
    clerk, hands, evidence = day.clerk, day.hands, day.matter.evidence
    card = clerk.page.locator(f".board-card a[href='/avis{file.source}/{file.id}']")
    async with hands.task("move the file on, with what shows it"):
        await _place(clerk, hands, "Lois")
        await hands.press(card)
        await hands.press(clerk.page.get_by_role("link", name="Faire avancer : Mali"))
        await hands.choose(_field(clerk, "stage"), "avant-projet")
        await hands.write(_field(clerk, "since"), "2026-11-02")
        await hands.write(_field(clerk, "evidence"), evidence)
        event = await _said(day.cadre, clerk, hands)
    (step,) = event.data["steps"]
    assert (step["stage"], step["evidence"]) == ("avant-projet", evidence)
    await _place(clerk, hands, "Lois")
    await shows(clerk, clerk.page.get_by_text(evidence))
    await day.look("4-tableau")
    async with clerk.page.expect_navigation():
        await hands.press(clerk.page.locator(".board-card", has_text=evidence).locator("a").first)
    await clerk.page.get_by_role("heading", name="Parcours", exact=True).wait_for()
    assert await clerk.page.locator("#parcours ~ table tbody tr").count() == 2
    await day.look("4-parcours")


async def _both_see_it(day: Day, bill: Event) -> None:
    """The remark stands beside its article, with what became of it and why."""
    observatory, hands = day.observatory, day.others
    async with hands.task("read what became of it"):
        await _place(observatory, hands, "Avis")
        await hands.press(observatory.page.locator(f"li.card a[href='/avis{bill.source}/{bill.id}']"))
        await hands.press(observatory.page.get_by_role("link", name="Lire article par article"))
        for words in (ARTICLE, REMARK, "Retenu en partie", OUTCOME):
            await observatory.page.get_by_text(words).first.wait_for()
    await day.look("5-texte", observatory)


async def _place(reader: Reader, hands: Hands, name: str) -> None:
    """One of the links that every page has; on a slow link the page before, with its links, stays for a while."""
    async with reader.page.expect_navigation():
        await hands.press(reader.page.locator("header").get_by_role("link", name=name, exact=True))


async def _to_the_theme(day: Day) -> None:
    await _place(day.clerk, day.hands, "Lois")
    async with day.clerk.page.expect_navigation():
        await day.hands.press(day.clerk.page.locator(f"main a[href='/lois/{day.matter.theme}']").last)


async def _to_our_demands(reader: Reader, hands: Hands) -> None:
    await _place(reader, hands, "Accueil")
    async with reader.page.expect_navigation():
        await hands.press(reader.page.get_by_role("link", name="Nos demandes"))


def _field(reader: Reader, path: str) -> Locator:
    return reader.page.locator(f"[name='d.{path}']")


def _button(reader: Reader, name: str) -> Locator:
    return reader.page.get_by_role("button", name=name)
