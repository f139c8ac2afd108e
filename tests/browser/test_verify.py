"""A reader checks an announcement in their own browser: what holds, what does not, and nothing leaves the page."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import SIZES, OpenReader
from tests.support.notices import COMMISSION_ML
from tests.support.proofs import Provable

GOOD = Provable(sources=(COMMISSION_ML,))


@pytest.mark.parametrize("size", SIZES)
async def test_a_proof_is_checked_and_nothing_is_sent(opens: OpenReader, size: str) -> None:
    """Each step, the body's name and the time; not one request after the page has come."""
    reader = await opens(size)
    await reader.goes_to("/verifier")
    page = reader.page
    await page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await page.get_by_label("La preuve").fill(GOOD.bundle().encode().decode())
    await page.get_by_role("button", name="Vérifier").click()
    await expect(page.get_by_role("heading", name="La preuve tient.")).to_be_visible()
    assert await page.locator(".steps .sign").all_inner_texts() == ["✓"] * 9
    await expect(page.locator("#organisme")).to_have_text("Commission de défense (Mali) (/ml/commission-defense)")
    await expect(page.locator("#archive")).to_have_text(GOOD.recorded)

    await page.get_by_label("La preuve").fill(GOOD.bundle("ml").encode().decode())
    await page.get_by_role("button", name="Vérifier").click()
    await expect(page.get_by_role("heading", name="La preuve ne tient pas")).to_be_visible()
    assert await page.locator(".steps .sign").all_inner_texts() == ["✓"] * 6 + ["✗", "–", "–"]
    await expect(page.locator("#faits")).to_be_hidden()
    assert asked == []
    assert await reader.overflow() <= 0
    reader.is_content()


async def test_a_file_is_read_and_the_readers_own_policy_counts(opens: OpenReader) -> None:
    """Chosen from the disk; another policy than the one enclosed is refused."""
    reader = await opens()
    await reader.goes_to("/verifier")
    page = reader.page
    proof = {"name": "a.preuve.json", "mimeType": "application/json", "buffer": GOOD.bundle().encode()}
    await page.get_by_label("Fichier de preuve").set_input_files(proof)  # type: ignore[arg-type]
    await expect(page.get_by_label("La preuve")).not_to_have_value("")
    await page.get_by_text("La politique que vous croyez").click()
    await page.get_by_label("Politique", exact=True).fill(GOOD.policy.replace(" 2 ", " 1 "))
    await page.get_by_role("button", name="Vérifier").click()
    await expect(page.get_by_role("heading", name="La preuve ne tient pas")).to_be_visible()
    assert await page.locator(".steps .sign").all_inner_texts() == ["✓"] * 3 + ["✗"] + ["–"] * 5


async def test_without_javascript_it_says_what_to_do(opens: OpenReader) -> None:
    """The command does the same."""
    reader = await opens(script=False)
    await reader.goes_to("/verifier")
    await expect(reader.page.get_by_text("tamani proof verify").first).to_be_visible()
