"""Search on a real PostgreSQL: stems, accents, languages, rights, what was taken back, what an upgrade must fill."""

import httpx
import pytest
from sqlalchemy import delete, select, text

from tamani.core.policy import Reader
from tamani.desk.cursors import Cursor
from tamani.desk.facets import count_facets
from tamani.desk.filters import Filters
from tamani.desk.indexing import index_missing
from tamani.desk.migrations.versions.v0024_words_anew import STALE
from tamani.desk.rebuild import rebuild
from tamani.desk.tables import search
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, OBSERVATORY_ML, data_of


def titled(title: str, kind: str = "agenda.meeting", **head: object) -> dict[str, object]:
    """A notice's data with these words."""
    data = data_of(kind)
    data["head"] |= {"title": title, **head}
    return data


async def found(fed: Fed, asked: str, reader: str | None = COMMISSION_ML) -> list[str]:
    """The titles that these words find, newest first."""
    page = await fed.desk.queries.threads(Reader(reader), Filters(q=asked), Cursor(), 50)
    return [notice.row.title for notice in page.notices]


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        ("temoin", ["Protection des témoins"]),
        ("TÉMOINS protéger", []),
        ("protection témoin", ["Protection des témoins"]),
        ('"des témoins"', ["Protection des témoins"]),
        ('"témoins protection"', []),
        ("témoins or hearing", ["Public hearings on borders", "Protection des témoins"]),
        ("réunion -témoins", ["Réunion ordinaire à Tillabéri"]),
        ('-"des témoins" -frontière', ["Réunion ordinaire à Tillabéri"]),
        ("mi-temps", []),
        ("tillaberi", ["Réunion ordinaire à Tillabéri"]),
        ("border", ["Public hearings on borders"]),
        ("frontières", ["Public hearings on borders"]),
        ("Lajɛba", ["Protection des témoins"]),
        ("observateurs", ["Protection des témoins"]),
        ("le la les", []),
        ("'); drop table search; --", []),
    ],
)
async def test_words_are_found_as_people_write_them(fed: Fed, asked: str, finds: list[str]) -> None:
    """Without accents and plurals, by phrase, with `or` and `-`; in any of a notice's languages, in any field."""
    other = [{"lang": "bm", "status": "reviewed", "title": "Lajɛba"}]
    fed.feed.say(data=titled("Protection des témoins", translations=other, body="Deux observateurs, une réunion."))
    fed.feed.say(data=titled("Réunion ordinaire à Tillabéri"))
    there = [{"lang": "fr", "status": "reviewed", "title": "Auditions publiques aux frontières"}]
    fed.feed.say(lang="en", data=titled("Public hearings on borders", translations=there))
    await fed.take()

    assert await found(fed, asked) == finds


async def test_nobody_finds_what_they_may_not_read(fed: Fed) -> None:
    """The count beside a filter and the list alike."""
    fed.feed.say(source=COMMISSION_BF, tlp="AMBER", audience=OBSERVATORY_ML, data=titled("Mot secret"))
    fed.feed.say(tlp="GREEN", data=titled("Mot réservé"))
    fed.feed.say(tlp="CLEAR", data=titled("Mot public"))
    await fed.take()

    assert await found(fed, "mot", None) == ["Mot public"]
    assert await found(fed, "mot") == ["Mot public", "Mot réservé"]
    assert await found(fed, "mot", OBSERVATORY_ML) == ["Mot public", "Mot réservé", "Mot secret"]
    async with fed.client() as client:
        assert "1 avis" in (await client.get("/?q=mot", headers={"Accept": "text/html"})).text


async def test_what_was_taken_back_is_found_no_more(fed: Fed) -> None:
    """By its own body; somebody else's withdrawal changes nothing."""
    mine, kept = fed.feed.say(data=titled("Erreur ici")), fed.feed.say(data=titled("Erreur ailleurs"))
    for source, target in ((COMMISSION_ML, mine), (COMMISSION_BF, kept)):
        data = data_of("withdrawal") | {"target": {"source": target.source, "id": target.id}}
        fed.feed.say("withdrawal", source, subject=target.subject, data=data)
    await fed.take()

    assert await found(fed, "erreur") == ["Erreur ailleurs"]


async def test_a_new_epoch_and_a_rebuild_leave_no_word_behind(fed: Fed) -> None:
    """What was replaced is not found; made anew, the index is what it was."""
    fed.feed.say(data=titled("Premier"))
    fed.feed.say(data=titled("Ancien"))
    await fed.take()
    fed.feed.rewind(1)
    fed.feed.say(data=titled("Nouveau"))
    place = await fed.intake.truncate(await fed.intake.load(), fed.feed.epoch, 2)
    await fed.intake.take(place, fed.feed.entries[1:])
    before = await lexemes(fed)
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda _done, _total: None)

    assert (await found(fed, "ancien"), await found(fed, "nouveau")) == ([], ["Nouveau"])
    assert await lexemes(fed) == before


async def test_after_an_upgrade_everything_is_indexed_once(fed: Fed) -> None:
    """More than one batch; and when nothing lacks, nothing is done."""
    for number in range(620):
        fed.feed.say(data=titled(f"Avis {number}"))
    await fed.take()
    before = await lexemes(fed)
    async with fed.desk.database.writing() as connection:
        await connection.execute(delete(search).where(search.c.feed_index > 3))

    assert await index_missing(fed.desk.database, fed.desk.registry.current) == 617
    assert await lexemes(fed) == before
    assert await index_missing(fed.desk.database, fed.desk.registry.current) == 0


async def test_what_was_indexed_without_former_names_is_indexed_anew(fed: Fed) -> None:
    """After the migration; what its body took back stays without words, what names no region as it is."""
    fed.feed.say(data=titled("Réunion de Djibo", areas=["bf-soum"]))
    back = fed.feed.say(data=titled("Erreur", areas=["bf-soum"]))
    data = data_of("withdrawal") | {"target": {"source": back.source, "id": back.id}}
    fed.feed.say("withdrawal", COMMISSION_ML, subject=back.subject, data=data)
    fed.feed.say(data=titled("Ailleurs", areas=[]))
    await fed.take()
    before = await lexemes(fed)
    async with fed.desk.database.writing() as connection:
        await connection.execute(text("UPDATE search SET lexemes = 'djibo' WHERE feed_index = 1"))
    assert await found(fed, "sahel") == []
    async with fed.desk.database.writing() as connection:
        await connection.execute(text(STALE))

    assert await index_missing(fed.desk.database, fed.desk.registry.current) == 1
    assert await found(fed, "sahel") == ["Réunion de Djibo"]
    assert await lexemes(fed) == before


async def lexemes(fed: Fed) -> list[tuple[int, str]]:
    """The whole index."""
    async with fed.desk.database.reading() as connection:
        return [(row[0], row[1]) for row in await connection.execute(select(search).order_by(search.c.feed_index))]


async def test_the_page_marks_what_it_found_and_nothing_else_is_markup(fed: Fed) -> None:
    """In the title and in the passage; a notice cannot bring a tag of its own."""
    body = "Avant. " * 40 + "Le 1 < 2 & <script>alert(1)</script> témoin \ue000caché\ue001 a parlé."
    fed.feed.say(tlp="CLEAR", data=titled("Témoins & juges", body=body))
    await fed.take()
    async with fed.client() as client:
        client.headers["Accept"] = "text/html"
        page = (await client.get("/?q=temoin&type=agenda.meeting")).text

    assert "<mark>Témoins</mark> &amp; juges" in page
    assert "1 &lt; 2 &amp;" in page
    assert "<mark>témoin</mark>" in page
    assert "<mark>caché</mark>" not in page
    assert "<script>alert" not in page
    assert 'name="q" value="temoin"' in page
    assert "data-cursor" not in page, "a search is not followed live"


async def test_a_search_is_a_subscription_and_an_address(fed: Fed) -> None:
    """Atom and the API take the same words; the stream says that it cannot; too many words are refused."""
    fed.feed.say(tlp="CLEAR", data=titled("Loi sur les témoins"))
    fed.feed.say(tlp="CLEAR", data=titled("Loi sur la police"))
    await fed.take()
    async with fed.client() as client:
        atom = (await client.get("/feed.atom?q=temoins")).text
        records = (await client.get("/v1/records", params={"q": "temoins"})).json()
        stream: httpx.Response = await client.get("/v1/stream?q=temoins")
        long = await client.get("/v1/records", params={"q": "a" * 201})

    assert ("témoins" in atom, "police" in atom) == (True, False)
    assert [one["event"]["data"]["head"]["title"] for one in records["records"]] == ["Loi sur les témoins"]
    assert [(answer.status_code, answer.json()["code"]) for answer in (stream, long)] == [(422, "refused.request")] * 2


@pytest.mark.parametrize("few", [0, 1, 1000])
async def test_rare_and_frequent_words_are_found_alike(fed: Fed, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """Looked up one by one or met by walking: the same lines, counts and feed; none above one's rights."""
    monkeypatch.setattr("tamani.desk.search.FEW", few)
    for title in ("Réunion au marché", "Réunion du bureau", "Bornage"):
        fed.feed.say(tlp="CLEAR", data=titled(title))
    fed.feed.say(tlp="AMBER", audience=COMMISSION_BF, source=OBSERVATORY_ML, data=titled("Réunion nommée"))
    await fed.take()
    for asked, wanted in (("réunion", 2), ("bornage", 1), ("girafe", 0), ("-bornage", 2)):
        filters = Filters(q=asked)
        assert len(await found(fed, asked)) == wanted
        assert (await count_facets(fed.desk.database, Reader(COMMISSION_ML), filters)).total == wanted
        for ask in (fed.desk.queries.before, fed.desk.queries.after):
            assert len((await ask(Reader(COMMISSION_ML), filters, Cursor(), 50)).notices) == wanted
