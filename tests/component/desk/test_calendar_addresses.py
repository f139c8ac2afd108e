"""Personal calendar addresses: one body's calendar and nothing else, until revoked; their secret is kept nowhere."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from tamani.core.errors import RefusedError
from tamani.desk.tables import calendar_address
from tests.component.desk.conftest import Fed
from tests.component.desk.test_agenda import browser, convene, events, sign_in  # noqa: F401 - a fixture, too
from tests.support import cluster
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    SOURCES,
    TRUSTED,
    body_row,
    registry_value,
)
from tests.support.officers import ALL

pytestmark = pytest.mark.postgres
WHEN = datetime(2026, 12, 8, 9, tzinfo=UTC)


async def made(browser: httpx.AsyncClient, form: dict[str, str], label: str = "Présidence") -> str:  # noqa: F811
    """The path of a new address, as the page shows it."""
    page = (await browser.post("/agenda/adresses", data=form | {"nom": label})).text
    (url,) = re.findall(r'value="http://desk\.test(/agenda/[^"]+\.ics)"', page)
    assert f'href="webcal://desk.test{url}"' in page
    return str(url)


async def test_it_holds_what_its_body_may_read_up_to_green(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """Public and green; of what is named to the body not even the hour."""
    convene(fed, "publique", WHEN)
    convene(fed, "verte", WHEN, tlp="GREEN", place="Salle cachée")
    convene(fed, "nommee", WHEN, tlp="AMBER", audience=COMMISSION_ML)
    await fed.take()
    form = await sign_in(fed, browser)
    path = await made(browser, form)
    browser.cookies.clear()
    answer = await browser.get(path)
    assert set(events(answer)) == {"Réunion publique", "Réunion verte"}
    assert "Salle" not in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"
    again = await browser.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert set(events(await browser.get(f"{path}?profile=audition"))) == set()


async def test_it_is_no_token(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """It opens no page and no record, neither as bearer nor as cookie."""
    form = await sign_in(fed, browser)
    secret = (await made(browser, form)).removeprefix("/agenda/").removesuffix(".ics")
    assert len(secret) >= 32
    browser.cookies.clear()
    bearer = {"Authorization": f"Bearer {secret}", "Accept": "application/json"}
    assert (await browser.get("/v1/records", headers=bearer)).status_code == 401
    browser.cookies.set(fed.desk.gate.cookie, secret)
    assert "Votre session est terminée" in (await browser.get("/")).text


async def test_revoked_and_unknown_answer_alike(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """The same status, headers and bytes, so that nobody learns which addresses there were."""
    form = await sign_in(fed, browser)
    path = await made(browser, form)
    page = (await browser.get("/agenda/adresses")).text
    assert path not in page, "it is shown once"
    (number,) = re.findall(r"/agenda/adresses/(\d+)/revoquer", page)
    assert (await browser.post(f"/agenda/adresses/{number}/revoquer", data=form)).status_code == 303
    answers = [await browser.get(p) for p in (path, "/agenda/" + "x" * 32 + ".ics", "/agenda/%2e%2e.ics")]
    assert {(a.status_code, a.content, str(a.headers)) for a in answers[:2]} == {
        (404, answers[0].content, str(answers[0].headers))
    }
    assert "Révoquée" in (await browser.get("/agenda/adresses")).text
    refused = await browser.post(
        f"/agenda/adresses/{number}/revoquer", data=form, headers={"Accept": "application/json"}
    )
    assert refused.json()["code"] == "refused.calendar.address"


async def test_renewed_only_the_new_one_opens(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    form = await sign_in(fed, browser)
    old = await made(browser, form)
    (number,) = re.findall(r"/agenda/adresses/(\d+)/renouveler", (await browser.get("/agenda/adresses")).text)
    page = (await browser.post(f"/agenda/adresses/{number}/renouveler", data=form)).text
    (new,) = re.findall(r'value="http://desk\.test(/agenda/[^"]+\.ics)"', page)
    assert (await browser.get(old)).status_code == 404
    assert (await browser.get(new)).status_code == 200
    assert page.count("Présidence") > 1


async def test_a_body_manages_its_own_alone(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """Another body neither sees nor revokes it; nobody signed in has none; another site's page changes nothing."""
    form = await sign_in(fed, browser)
    path = await made(browser, form, "Rapporteur")
    (number,) = re.findall(r"/agenda/adresses/(\d+)/revoquer", (await browser.get("/agenda/adresses")).text)
    elsewhere = {"Origin": "https://ailleurs.test"}
    assert (await browser.post("/agenda/adresses", data=form | {"nom": "x"}, headers=elsewhere)).status_code == 403
    revoke = f"/agenda/adresses/{number}/revoquer"
    assert (await browser.post(revoke, data=form, headers=elsewhere)).status_code == 403
    assert (await browser.post("/agenda/adresses", data={"nom": "x"})).status_code == 403, "not a form of ours"
    form = await sign_in(fed, browser, COMMISSION_NE)
    assert "Rapporteur" not in (await browser.get("/agenda/adresses")).text
    assert (await browser.post(f"/agenda/adresses/{number}/revoquer", data=form)).status_code == 404
    assert (await browser.post(f"/agenda/adresses/{number}/renouveler", data=form)).status_code == 404
    browser.cookies.clear()
    assert (await browser.get("/agenda/adresses")).status_code == 401
    assert (await browser.post("/agenda/adresses", data=form | {"nom": "x"})).status_code == 401
    assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("label", ["", "   ", "x" * 81, "deux\nlignes"])
async def test_an_address_has_a_name(fed: Fed, label: str) -> None:
    with pytest.raises(RefusedError, match=r"refused\.calendar\.label"):
        await fed.desk.addresses.make(COMMISSION_ML, label)


async def test_there_is_an_end_to_addresses(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tamani.desk.agenda.addresses.MOST_PER_BODY", 2)
    for name in ("une", "deux"):
        await fed.desk.addresses.make(COMMISSION_ML, name)
    with pytest.raises(RefusedError, match=r"refused\.calendar\.many"):
        await fed.desk.addresses.make(COMMISSION_ML, "trois")
    assert await fed.desk.addresses.make(COMMISSION_BF, "autre")


async def test_a_body_that_has_left_reads_no_more(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """The answer is that of an address that never was."""
    form = await sign_in(fed, browser)
    path = await made(browser, form)
    bodies = [body_row(source) for source in SOURCES]
    bodies[SOURCES.index(COMMISSION_ML)] |= {"valid_to": "2026-06-01T00:00:00Z"}
    assert fed.desk.registry.offer(registry_value(version=2, bodies=bodies))
    assert (await browser.get(path)).status_code == 404


async def test_the_secret_is_kept_nowhere(
    fed: Fed,
    browser: httpx.AsyncClient,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither in the database, nor in a line of the log, not even when reading it fails."""
    form = await sign_in(fed, browser)
    path = await made(browser, form)
    secret = path.removeprefix("/agenda/").removesuffix(".ics")
    async with fed.desk.database.reading() as connection:
        rows = (await connection.execute(select(calendar_address))).all()
    assert secret not in repr(rows)
    assert rows[0].last_read is None
    await browser.get(path)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tamani.desk.agenda.feeds.meetings_for", broken)
    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        await browser.get(f"{path}?profile=audition")
    # Rendered as `setup_logging` renders it, traceback included.
    said = [repr(format_exc_info(None, "error", dict(line))) for line in lines]
    assert any("/agenda/{secret}.ics" in line for line in said), "the failure was logged"
    assert [line for line in said if secret in line] == []
    async with fed.desk.database.reading() as connection:
        assert (await connection.scalar(select(calendar_address.c.last_read))) is not None


def tamani(*arguments: str, dsn: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """The command line against a desk's database."""
    given = {
        "DATABASE": dsn,
        "DATA_DIR": str(folder),
        "REGISTRY_TRUST": json.dumps(TRUSTED),
        "PUBLIC_URL": "https://bureau.example.ml",
    }
    environment = {"PATH": "/usr/bin:/bin", "TAMANI_LANG": "fr"} | {f"TAMANI_DESK_{n}": v for n, v in given.items()}
    command = (sys.executable, "-m", "tamani", "calendar", *arguments)
    return subprocess.run(command, env=environment, capture_output=True, check=False)


async def test_the_command_line_makes_lists_and_revokes(
    fed: Fed, desk_database: cluster.Database, tmp_path: Path
) -> None:
    """The secret on standard output once; the list without it; what is no body, or no number, is refused."""
    where: dict[str, Any] = {"dsn": desk_database.dsn, "folder": tmp_path}
    new = tamani("new", COMMISSION_ML, "--label", "Greffe", **where)
    assert new.returncode == 0, new.stderr
    url = new.stdout.decode().strip()
    assert re.fullmatch(r"https://bureau\.example\.ml/agenda/[\w-]{32,}\.ics", url)
    assert await fed.desk.addresses.find(url.rpartition("/")[2].removesuffix(".ics"))
    listed = tamani("list", **where).stdout.decode()
    assert "Greffe" in listed
    assert "ouverte" in listed
    assert url.rpartition("/")[2][:20] not in listed
    revoked = tamani("revoke", "1", **where)
    assert (revoked.returncode, "révoquée" in revoked.stdout.decode()) == (0, True)
    assert b'"revoked": "20' in tamani("list", "--json", **where).stdout
    assert tamani("revoke", "1", **where).stderr.startswith(b"refused.calendar.address")
    assert tamani("new", "/ml/inconnue", "--label", "x", **where).stderr.startswith(b"refused.policy.body")


async def own(browser: httpx.AsyncClient, form: dict[str, str], query: str = "") -> str:  # noqa: F811
    """The path of the officer's own new address."""
    page = (await browser.post(f"/agenda/adresses/la-mienne{query}", data=form)).text
    (url,) = re.findall(r'value="http://desk\.test(/agenda/[^"]+\.ics)"', page)
    return str(url)


async def test_an_officer_has_one_and_it_ends_with_the_account(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """A new one takes the place of the old; a colleague may close it and cannot renew it."""
    convene(fed, "publique", WHEN)
    await fed.take()
    form = await sign_in(fed, browser)
    first, second = await own(browser, form), await own(browser, form)
    assert (await browser.get(first)).status_code == 404
    assert set(events(await browser.get(second))) == {"Réunion publique"}
    page = (await browser.get("/agenda/adresses")).text
    assert "Secrétaire de séance (ml.commission-defense)" in page
    assert "Remplacer mon adresse" in page
    assert "/renouveler" not in page
    (standing,) = [one for one in await fed.desk.addresses.all(COMMISSION_ML) if one.revoked is None]
    assert (await browser.post(f"/agenda/adresses/{standing.number}/renouveler", data=form)).status_code == 404
    fed.desk.accounts.officers.adopt(COMMISSION_ML, "Présidence", "presidence", ALL)
    fed.desk.accounts.officers.close(None, str(standing.officer))
    assert (await browser.get(second)).status_code == 404


async def test_filters_of_the_calendar_go_with_the_address(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """From the calendar's link to the feed; renewed it keeps them; the address itself may say others."""
    convene(fed, "ordinaire", WHEN, profile="ordinaire")
    convene(fed, "conjointe", WHEN, profile="conjointe")
    await fed.take()
    form = await sign_in(fed, browser)
    assert 'href="/agenda/adresses?profile=conjointe"' in (await browser.get("/agenda?profile=conjointe")).text
    page = (await browser.get("/agenda/adresses?profile=conjointe")).text
    assert page.count('action="/agenda/adresses?profile=conjointe"') == 1
    assert 'action="/agenda/adresses/la-mienne?profile=conjointe"' in page
    path = await own(browser, form, "?profile=conjointe")
    assert set(events(await browser.get(path))) == {"Réunion conjointe"}
    assert set(events(await browser.get(f"{path}?profile=ordinaire"))) == {"Réunion ordinaire"}
    await browser.post("/agenda/adresses?profile=conjointe", data=form | {"nom": "Présidence"})
    (other,) = [one for one in await fed.desk.addresses.all(COMMISSION_ML) if one.officer is None]
    page = (await browser.post(f"/agenda/adresses/{other.number}/renouveler", data=form)).text
    (path,) = re.findall(r'value="http://desk\.test(/agenda/[^"]+\.ics)"', page)
    assert set(events(await browser.get(path))) == {"Réunion conjointe"}


async def test_a_name_is_of_one_open_address(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """However it is written; once that one is closed, or at another body, it is free."""
    await fed.desk.addresses.make(COMMISSION_ML, "Présidence")
    with pytest.raises(RefusedError, match=r"refused\.calendar\.taken"):
        await fed.desk.addresses.make(COMMISSION_ML, "présidence ")
    await fed.desk.addresses.make(COMMISSION_BF, "Présidence")
    (standing,) = await fed.desk.addresses.all(COMMISSION_ML)
    await fed.desk.addresses.revoke(standing.number)
    await fed.desk.addresses.make(COMMISSION_ML, "Présidence")
