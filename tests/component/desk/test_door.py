"""The door as a browser meets it: each proof, each refusal, and that nothing opens by another way.

The accounts are a real file; no page of the door needs PostgreSQL, which is not there.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyotp
import pytest

from tamani.core.names import Country
from tamani.core.roles import Role
from tamani.desk.app import build_app
from tamani.desk.database import Database
from tamani.desk.pages.sizes import MOST
from tamani.desk.service import Desk, make_desk
from tamani.desk.settings import DeskSettings
from tamani.runtime.registry import RegistryHolder
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, SOURCES, TRUSTED, body_row, registry_value
from tests.support.officers import ALL, HEAD, PASSWORD, POSTER, READER, Person, invited, passphrase_in, session_of
from tests.support.posting import TestClock

ORIGIN = {"Origin": "http://desk.test"}
OTHER = "quatre mots sans rapport"
OVER = "2026-03-01T00:00:00Z"


def make(folder: Path, clock: TestClock, *, demo: bool = False, **changes: object) -> Desk:
    """A desk of Mali whose database nobody has started."""
    given = {"country": Country.ML, "database": "host=127.0.0.1 port=1 dbname=x user=x", "data_dir": folder}
    given |= {"registry_trust": TRUSTED, "archive_url": None}
    settings = DeskSettings.model_validate(given | {"passphrase_file": passphrase_in(folder)} | changes)
    holder = RegistryHolder(settings, settings.registry_path)
    holder.offer(registry_value(demo=demo))
    assert holder.current.version == 1
    return make_desk(settings, Database(settings.conninfo), holder, None, clock)


@pytest.fixture
def clock() -> TestClock:
    """The time, after the registry's beginning."""
    return TestClock(datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path, clock: TestClock) -> Desk:
    """A desk with an empty file of accounts."""
    return make(tmp_path, clock)


def browser_of(desk: Desk, base: str = "http://desk.test") -> httpx.AsyncClient:
    """A browser without JavaScript."""
    transport = httpx.ASGITransport(build_app(desk))
    return httpx.AsyncClient(transport=transport, base_url=base, headers={"Accept": "text/html"})


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(desk) as client:
        yield client


def token_in(page: httpx.Response) -> str:
    """The synchroniser token of the page's forms: one for all of them."""
    (token,) = set(re.findall(r'name="jeton_formulaire" value="([0-9a-f]+)"', page.text))
    return str(token)


async def fill(browser: httpx.AsyncClient, form: str, action: str = "", **fields: object) -> httpx.Response:
    """Open the page of a form and send it."""
    page = await browser.get(form)
    data = {"jeton_formulaire": token_in(page)} if "jeton_formulaire" in page.text else {}
    return await browser.post(action or form, data=data | fields, headers=ORIGIN)


async def knock(browser: httpx.AsyncClient, login: str, password: str = PASSWORD, back: str = "/") -> httpx.Response:
    return await browser.post(
        "/connexion", data={"identifiant": login, "mot_de_passe": password, "retour": back}, headers=ORIGIN
    )


async def is_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/compte")).status_code == 200


def poster(desk: Desk, clock: TestClock, login: str = "greffe", roles: frozenset[Role] = POSTER) -> Person:
    """An active officer whose code of the enrolment is over."""
    person = invited(desk.accounts, clock, COMMISSION_ML, login, roles)
    clock.turn(seconds=60)
    return person


async def test_from_the_invitation_to_the_account(desk: Desk, browser: httpx.AsyncClient, clock: TestClock) -> None:
    """Link, password, telephone, paper; opening the link uses nothing up; nothing of it is cached."""
    _, link = desk.accounts.officers.invite(None, COMMISSION_ML, "Cheffe de secrétariat", "cheffe", HEAD)
    for _ in range(2):
        page = await browser.get(f"/invitation/{link}")
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
        assert "Cheffe de secrétariat" in page.text
    answer = await fill(browser, f"/invitation/{link}", mot_de_passe=OTHER, encore=OTHER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/compte/second-facteur?retour=%2F")
    assert not await is_in(browser), "half-way is not in"
    page = await browser.get("/compte/second-facteur")
    (key,) = re.findall(r'class="key">([A-Z2-7-]+)<', page.text)
    square = await browser.get("/compte/second-facteur/carre.svg")
    assert (square.headers["content-type"], square.headers["cache-control"]) == ("image/svg+xml", "no-store")
    assert square.text.lstrip().startswith("<?xml") or "<svg" in square.text
    assert key.replace("-", "") not in square.text
    code = pyotp.TOTP(key.replace("-", "")).at(clock.at)
    done = await fill(browser, "/compte/second-facteur", code=f"{code[:3]} {code[3:]}")
    assert (done.status_code, done.headers["cache-control"]) == (200, "no-store")
    assert len(re.findall(r"<code>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</code>", done.text)) == 10
    assert await is_in(browser)
    assert "Officiers" in (await browser.get("/compte")).text
    assert (await browser.get(f"/invitation/{link}")).status_code == 410


async def test_password_then_code_then_where_one_wanted_to_go(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock
) -> None:
    person = poster(desk, clock)
    answer = await knock(browser, "greffe", back="/illisibles")
    assert answer.headers["location"] == "/connexion/code?retour=%2Fillisibles"
    halfway = dict(browser.cookies)
    answer = await fill(browser, answer.headers["location"], "/connexion/code", code=person.code, retour="/illisibles")
    assert (answer.status_code, answer.headers["location"]) == (303, "/illisibles")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))
    assert dict(browser.cookies) != halfway, "a new session, so that a planted one is worth nothing"
    assert await is_in(browser)


async def test_a_reader_needs_a_password_alone(desk: Desk, browser: httpx.AsyncClient, clock: TestClock) -> None:
    poster(desk, clock, "lecture", READER)
    assert (await knock(browser, "lecture")).headers["location"] == "/accueil"
    assert await is_in(browser)
    assert "Officiers" not in (await browser.get("/compte")).text
    assert (await browser.get("/officiers")).status_code == 403


@pytest.mark.parametrize(("login", "password"), [("greffe", "faux"), ("inconnu", PASSWORD)])
async def test_a_wrong_login_or_password_is_said_in_the_same_words(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock, login: str, password: str
) -> None:
    """The login comes back to be mended; the password does not."""
    poster(desk, clock)
    answer = await knock(browser, login, password)
    assert answer.status_code == 401
    assert "Identifiant ou mot de passe incorrect" in answer.text
    assert f'value="{login}"' in answer.text
    assert password not in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_wrong_and_a_used_code_are_refused(desk: Desk, browser: httpx.AsyncClient, clock: TestClock) -> None:
    person = poster(desk, clock)
    used = person.code
    person.signs_in()
    await knock(browser, "greffe")
    for code in ("000000", used, ""):
        answer = await fill(browser, "/connexion/code", code=code)
        assert answer.status_code == 401
        assert "Code incorrect ou déjà employé" in answer.text
    assert not await is_in(browser)
    clock.turn(seconds=30)
    assert (await fill(browser, "/connexion/code", code=person.code)).status_code == 303


async def test_a_half_open_session_that_is_over_begins_again(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock
) -> None:
    person = poster(desk, clock)
    await knock(browser, "greffe")
    page = token_in(await browser.get("/connexion/code"))
    clock.turn(minutes=10)
    answer = await browser.post("/connexion/code", data={"code": person.code, "jeton_formulaire": page}, headers=ORIGIN)
    assert answer.status_code == 401
    assert "Votre session est terminée" in answer.text
    assert 'name="mot_de_passe"' in answer.text


async def test_too_many_guesses_wait_and_a_restart_does_not_help(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock, tmp_path: Path
) -> None:
    """Said with the seconds; the right password waits, too; another desk on the same file knows."""
    poster(desk, clock)
    for _ in range(5):
        assert (await knock(browser, "greffe", "faux")).status_code == 401
    answer = await knock(browser, "greffe")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "15")
    assert "Encore 15 secondes" in answer.text
    desk.accounts.close()
    again = make(tmp_path, clock)
    async with browser_of(again) as other:
        assert (await knock(other, "greffe")).status_code == 429
        clock.turn(seconds=15)
        assert (await knock(other, "greffe")).status_code == 303


@pytest.mark.parametrize("origin", [None, "http://ailleurs.test", "null", "http://desk.test.ailleurs.test"])
async def test_another_site_changes_nothing(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock, origin: str | None
) -> None:
    """Every form is refused that does not come from a page of ours; a missing origin is a foreign one."""
    headers = {"Origin": origin} if origin else {}
    _, link = desk.accounts.officers.invite(None, COMMISSION_ML, "Greffe", "neuf", READER)
    browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML))
    data = {"jeton_formulaire": token_in(await browser.get("/compte")), "mot_de_passe": OTHER, "encore": OTHER}
    for path in ("/connexion", "/connexion/code", "/connexion/demo", "/deconnexion", f"/invitation/{link}", *OPEN):
        answer = await browser.post(path, data=data, headers=headers)
        assert (answer.status_code, "refused.auth.origin" in answer.text) == (403, True), path
        assert "set-cookie" not in answer.headers
    assert await is_in(browser)


OPEN = ("/compte", "/officiers", "/officiers/x/fermer", "/officiers/x/reinitialiser", "/officiers/x/roles")


async def test_a_browser_that_says_where_a_form_comes_from_is_believed(desk: Desk, browser: httpx.AsyncClient) -> None:
    """Fetch Metadata: a page of a neighbouring host is not ours, even with our origin forged on the way."""
    for site, status in (("same-site", 403), ("cross-site", 403), ("none", 403), ("same-origin", 401)):
        answer = await browser.post("/connexion", headers=ORIGIN | {"Sec-Fetch-Site": site})
        assert answer.status_code == status, site


@pytest.mark.parametrize(
    "given", [{}, {"jeton_formulaire": ""}, {"jeton_formulaire": "0" * 64}, {"jeton_formulaire": "é"}]
)
async def test_a_form_without_the_sessions_token_is_refused(
    desk: Desk, browser: httpx.AsyncClient, given: dict[str, str]
) -> None:
    browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML))
    for path in (*OPEN, "/deconnexion", "/connexion/code", "/compte/second-facteur"):
        answer = await browser.post(path, data=given, headers=ORIGIN)
        assert (answer.status_code, "refused.auth.form" in answer.text) == (403, True), path
    assert await is_in(browser)


async def test_another_sessions_token_is_refused(desk: Desk, browser: httpx.AsyncClient) -> None:
    browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML))
    token = token_in(await browser.get("/compte"))
    browser.cookies.set("tamani_session", session_of(desk.accounts, OBSERVATORY_ML))
    answer = await browser.post("/deconnexion", data={"jeton_formulaire": token}, headers=ORIGIN)
    assert "refused.auth.form" in answer.text


async def test_without_a_session_nothing_of_it_is_shown(browser: httpx.AsyncClient) -> None:
    for path in ("/compte", "/officiers", "/compte/second-facteur", "/compte/second-facteur/carre.svg"):
        answer = await browser.get(path)
        assert (answer.status_code, "refused.auth.session" in answer.text) == (401, True), path
    for path in (*OPEN, "/deconnexion", "/connexion/code"):
        answer = await browser.post(path, headers=ORIGIN)
        assert (answer.status_code, "refused.auth.session" in answer.text) == (401, True), path


async def test_an_https_site_keeps_its_cookie_to_itself(tmp_path: Path, clock: TestClock) -> None:
    """`__Host-`: Secure, this host alone, the whole site; the other name opens nothing there."""
    desk = make(tmp_path, clock, public_url="https://lecture.example.ml")
    poster(desk, clock, "lecture", READER)
    async with browser_of(desk, "https://lecture.example.ml") as browser:
        headers = {"Origin": "https://lecture.example.ml"}
        answer = await browser.post(
            "/connexion", data={"identifiant": "lecture", "mot_de_passe": PASSWORD}, headers=headers
        )
        name, _, rest = answer.headers["set-cookie"].partition("=")
        assert name == "__Host-tamani_session"
        assert {"HttpOnly", "SameSite=strict", "Path=/", "Secure"} <= set(rest.split("; "))
        assert "Domain" not in rest
        assert "max-age" in answer.headers["strict-transport-security"]
        assert await is_in(browser)
        browser.cookies.clear()
        browser.cookies.set("tamani_session", rest.partition(";")[0])
        assert not await is_in(browser)


async def test_a_body_that_announces_too_much_or_nothing_is_not_read(browser: httpx.AsyncClient) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"identifiant=x"

    large = await browser.post("/connexion", content=b"x" * (MOST + 1), headers=ORIGIN)
    unsaid = await browser.post("/connexion", content=drip(), headers=ORIGIN)
    for answer in (large, unsaid):
        assert (answer.status_code, "refused.size" in answer.text) == (413, True)
        assert answer.headers["content-type"].startswith("text/html"), "for whoever reads pages"
        assert "content-security-policy" in answer.headers
    assert (await browser.post("/connexion", content=b"x" * MOST, headers=ORIGIN)).status_code != 413


async def test_signing_out_ends_the_session_for_a_copied_cookie_too(desk: Desk, browser: httpx.AsyncClient) -> None:
    browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML))
    copied = dict(browser.cookies)
    answer = await fill(browser, "/compte", "/deconnexion")
    assert (answer.status_code, answer.headers["clear-site-data"]) == (303, '"cache"')
    browser.cookies.update(copied)
    assert not await is_in(browser)


@pytest.mark.parametrize("back", ["https://ailleurs.test/", "//ailleurs.test", "/\\ailleurs.test", "ailleurs"])
async def test_signing_in_leads_nowhere_else(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock, back: str
) -> None:
    poster(desk, clock, "lecture", READER)
    assert (await knock(browser, "lecture", back=back)).headers["location"] == "/accueil"


async def test_the_invitations_form_says_what_is_wrong(desk: Desk, browser: httpx.AsyncClient) -> None:
    _, link = desk.accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", READER)
    differs = await fill(browser, f"/invitation/{link}", mot_de_passe=OTHER, encore=PASSWORD)
    assert "Les deux mots de passe diffèrent" in differs.text
    weak = await fill(browser, f"/invitation/{link}", mot_de_passe="aaaaaaaaaaaa", encore="aaaaaaaaaaaa")
    assert (differs.status_code, weak.status_code) == (422, 422)
    assert "trop facile à deviner" in weak.text
    assert (await fill(browser, f"/invitation/{link}", mot_de_passe=OTHER, encore=OTHER)).status_code == 303


async def test_an_expired_link_says_what_to_do(desk: Desk, browser: httpx.AsyncClient, clock: TestClock) -> None:
    _, link = desk.accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", READER)
    clock.turn(hours=72)
    for answer in (
        await browser.get(f"/invitation/{link}"),
        await browser.post(f"/invitation/{link}", data={"mot_de_passe": OTHER, "encore": OTHER}, headers=ORIGIN),
        await browser.get("/invitation/inconnu"),
    ):
        assert answer.status_code == 410
        assert "demandez-en un nouveau" in answer.text
        assert "responsable de votre organisme" in answer.text


async def test_a_wrong_code_at_the_enrolment_shows_the_same_key_again(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock
) -> None:
    _, link = desk.accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", POSTER)
    await fill(browser, f"/invitation/{link}", mot_de_passe=OTHER, encore=OTHER)
    page = (await browser.get("/compte/second-facteur")).text
    answer = await fill(browser, "/compte/second-facteur", code="000000")
    key = re.compile(r'class="key">([A-Z2-7-]+)<')
    assert (answer.status_code, key.findall(answer.text)) == (401, key.findall(page))


async def test_an_officer_changes_the_password(desk: Desk, browser: httpx.AsyncClient, clock: TestClock) -> None:
    poster(desk, clock, "lecture", READER)
    await knock(browser, "lecture")
    for fields, status in (
        ({"ancien": "faux", "mot_de_passe": OTHER, "encore": OTHER}, 401),
        ({"ancien": PASSWORD, "mot_de_passe": OTHER, "encore": PASSWORD}, 422),
        ({"ancien": PASSWORD, "mot_de_passe": "court", "encore": "court"}, 422),
        ({"ancien": PASSWORD, "mot_de_passe": OTHER, "encore": OTHER}, 200),
    ):
        assert (await fill(browser, "/compte", **fields)).status_code == status
    assert await is_in(browser)
    async with browser_of(desk) as other:
        assert (await knock(other, "lecture")).status_code == 401
        assert (await knock(other, "lecture", OTHER)).status_code == 303


async def test_a_head_invites_changes_roles_resets_and_closes(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock
) -> None:
    """Each act is on the page, takes effect at once, and stands in the trail."""
    browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, HEAD))
    made = await fill(browser, "/officiers", fonction="Secrétaire", identifiant="Greffe", role=["poster", "reader"])
    (link,) = re.findall(r"http://desk\.test/invitation/([\w-]+)", made.text)
    assert link not in (await browser.get("/officiers")).text, "shown once"
    theirs, stage = desk.accounts.signin.accept(link, OTHER)
    assert stage == "enrol"
    who = desk.accounts.officers.by_login("greffe")
    assert (who.function, who.roles) == ("Secrétaire", frozenset({Role.POSTER, Role.READER}))

    await fill(browser, "/officiers", f"/officiers/{who.id}/roles", role=["reader"])
    theirs, _ = desk.accounts.signin.by_password("greffe", OTHER)
    async with browser_of(desk) as other:
        other.cookies.set("tamani_session", theirs)
        assert await is_in(other)
        reset = await fill(browser, "/officiers", f"/officiers/{who.id}/reinitialiser")
        assert not await is_in(other), "the session dies at once"
        (link,) = re.findall(r"/invitation/([\w-]+)", reset.text)
        theirs, _ = desk.accounts.signin.accept(link, OTHER)
        other.cookies.set("tamani_session", theirs)
        assert await is_in(other)
        assert (await fill(browser, "/officiers", f"/officiers/{who.id}/fermer")).headers["location"] == "/officiers"
        assert not await is_in(other)
        assert (await knock(other, "greffe", OTHER)).status_code == 401
    page = (await browser.get("/officiers")).text
    for said in ("a invité", "a changé les rôles de", "a réinitialisé", "a fermé", "Fermé"):
        assert said in page


async def test_what_a_head_may_not_do_is_said_on_the_page(desk: Desk, browser: httpx.AsyncClient) -> None:
    browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, HEAD))
    (me,) = desk.accounts.officers.of_body(COMMISSION_ML)
    session_of(desk.accounts, OBSERVATORY_ML)
    (stranger,) = desk.accounts.officers.of_body(OBSERVATORY_ML)
    roles = {"role": ["reader"]}
    for action, fields, status, code in (
        (f"/officiers/{me.id}/fermer", {}, 409, "dernier responsable actif"),
        (f"/officiers/{me.id}/reinitialiser", {}, 409, "dernier responsable actif"),
        (f"/officiers/{me.id}/roles", roles, 409, "dernier responsable actif"),
        (f"/officiers/{me.id}/roles", {}, 422, "Rôles invalides"),
        (f"/officiers/{me.id}/roles", {"role": ["root"]}, 422, "Rôles invalides"),
        (f"/officiers/{stranger.id}/fermer", {}, 404, "Aucun compte de ce nom"),
        ("/officiers/inconnu/reinitialiser", {}, 404, "Aucun compte de ce nom"),
        ("/officiers", {"fonction": "", "identifiant": "abc"} | roles, 422, "Fonction invalide"),
        ("/officiers", {"fonction": "Greffe", "identifiant": "É"} | roles, 422, "Identifiant invalide"),
        ("/officiers", {"fonction": "Greffe", "identifiant": me.login} | roles, 409, "déjà pris"),
    ):
        answer = await fill(browser, "/officiers", action, **fields)
        assert (answer.status_code, code in answer.text) == (status, True), (action, fields)
    assert await is_in(browser)


@pytest.mark.parametrize("roles", [READER, POSTER, frozenset({Role.VALIDATOR})])
async def test_only_a_head_manages(desk: Desk, browser: httpx.AsyncClient, roles: frozenset[Role]) -> None:
    browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, roles))
    assert (await browser.get("/officiers")).status_code == 403
    for path in OPEN[1:]:
        answer = await fill(browser, "/compte", path)
        assert (answer.status_code, "refused.auth.role" in answer.text) == (403, True), path


async def test_a_function_with_marks_of_its_own_is_shown_as_text(desk: Desk, browser: httpx.AsyncClient) -> None:
    browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, HEAD))
    evil = "<b>100 %(num)s</b>"
    page = await fill(browser, "/officiers", fonction=evil, identifiant="greffe", role="reader")
    assert page.status_code == 200
    assert "&lt;b&gt;100 %(num)s&lt;/b&gt;" in page.text
    assert "<b>100" not in page.text


async def test_a_click_enters_where_nothing_is_real(tmp_path: Path, clock: TestClock) -> None:
    """The signed registry of a demo decides, not a setting of the site; and only the demo's own accounts."""
    for demo in (True, False):
        desk = make(tmp_path / str(demo), clock, demo=demo)
        desk.accounts.officers.adopt(COMMISSION_ML, "Greffe (démo)", "greffe.ml", ALL)
        person = invited(desk.accounts, clock, COMMISSION_ML, "vrai")
        async with browser_of(desk) as browser:
            assert ("Entrer comme" in (await browser.get("/connexion")).text) is demo
            real = await browser.post("/connexion/demo", data={"identifiant": person.officer.login}, headers=ORIGIN)
            assert real.status_code == 404
            answer = await browser.post("/connexion/demo", data={"identifiant": "greffe.ml"}, headers=ORIGIN)
            assert answer.status_code == (303 if demo else 404)
            assert await is_in(browser) is demo


async def test_an_officer_whose_body_is_struck_off_reads_as_the_public(tmp_path: Path, clock: TestClock) -> None:
    desk = make(tmp_path, clock)
    async with browser_of(desk) as browser:
        browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML))
        assert await is_in(browser)
        bodies = [body_row(source) | ({"valid_to": OVER} if source == COMMISSION_ML else {}) for source in SOURCES]
        assert desk.registry.offer(registry_value(version=2, bodies=bodies))
        assert not await is_in(browser)


async def test_recovery_codes_are_renewed_on_ones_own_account(
    desk: Desk, browser: httpx.AsyncClient, clock: TestClock
) -> None:
    """Ten new ones, shown once; with a wrong code the old ones stay and the page says why."""
    person = poster(desk, clock)
    browser.cookies.set("tamani_session", person.signs_in())
    clock.turn(seconds=60)
    assert 'href="/compte/codes"' in (await browser.get("/compte")).text
    wrong = await fill(browser, "/compte/codes", mot_de_passe=PASSWORD, code="000000")
    assert (wrong.status_code, "Code " in wrong.text, "<code>" in wrong.text) == (401, True, False)
    page = await fill(browser, "/compte/codes", mot_de_passe=PASSWORD, code=person.code)
    codes = re.findall(r"<li><code>([^<]+)</code>", page.text)
    assert (page.status_code, len(codes), page.headers["cache-control"]) == (200, 10, "no-store")
    assert not set(codes) & set(person.codes)
    assert not set(codes) & set(re.findall(r"<code>([^<]+)</code>", (await browser.get("/compte/codes")).text))


async def test_every_page_of_the_door_is_in_english_too(desk: Desk, clock: TestClock) -> None:
    """No French word is left on any of them."""
    _, link = desk.accounts.officers.invite(None, COMMISSION_ML, "Clerk", "clerk", POSTER)
    async with browser_of(desk) as browser:
        await browser.get("/langue/en")
        pages = [await browser.get(path) for path in ("/connexion", f"/invitation/{link}", "/connexion/code")]
        await fill(browser, f"/invitation/{link}", mot_de_passe=OTHER, encore=OTHER)
        pages.append(await browser.get("/compte/second-facteur"))
        browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, HEAD))
        pages += [await browser.get("/compte"), await browser.get("/officiers")]
    for page in pages:
        assert '<html lang="en">' in page.text
        said = re.sub(r"<[^>]*>", " ", page.text)
        assert not re.search(r"\b(mot de passe|votre|compte|rôles|téléphone|étape)\b", said, re.IGNORECASE)
