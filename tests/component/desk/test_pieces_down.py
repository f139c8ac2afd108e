"""Pieces of another country's notice, opened here: fetched once from a real archive, or told why not."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from structlog.testing import capture_logs

from tamani.archive.desk_tokens import issue_desk_token
from tamani.core.codes import code as code_named
from tamani.core.errors import OutageError
from tamani.core.event import Event
from tamani.core.names import Country
from tamani.core.pieces import LARGEST, PART
from tamani.desk.pages import enclosed, piece_routes
from tamani.desk.pieces.blobs import Wanted
from tamani.desk.pieces.fetching import Fetching
from tests.component.desk import test_pieces_up
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import withdraw
from tests.component.desk.test_dossier import ref, taken
from tests.component.desk.test_erasing import Erasing
from tests.component.desk.test_pieces_up import archived
from tests.support.erasures import ordered
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, Speaker, data_of, seal
from tests.support.served_archive import ServedArchive
from tests.support.waiting import until

# A desk of Mali, and the region's archive.
ledger, region, fed, held = test_pieces_up.ledger, test_pieces_up.region, test_pieces_up.fed, test_pieces_up.held
PAPER = b"%PDF-1.7\n" + b"Expose des motifs 9027 " * 12_000
DIGEST = hashlib.sha256(PAPER).hexdigest()
HTML = {"Accept": "text/html"}


def attached(*raws: bytes) -> list[dict[str, Any]]:
    named = [{"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)} for raw in raws]
    return [one | {"mime": "application/pdf", "title": "Exposé des motifs"} for one in named]


def convening(*raws: bytes, **changes: Any) -> Event:
    """A sitting that Niger's commission convenes, for that of Mali alone, with these files."""
    data = data_of("agenda.meeting")
    data["head"] |= {"attachments": attached(*raws)}
    given: dict[str, Any] = {"data": data, "tlp": "AMBER", "audience": COMMISSION_ML}
    return Speaker(changes.pop("speaker", COMMISSION_NE)).says("agenda.meeting", **given | changes)


async def uploaded(region: ServedArchive, event: Event, raw: bytes = PAPER, country: Country = Country.NE) -> None:
    """As the site of that country does."""
    token = issue_desk_token(region.ledger.dsn, country)
    where = f"/v1/blobs/{hashlib.sha256(raw).hexdigest()}?source={event.source}&id={event.id}"
    async with httpx.AsyncClient(base_url=region.address, headers={"Authorization": f"Bearer {token}"}) as site:
        for start in range(0, len(raw), PART):
            part = raw[start : start + PART]
            said = {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(raw)}"}
            assert (await site.put(where, content=part, headers=said)).status_code == 204
    region.requests.clear()


def path(event: Event, raw: bytes = PAPER) -> str:
    return f"/avis{event.source}/{event.id}/pieces/{hashlib.sha256(raw).hexdigest()}"


async def opened(fed: Fed, event: Event, raw: bytes = PAPER, source: str | None = COMMISSION_ML) -> httpx.Response:
    async with fed.client(source) as client:
        return await client.get(path(event, raw), headers=HTML)


async def rows(fed: Fed) -> list[tuple[Any, ...]]:
    async with await psycopg.AsyncConnection.connect(fed.desk.settings.conninfo) as connection:
        found = await connection.execute("SELECT source, sha256, size, lane, archived FROM piece")
        return await found.fetchall()


async def test_a_piece_of_another_country_is_fetched_once_and_kept(fed: Fed, region: ServedArchive) -> None:
    """Several readers at once make one fetch; afterwards it is here, for those who may read the notice alone."""
    event = convening(PAPER)
    await archived(fed, region, event)
    await uploaded(region, event)
    async with fed.client(COMMISSION_ML) as client:
        page = (await client.get(f"/avis{event.source}/{event.id}", headers=HTML)).text
    assert f'href="{path(event)}"' in page
    assert "l’ouvrir la fait venir" in page
    for answer in await asyncio.gather(*(opened(fed, event) for _ in range(5))):
        assert (answer.status_code, answer.content) == (200, PAPER)
        assert "Expos%C3%A9%20des%20motifs.pdf" in answer.headers["content-disposition"]
        assert answer.headers["content-length"] == str(len(PAPER))
    assert region.requests == ["GET"]
    assert (await opened(fed, event)).content == PAPER
    assert region.requests == ["GET"], "from here on it is here"
    assert await rows(fed) == [(COMMISSION_NE, DIGEST, len(PAPER), "fetched", True)]
    for stranger in (COMMISSION_BF, None):
        assert (await opened(fed, event, source=stranger)).status_code == 404
    await archived(fed, region, convening(PAPER))
    assert (await rows(fed))[0][3] == "fetched", "another country's file never goes up from here"


async def test_a_file_of_our_own_that_is_not_here_comes_back(fed: Fed, region: ServedArchive) -> None:
    """The desk was made again without its backup, or the country has two: what came down need not go up."""
    event = convening(PAPER, speaker=COMMISSION_ML, audience=COMMISSION_NE)
    await archived(fed, region, event)
    await uploaded(region, event, country=Country.ML)
    assert (await opened(fed, event)).content == PAPER
    assert [row[3] for row in await rows(fed)] == ["up"]


async def test_a_piece_that_is_not_at_the_region_yet_is_under_way(fed: Fed, region: ServedArchive) -> None:
    """The page says so and leads back; a program is told the same by a code, and when to ask again."""
    event = convening(PAPER)
    await archived(fed, region, event)
    answer = await opened(fed, event)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    for words in ("Pièce en route", "Exposé des motifs", code_named("failed.piece.coming").fr[:20], DIGEST):
        assert words in answer.text
    assert f'href="/avis{event.source}/{event.id}"' in answer.text
    assert f'href="{path(event)}"' in answer.text
    assert "Si la pièce tarde plusieurs jours" in answer.text, "nobody here knows whether it will come"
    assert "s’ouvrira" not in answer.text
    async with fed.client(COMMISSION_ML) as client:
        told = await client.get(path(event))
    assert (told.status_code, told.json()["code"]) == (503, "failed.piece.coming")
    await uploaded(region, event)
    assert (await opened(fed, event)).content == PAPER


async def test_a_cut_line_goes_on_where_it_was_cut(fed: Fed, region: ServedArchive) -> None:
    """What had come is kept for whoever asks again; the page says how much of it is here."""
    event = convening(PAPER)
    await archived(fed, region, event)
    await uploaded(region, event)
    region.proxy.after = 100_000
    region.cut_next()
    answer = await opened(fed, event)
    arrived = the(fed).arrived(Wanted(event.source, event.id, DIGEST, len(PAPER)))
    assert 0 < arrived < len(PAPER)
    assert (answer.status_code, "Déjà ici" in answer.text) == (503, True)
    assert (await opened(fed, event)).content == PAPER
    assert region.ranges == ["bytes=0-", f"bytes={arrived}-"]


async def test_a_slow_line_does_not_hold_its_reader(
    fed: Fed, region: ServedArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some seconds the page says how far it is; the file goes on coming without them."""
    event = convening(PAPER)
    await archived(fed, region, event)
    await uploaded(region, event)
    monkeypatch.setattr(piece_routes, "PATIENCE", 0.0)
    answer = await opened(fed, event)
    assert (answer.status_code, "La pièce arrive" in answer.text) == (503, True)

    async def here() -> bool:
        return bool(await rows(fed))

    await until(here, "it has come by itself")
    assert (await opened(fed, event)).content == PAPER
    assert region.requests == ["GET"]


async def test_an_archive_that_is_away_is_told(fed: Fed, region: ServedArchive) -> None:
    event = convening(PAPER)
    await archived(fed, region, event)
    await uploaded(region, event)
    region.cut_next()
    with capture_logs() as lines:
        answer = await opened(fed, event)
    assert (answer.status_code, "n’est pas encore à ce site" in answer.text) == (503, True)
    assert "La région ne répond pas" in answer.text
    assert [line["code"] for line in lines if line["event"] == "pieces.down"] == ["failed.archive"]
    assert (await opened(fed, event)).content == PAPER


async def test_a_withdrawn_notice_gives_none_and_an_erased_one_has_none(
    fed: Fed, region: ServedArchive, held: Callable[..., Any]
) -> None:
    event = convening(PAPER)
    value = await archived(fed, region, event)
    await uploaded(region, event)
    order = Erasing(fed).order(event)
    withdraw(fed, event)
    await fed.take()
    assert (await opened(fed, event)).status_code == 404
    assert region.requests == []
    assert (await rows(fed)) == []
    fed.feed.entries.pop()
    await fed.rewind(1)
    await fed.take()
    assert (await opened(fed, event)).content == PAPER
    await region.erase(ordered(value).encode())
    assert held("SELECT count(*) FROM piece_part") == [(0,)]
    await Erasing(fed).told(order)
    assert await rows(fed) == []
    assert (await opened(fed, event)).status_code == 410


async def test_an_erasure_overtakes_a_fetch(fed: Fed, region: ServedArchive) -> None:
    """The region has erased it and the feed has not told it yet: nothing comes."""
    event = convening(PAPER)
    value = await archived(fed, region, event)
    await region.erase(ordered(value).encode())
    answer = await opened(fed, event)
    assert (answer.status_code, "refused.piece.gone" in answer.text) == (404, True)
    assert "Cette pièce ne viendra pas (effacée avec un autre avis" in answer.text
    assert "un fichier reçu par une autre voie" in answer.text


def the(fed: Fed) -> Fetching:
    assert fed.desk.fetching is not None
    return fed.desk.fetching


@pytest.mark.parametrize(
    ("raw", "size", "code"),
    [
        (b"MZ\x90\x00 un programme", 0, "refused.piece.unsafe"),
        (PAPER, LARGEST + 1, "refused.piece.gone"),
    ],
)
async def test_what_no_site_takes_is_not_kept(
    fed: Fed, region: ServedArchive, raw: bytes, size: int, code: str
) -> None:
    """A program of another body may name what it likes: here its bytes tell what it is."""
    event = convening(raw)
    if size:
        event.data["head"]["attachments"][0]["size"] = size
    await archived(fed, region, event)
    if not size:
        await uploaded(region, event, raw)
    async with fed.client(COMMISSION_ML) as client:
        page = (await client.get(f"/avis{event.source}/{event.id}", headers=HTML)).text
        assert (f'href="{path(event, raw)}"' in page, "annoncée trop grosse" in page) == (not size, bool(size))
        for _click in range(2):
            answer = await client.get(path(event, raw))
            assert (answer.status_code, answer.json()["code"]) == (code_named(code).status, code)
    assert await rows(fed) == []
    assert region.requests == ([] if size else ["GET"]), "what was found of it is remembered"


async def test_what_the_region_no_longer_gives_us_is_not_under_way(fed: Fed, region: ServedArchive) -> None:
    """It does not hold the notice for this country, by the rights of today: whoever asks is told whom to ask."""
    event = convening(PAPER)
    fed.feed.append_value(seal(event))
    await fed.take()
    async with fed.client(COMMISSION_ML) as client:
        answer = await client.get(path(event))
    assert (answer.status_code, answer.json()["code"]) == (404, "refused.piece.gone")


async def test_the_region_is_believed_by_digest_alone(fed: Fed, region: ServedArchive) -> None:
    """Other bytes of the same length are not kept."""
    event = convening(PAPER)
    await archived(fed, region, event)
    await uploaded(region, event)
    with psycopg.connect(region.ledger.dsn) as connection:
        connection.execute(
            "UPDATE piece_part SET content = overlay(content placing 'X'::bytea from 40) WHERE start = 0"
        )
    with capture_logs() as lines:
        for _click in range(2):
            with pytest.raises(OutageError, match="sha256"):
                await the(fed).fetch(Wanted(event.source, event.id, DIGEST, len(PAPER)), 10, signed_in=True)
    assert [line["log_level"] for line in lines if line["event"] == "pieces.down.spoilt"] == ["error"]
    assert region.requests == ["GET"], "for some minutes nobody asks again"
    assert await rows(fed) == []


def bill(raw: bytes) -> Event:
    data = data_of("law.text", profile="projet")
    data["head"] |= {"attachments": attached(raw)}
    return Speaker(COMMISSION_NE).says("law.text", profile="projet", data=data, tlp="GREEN")


async def test_the_dossier_abroad_has_the_pieces(
    fed: Fed, region: ServedArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the sitting and those of the text that it examines are fetched into the file; what is not at the region
    yet is named as under way."""
    late, motives, program = b"%PDF-1.7 en retard", b"%PDF-1.7 avant-projet", b"MZ\x90\x00 un programme"
    text = bill(motives)
    await archived(fed, region, text)
    await uploaded(region, text, motives)
    points = [{"rank": 1, "kind": "examen-texte", "title": "Témoins", "about": ref(text)}]
    said = convening(PAPER, late, program)
    said.data["points"] = points
    await archived(fed, region, said)
    await uploaded(region, said)
    await uploaded(region, said, program)
    archive, _raw = await taken(fed, said, COMMISSION_ML)
    names = [name for name in archive.namelist() if name.startswith("pieces/")]
    assert names == ["pieces/01-expose-des-motifs.pdf", "pieces/point-01/01-expose-des-motifs.pdf"]
    assert [archive.read(name) for name in names] == [PAPER, motives]
    page = archive.read("index.html").decode()
    assert all(f'href="{name}"' in page for name in names)
    assert page.count("en route\u00a0: pas encore dans ce fichier") == 1
    assert page.count("ne viendra pas\u00a0: à demander à l’organisme") == 1
    async with fed.client(COMMISSION_ML) as client:
        shown = (await client.get(f"/avis{said.source}/{said.id}/dossier", headers=HTML)).text
    assert [f'href="{path(one, raw)}"' in shown for one, raw in ((said, PAPER), (said, late), (text, motives))] == [
        True
    ] * 3
    region.proxy.cuts = region.proxy.cut + 50
    monkeypatch.setattr(enclosed, "PATIENCE", 5.0)
    away, _raw = await taken(fed, said, COMMISSION_ML)
    assert names == [name for name in away.namelist() if name.startswith("pieces/")], "what is here needs no region"
