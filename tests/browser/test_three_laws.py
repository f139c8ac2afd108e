"""The three laws, a day of it: a gap recorded, a draft, an opinion asked for, given and answered, the file moved on."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Locator

from tamani.core.event import Event
from tests.browser.conftest import OpenReader, Reader
from tests.browser.days import Day, behind_a_slow_link, size_of
from tests.browser.test_door import look
from tests.component.desk.test_laws import POINT, provision
from tests.support.gestures import Hands
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML
from tests.support.officers import POSTER, session_of
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.timeout(300)]
ARTICLE = "Le témoin d'un acte grave peut être entendu sous un numéro."
REMARK = "Rien n'est prévu après le procès."
OUTCOME = "Un suivi de douze mois est ajouté."


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_three_laws(
    day: Day,
    opens: OpenReader,
    shots: Path | None,
    size: str,
    tell: Tell,
) -> None:
    """From the missing law to a bill under way; the observatory sees what became of its word."""
    async with AsyncExitStack() as stack:
        clerk, observatory = await opens(size), await opens(size)
        if size == "phone":
            await behind_a_slow_link(stack, clerk)
        hands = Hands(clerk.page)
        await clerk.enter(session_of(day.fed.desk.accounts, COMMISSION_ML, POSTER))
        await observatory.enter(session_of(day.fed.desk.accounts, OBSERVATORY_ML, POSTER))
        file = await _file_opened(day, clerk, hands)
        await _gap_recorded(day, clerk, hands, shots)
        bill = await _draft_put_in(day, clerk, hands)
        asked = await _opinion_asked(day, clerk, hands, bill, shots)
        await _opinion_given(day, observatory, shots)
        await _opinion_answered(day, clerk, hands, asked)
        await _file_moved(day, clerk, hands, file, shots)
        await _both_see_it(observatory, bill, shots)
    tell("\n".join(hands.told))
    assert clerk.complaints == observatory.complaints == []


async def _said(day: Day, reader: Reader, hands: Hands) -> Event:
    """Read over, published, archived."""
    await hands.look()
    await hands.press(_button(reader, "Relire, et voir qui lira"))
    await hands.press(_button(reader, "Publier maintenant"))
    await reader.page.wait_for_url("**/publier/envoi/**")
    return await day.region()


async def _file_opened(day: Day, clerk: Reader, hands: Hands) -> Event:
    async with hands.task("open a harmonisation file"):
        await _place(clerk, hands, "Accueil")
        await hands.press(clerk.page.locator("a.tile[href='/publier/law.item']"))
        await hands.write(_field(clerk, "head.title"), "Protection des témoins et victimes")
        await hands.choose(_field(clerk, "theme"), "temoins")
        await hands.write(_field(clerk, "problem"), "Aucune protection après le procès")
        await hands.write(_field(clerk, "reference_instrument"), "Convention type")
        await hands.choose(_field(clerk, "steps.0.country"), "ml")
        await hands.choose(_field(clerk, "steps.0.stage"), "lacune")
        event = await _said(day, clerk, hands)
    assert event.data["steps"] == [{"country": "ml", "stage": "lacune"}]
    return event


async def _gap_recorded(day: Day, clerk: Reader, hands: Hands, shots: Path | None) -> None:
    """Two countries have said what their laws hold; ours holds nothing, and the table shows it at a glance."""
    provision(day.fed, COMMISSION_BF, "partiel", article="Article 12", verbatim="Le témoin est entendu.")
    provision(day.fed, COMMISSION_NE, "conforme", article="Article 3", verbatim="Le témoin est entendu à huis clos.")
    async with hands.task("record what one's own law lacks"):
        await _to_the_theme(clerk, hands)
        await hands.press(clerk.page.locator(f"a[href*='topic={POINT}&country=ml']"))
        await hands.write(_field(clerk, "head.title"), "Anonymat à l'audience : rien au Mali")
        assert await _field(clerk, "topic").input_value() == POINT
        await hands.choose(_field(clerk, "conformity"), "absent")
        await hands.write(_field(clerk, "gap"), "Aucune disposition.")
        event = await _said(day, clerk, hands)
    assert (event.data["country"], event.data["conformity"]) == ("ml", "absent")
    await _to_the_theme(clerk, hands)
    cell = clerk.page.locator("td", has_text="Absent")
    await cell.locator("summary").click()
    await cell.get_by_text("Aucune disposition.").wait_for()
    await look(clerk, f"lois-{size_of(clerk)}-1-lacune", shots)


async def _draft_put_in(day: Day, clerk: Reader, hands: Hands) -> Event:
    async with hands.task("put in a draft of one article"):
        await _place(clerk, hands, "Accueil")
        await hands.press(clerk.page.get_by_role("link", name="Tout ce que vous pouvez publier"))
        await hands.press(clerk.page.locator("a.tile[href='/publier/law.text']"))
        await hands.press(clerk.page.get_by_role("link", name="Texte en projet"))
        await hands.write(_field(clerk, "head.title"), "Avant-projet : protection des témoins")
        await hands.choose(_field(clerk, "draft_kind"), "avant-projet")
        await hands.write(_field(clerk, "version"), "0.1")
        await hands.write(_field(clerk, "articles.0.number"), "1")
        await hands.write(_field(clerk, "articles.0.text"), ARTICLE)
        event = await _said(day, clerk, hands)
    assert [(one["eid"], one["text"]) for one in event.data["articles"]] == [("art_1", ARTICLE)]
    return event


async def _opinion_asked(
    day: Day,
    clerk: Reader,
    hands: Hands,
    bill: Event,
    shots: Path | None,
) -> Event:
    page = clerk.page
    async with hands.task("ask an observatory for its opinion"):
        await _place(clerk, hands, "Avis")
        await hands.press(page.locator(f"li.card a[href='/avis{bill.source}/{bill.id}']"))
        await hands.press(page.get_by_role("link", name="Transmettre avec échéance"))
        await hands.press(page.locator("details.many > summary").first)
        await hands.tick(page.locator(f"input[name='d.addressed_to'][value='{OBSERVATORY_ML}']"))
        await hands.write(_field(clerk, "due"), "2030-05-01")
        event = await _said(day, clerk, hands)
    assert (event.profile, event.data["text"]["id"]) == ("avis", bill.id)
    await _to_our_demands(clerk, hands)
    await page.get_by_text("protection des témoins").first.wait_for()
    await look(clerk, f"lois-{size_of(clerk)}-2-demandes", shots)
    return event


async def _opinion_given(day: Day, observatory: Reader, shots: Path | None) -> None:
    """It is the first thing on the observatory's page."""
    page, hands = observatory.page, Hands(observatory.page)
    await _place(observatory, hands, "Accueil")
    await look(observatory, f"lois-{size_of(observatory)}-3-attend", shots)
    await page.get_by_role("link", name="Répondre").first.click()
    await _field(observatory, "answer").select_option("answered")
    await _field(observatory, "opinion").select_option("reserves")
    await _field(observatory, "comments.0.article").fill("1")
    await _field(observatory, "comments.0.comment").fill(REMARK)
    event = await _said(day, observatory, hands)
    assert (event.source, event.data["comments"]) == (OBSERVATORY_ML, [{"article": "1", "comment": REMARK}])


async def _opinion_answered(day: Day, clerk: Reader, hands: Hands, asked: Event) -> None:
    async with hands.task("answer the opinion"):
        await _to_our_demands(clerk, hands)
        await hands.press(clerk.page.locator(f"a[href='/avis{asked.source}/{asked.id}']").first)
        await hands.press(clerk.page.locator("a[href$='/suite/version%3Aconsidered']"))
        await hands.write(_field(clerk, "outcomes.0.article"), "1")
        await hands.choose(_field(clerk, "outcomes.0.outcome"), "partly")
        await hands.write(_field(clerk, "outcomes.0.reason"), OUTCOME)
        await hands.write(_field(clerk, "head.reason"), "Avis examiné en réunion de bureau")
        event = await _said(day, clerk, hands)
    assert (event.data["status"], event.data["outcomes"][0]["outcome"]) == ("considered", "partly")


async def _file_moved(
    day: Day,
    clerk: Reader,
    hands: Hands,
    file: Event,
    shots: Path | None,
) -> None:
    async with hands.task("move the file on, with what shows it"):
        await _place(clerk, hands, "Lois")
        await hands.press(clerk.page.locator(f".board-card a[href='/avis{file.source}/{file.id}']"))
        await hands.press(clerk.page.get_by_role("link", name="Faire avancer : Mali"))
        await hands.choose(_field(clerk, "stage"), "avant-projet")
        await hands.write(_field(clerk, "since"), "2026-11-02")
        await hands.write(_field(clerk, "evidence"), "Avant-projet 0.1")
        event = await _said(day, clerk, hands)
    (step,) = event.data["steps"]
    assert (step["stage"], step["evidence"]) == ("avant-projet", "Avant-projet 0.1")
    await _place(clerk, hands, "Lois")
    await clerk.page.get_by_text("Avant-projet 0.1").first.wait_for()
    await look(clerk, f"lois-{size_of(clerk)}-4-tableau", shots)
    async with clerk.page.expect_navigation():
        await hands.press(clerk.page.locator(".board-card a").first)
    await clerk.page.get_by_role("heading", name="Parcours", exact=True).wait_for()
    assert await clerk.page.locator("#parcours ~ table tbody tr").count() == 2
    await look(clerk, f"lois-{size_of(clerk)}-4-parcours", shots)


async def _both_see_it(observatory: Reader, bill: Event, shots: Path | None) -> None:
    """The remark stands beside its article, with what became of it and why."""
    hands = Hands(observatory.page)
    await _place(observatory, hands, "Avis")
    await hands.press(observatory.page.locator(f"li.card a[href='/avis{bill.source}/{bill.id}']"))
    await hands.press(observatory.page.get_by_role("link", name="Lire article par article"))
    for words in (ARTICLE, REMARK, "Retenu en partie", OUTCOME):
        await observatory.page.get_by_text(words).first.wait_for()
    await look(observatory, f"lois-{size_of(observatory)}-5-texte", shots)


async def _place(reader: Reader, hands: Hands, name: str) -> None:
    """One of the links that every page has; on a slow link the page before, with its links, stays for a while."""
    async with reader.page.expect_navigation():
        await hands.press(reader.page.locator("header").get_by_role("link", name=name, exact=True))


async def _to_the_theme(reader: Reader, hands: Hands) -> None:
    await _place(reader, hands, "Lois")
    async with reader.page.expect_navigation():
        await hands.press(reader.page.get_by_role("link", name="Protection des témoins et victimes").last)


async def _to_our_demands(reader: Reader, hands: Hands) -> None:
    await _place(reader, hands, "Accueil")
    async with reader.page.expect_navigation():
        await hands.press(reader.page.get_by_role("link", name="Nos demandes"))


def _field(reader: Reader, path: str) -> Locator:
    return reader.page.locator(f"[name='d.{path}']")


def _button(reader: Reader, name: str) -> Locator:
    return reader.page.get_by_role("button", name=name)
