"""Pieces of a notice: brought with its form, named by digest, handed out to its readers alone, erased with it."""

import hashlib
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text

from tamani.core.codes import code as code_named
from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.event import Event, decode_event
from tamani.core.pieces import PART
from tamani.desk.database import Database
from tamani.desk.migrations.versions import v0021_pieces, v0023_pieces_lane
from tamani.desk.pieces import limits
from tamani.desk.pieces.store import Pieces
from tests.component.desk import test_following
from tests.component.desk.conftest import Fed, desk_settings, running
from tests.component.desk.test_demands import withdraw
from tests.component.desk.test_door import ORIGIN, browser_of, token_in
from tests.component.desk.test_dossier import taken
from tests.component.desk.test_erasing import Erasing, desk_scrub
from tests.component.desk.test_following import archived, inputs_in, opened, page_of, sitting
from tests.support import cluster
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, data_of, seal
from tests.support.officers import READER, VALIDATOR, session_of
from tests.support.posting import Posting

pytestmark = pytest.mark.postgres
# The node of Mali beside the desk, and the browser of an officer of its commission who may post.
node, site = test_following.node, test_following.site
PAPER = b"%PDF-1.7\nNote de synthese 7741\n"
DIGEST = hashlib.sha256(PAPER).hexdigest()
ELSEWHERE = {"sha256": "cd" * 32, "mime": "application/pdf", "size": 2_200_000, "title": "Annexe"}
ZIPPED = "pieces/01-note-de-synthese.pdf"
FORM = "/publier/agenda.meeting"
MEETING: dict[str, Any] = {
    "profil": "conjointe",
    "tlp": "AMBER",
    "d.head.title": "Séance conjointe",
    "d.start": "2030-04-14T09:00",
    "d.end": "2030-04-14T12:00",
    "d.status": "confirmed",
    "audience": [COMMISSION_NE],
}
# A row that names what nobody has brought.
SAID = {f"d.head.attachments.0.{name}": value for name, value in (("title", "x"), ("sha256", "0" * 64))}
SAID |= {"d.head.attachments.0.mime": "text/plain", "d.head.attachments.0.size": "1"}


async def send(site: httpx.AsyncClient, act: str, *files: tuple[str, bytes], **fields: Any) -> httpx.Response:
    """The form of a sitting with files, as a browser sends it."""
    page = await site.get(FORM)
    (id_,) = re.findall(r'name="id" value="([0-9a-f-]{36})"', page.text)
    data = {"id": id_, "jeton_formulaire": token_in(page), "acte": act} | MEETING | fields
    sent = [("pieces", (name, raw, "application/octet-stream")) for name, raw in files]
    return await site.post(FORM, data=data, files=sent or [("pieces", ("", b""))], headers=ORIGIN)


def kept(page: str) -> dict[str, Any]:
    """What the page that names the readers carries on."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<textarea hidden name="([^"]+)">\n([^<]*)</textarea>', page):
        found.setdefault(name, []).append(value)
    return found


async def published(fed: Fed, node: Posting, site: httpx.AsyncClient) -> Event:
    """A sitting with one piece, archived."""
    check = await send(site, "relire", ("C:\\notes\\Note de synthèse.pdf", PAPER))
    assert check.status_code == 200, check.text[:600]
    given = kept(check.text)
    sent = await send(site, "publier", **{name: value for name, value in given.items() if name != "acte"})
    assert sent.status_code == 303, sent.text[:600]
    event = decode_event(decode_envelope((await node.rows())[-1]["value"]).payload)
    fed.feed.append_value(seal(event))
    await fed.take()
    return event


def path(event: Event, digest: str = DIGEST) -> str:
    return f"/avis{event.source}/{event.id}/pieces/{digest}"


async def got(fed: Fed, address: str, source: str | None) -> httpx.Response:
    async with fed.client(source) as client:
        return await client.get(address)


async def test_a_file_of_the_form_is_named_by_its_notice(fed: Fed, node: Posting, site: httpx.AsyncClient) -> None:
    """Digest, type and size are read from its bytes; only who may read the notice gets them, and never as a page."""
    event = await published(fed, node, site)
    named = {"sha256": DIGEST, "mime": "application/pdf", "size": len(PAPER), "title": "Note de synthèse"}
    assert event.head["attachments"] == [named]
    for reader in (COMMISSION_ML, COMMISSION_NE):
        answer = await got(fed, path(event), reader)
        assert (answer.status_code, answer.content) == (200, PAPER)
        assert answer.headers["content-disposition"] == (
            f"attachment; filename=\"piece-{DIGEST[:12]}.pdf\"; filename*=UTF-8''Note%20de%20synth%C3%A8se.pdf"
        )
        assert answer.headers["content-security-policy"] == "sandbox"
    for stranger in (COMMISSION_BF, None):
        assert (await got(fed, path(event), stranger)).status_code == 404
    assert (await got(fed, path(event, "0" * 64), COMMISSION_NE)).status_code == 404
    for page in (f"/avis{event.source}/{event.id}", f"/avis{event.source}/{event.id}/dossier"):
        text = (await site.get(page)).text
        assert f'href="{path(event)}"' in text
        assert "PDF · 1 ko" in text
        assert DIGEST in text
    archive, _raw = await taken(fed, event, COMMISSION_NE)
    assert archive.read(ZIPPED) == PAPER
    assert f'href="{ZIPPED}"' in archive.read("index.html").decode()


async def test_a_piece_can_be_named_better_or_taken_out(fed: Fed, site: httpx.AsyncClient) -> None:
    """What is taken out is gone from this site at once: somebody may have seen a name in it."""
    form = await send(site, "modifier", ("a.pdf", PAPER), ("b.txt", b"Deux"))
    assert [re.findall(rf'name="d.head.attachments.{n}.title"[^>]* value="([^"]*)"', form.text) for n in (0, 1)] == [
        ["a"],
        ["b"],
    ]
    hidden = re.findall(r'type="hidden" name="(d\.head\.attachments[^"]+)" value="([^"]+)"', form.text)
    again = dict(hidden) | {"d.head.attachments.0.title": "Annexe", "d.head.attachments.1.title": "b"}
    check = await send(site, "relire", **again, **{"d.head.attachments.1.retirer": "1"})
    given = kept(check.text)
    assert given["d.head.attachments.0.title"] == ["Annexe"]
    assert "d.head.attachments.1.title" not in given
    assert f'href="/publier/piece/{DIGEST}"' in check.text
    with pytest.raises(RefusedError, match="unknown"):
        await fed.desk.pieces.one(COMMISSION_ML, hashlib.sha256(b"Deux").hexdigest())
    twice = await send(site, "modifier", ("encore.pdf", PAPER), **dict(hidden), **{"d.head.attachments.0.title": "a"})
    assert twice.text.count(DIGEST) == 1, "the same file again is the same piece"


@pytest.mark.parametrize(
    ("files", "fields", "code"),
    [
        ([("x.html", b"<html>")], {}, "refused.piece.type"),
        ([("x.pdf", b"")], {}, "refused.piece.size"),
        ([("x.txt", b"x" * (limits.LARGEST + 1))], {}, "refused.piece.size"),
        ([(f"{n}.txt", b"x") for n in range(limits.MOST + 1)], {}, "refused.piece.many"),
        ([("x.pdf", PAPER)], {"tlp": "RED"}, "refused.piece.sealed"),
        ([], SAID | {"tlp": "RED"}, "refused.piece.sealed"),
        ([], SAID, "refused.piece.unknown"),
    ],
)
async def test_what_cannot_be_taken_is_said_on_the_form(
    site: httpx.AsyncClient, node: Posting, files: list[tuple[str, bytes]], fields: dict[str, str], code: str
) -> None:
    page = await send(site, "publier", *files, **fields)
    assert page.status_code == code_named(code).status
    assert code_named(code).fr in unescape(page.text)
    assert 'value="Séance conjointe"' in page.text
    assert await node.rows() == []


async def test_a_file_that_is_not_taken_leaves_those_before_it(site: httpx.AsyncClient) -> None:
    """They need not be chosen again, and the page says which one it was."""
    page = await send(site, "relire", ("a.pdf", PAPER), ("b.html", b"<html>"))
    assert page.status_code == code_named("refused.piece.type").status
    assert re.findall(r'name="d.head.attachments.\d.title"[^>]* value="([^"]*)"', page.text) == ["a"]
    assert f'value="{DIGEST}"' in page.text


async def test_what_no_archived_notice_names_is_let_go(
    fed: Fed, node: Posting, site: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Abandoned forms do not fill the disk, neither at once nor for long; what a form still names stays, and so does
    what the region has archived."""
    event = await published(fed, node, site)
    pieces, now = fed.desk.pieces, fed.desk.clock()
    dropped, draft = [(await pieces.bring(COMMISSION_ML, raw)).sha256 for raw in (b"abandonne", b"brouillon")]
    monkeypatch.setattr(limits, "UNARCHIVED", 20)
    page = await send(site, "relire", ("c.txt", b"cinq."))
    assert (page.status_code, "64 Mo" in page.text) == (413, True)
    assert (await pieces.bring(COMMISSION_ML, b"brouillon")).sha256 == draft, "the same again takes no more room"
    monkeypatch.setattr(pieces, "_clock", lambda: now + timedelta(days=limits.KEPT_DAYS - 1))
    await pieces.use(COMMISSION_ML, [draft])
    monkeypatch.setattr(pieces, "_clock", lambda: now + timedelta(days=limits.KEPT_DAYS, minutes=1))
    assert await pieces.let_go() == 1
    assert set(await pieces.held(COMMISSION_ML, [DIGEST, dropped, draft])) == {DIGEST, draft}
    assert (await got(fed, path(event), COMMISSION_NE)).status_code == 200


async def test_a_piece_goes_with_its_notice(fed: Fed, node: Posting, site: httpx.AsyncClient) -> None:
    """Hidden once the notice is taken back; erased, files and all, with the notice's own bytes."""
    event = await published(fed, node, site)
    erasing = Erasing(fed)
    order = erasing.order(event)
    withdraw(fed, event)
    await fed.take()
    assert (await got(fed, path(event), COMMISSION_NE)).status_code == 404
    assert set(await fed.desk.pieces.held(COMMISSION_ML, [DIGEST])) == {DIGEST}
    await erasing.told(order)
    assert await fed.desk.pieces.held(COMMISSION_ML, [DIGEST]) == {}
    assert await desk_scrub(fed.desk) == 1


async def test_elsewhere_a_notice_says_where_its_pieces_are(fed: Fed) -> None:
    """Also if a body of this site has the same file: the digest opens nothing."""
    await fed.desk.pieces.bring(COMMISSION_ML, PAPER)
    data = data_of("agenda.meeting")
    data["head"] |= {
        "attachments": [{"sha256": DIGEST, "mime": "application/pdf", "size": len(PAPER), "title": "Note"}]
    }
    event = fed.feed.say("agenda.meeting", COMMISSION_NE, data=data, tlp="GREEN")
    await fed.take()
    async with fed.client(COMMISSION_ML) as client:
        page = (await client.get(f"/avis{event.source}/{event.id}", headers={"Accept": "text/html"})).text
    assert "Les pièces restent au site de l’organisme qui publie" in page
    assert "/pieces/" not in page
    assert (await got(fed, path(event), COMMISSION_ML)).status_code == 404


async def test_a_draft_keeps_its_pieces(node: Posting, site: httpx.AsyncClient) -> None:
    """Put aside with a file, opened again, posted: the file comes along, and was sent once."""
    saved = await send(site, "garder", ("Note.pdf", PAPER), **{"d.start": ""})
    assert saved.status_code == 303, saved.text[:600]
    form = await site.get(saved.headers["location"])
    given = inputs_in(form.text, "/publier")
    assert given["d.head.attachments.0.sha256"] == [DIGEST]
    sent = await send(site, "publier", **given | {"d.start": MEETING["d.start"]})
    assert sent.status_code == 303, sent.text[:600]
    (row,) = await node.rows()
    (named,) = decode_event(decode_envelope(row["value"]).payload).head["attachments"]
    assert (named["sha256"], named["title"]) == (DIGEST, "Note")


@pytest.mark.parametrize("word", ["valider", "refuser"])
async def test_the_second_person_reads_what_they_release(
    fed: Fed, node: Posting, site: httpx.AsyncClient, word: str
) -> None:
    """Before anything is sealed. What they refuse is gone at once: perhaps they refused it because of that file."""
    check = await send(site, "relire", ("Note.pdf", PAPER), tlp="CLEAR")
    given = {name: value for name, value in kept(check.text).items() if name != "acte"}
    waits = (await send(site, "publier", **given)).headers["location"].rpartition("/")[2]
    assert await node.rows() == []
    async with browser_of(fed.desk) as second, browser_of(fed.desk) as reader:
        for client, roles, function in ((second, VALIDATOR, "Présidente"), (reader, READER, "Stagiaire")):
            client.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, roles, function))
        page = await second.get(f"/a-valider/{waits}")
        assert f'href="/publier/piece/{DIGEST}"' in page.text
        assert (await second.get(f"/publier/piece/{DIGEST}")).content == PAPER
        refused = await reader.get(f"/publier/piece/{DIGEST}", headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (403, "refused.auth.role")
        (seen,) = re.findall(r'name="vu" value="([0-9a-f]{64})"', page.text)
        told = {"jeton_formulaire": token_in(page), "vu": seen, "remarque": "Un nom de témoin y figure."}
        done = await second.post(f"/a-valider/{waits}/{word}", data=told, headers=ORIGIN)
        assert done.status_code == 303
    assert set(await fed.desk.pieces.held(COMMISSION_ML, [DIGEST])) == ({DIGEST} if word == "valider" else set())
    assert (await site.get(f"/publier/piece/{DIGEST}")).status_code == (200 if word == "valider" else 404)


async def test_a_version_adds_pieces_and_takes_them_away(fed: Fed, node: Posting, site: httpx.AsyncClient) -> None:
    """What changes is told before it is said; what was named elsewhere stays named, though its bytes are not here."""
    event = sitting(fed, head={"attachments": [ELSEWHERE]})
    await fed.take()
    deed = page_of(event, "version:confirmed")
    given = await opened(site, deed)
    token = {"jeton_formulaire": given["jeton_formulaire"]}
    check = await site.post(
        deed, data=given | {"acte": "relire"}, files=[("pieces", ("Note.pdf", PAPER))], headers=ORIGIN
    )
    assert f'<ins><span class="off">maintenant\u00a0: </span>Note ({DIGEST[:12]}…)</ins>' in check.text
    said = await site.post(deed, data=kept(check.text) | token | {"acte": "publier"}, headers=ORIGIN)
    assert said.status_code == 303, said.text[:600]
    second = await archived(fed, node)
    assert [one["sha256"] for one in second.head["attachments"]] == ["cd" * 32, DIGEST]
    deed = page_of(second, "version:confirmed")
    gone = {"d.head.attachments.0.retirer": "1", "d.head.attachments.1.retirer": "1"}
    check = await site.post(deed, data=await opened(site, deed) | gone | {"acte": "relire"}, headers=ORIGIN)
    assert check.text.count("<del>") == 2
    assert "attachments" not in str(kept(check.text))


async def test_an_erasure_finds_a_piece_whose_notice_never_came(
    fed: Fed, node: Posting, site: httpx.AsyncClient
) -> None:
    """The region had erased the notice before this desk took it in: the desk knows whose file it is all the same."""
    check = await send(site, "relire", ("Note.pdf", PAPER))
    given = {name: value for name, value in kept(check.text).items() if name != "acte"}
    await send(site, "publier", **given)
    value = (await node.rows())[-1]["value"]
    fed.feed.append_value(value)
    event = decode_event(decode_envelope(value).payload)
    order, told = Erasing(fed).order(event), fed.feed.entries[0]
    fed.feed.entries[0] = told.model_copy(update={"envelope": None})
    await Erasing(fed).told(order)
    assert await fed.desk.pieces.held(COMMISSION_ML, [DIGEST]) == {}


async def test_a_form_of_many_fields_may_bring_files(site: httpx.AsyncClient) -> None:
    """The longest text has 300 articles; a form with files is read field by field."""
    page = await site.get("/publier/law.text")
    fields = {f"d.articles.{n}.{name}": "x" for n in range(300) for name in ("number", "heading", "text", "eid")}
    data = fields | {"jeton_formulaire": token_in(page), "profil": "projet", "acte": "modifier"}
    form = await site.post("/publier/law.text", data=data, files=[("pieces", ("", b""))], headers=ORIGIN)
    assert (form.status_code, form.text.count('name="d.articles.299.')) == (200, 4)


async def test_too_much_at_once_is_told_unread(site: httpx.AsyncClient) -> None:
    """On a page, for whoever reads pages; and whoever has no session is told that before a file is read."""
    page = await site.get(FORM)
    huge = [("pieces", (f"{n}.txt", b"x" * limits.LARGEST)) for n in range(4)]
    data = {"jeton_formulaire": token_in(page)} | MEETING
    answer = await site.post(FORM, data=data, files=huge, headers=ORIGIN)
    assert (answer.status_code, "joignez moins à la fois" in answer.text) == (413, True)
    program = await site.post(FORM, data=data, files=huge, headers=ORIGIN | {"Accept": "application/json"})
    assert program.json()["code"] == "refused.piece.size"
    site.cookies.clear()
    closed = await site.post(FORM, data=data, files=huge[:1], headers=ORIGIN | {"Accept": "application/json"})
    assert (closed.status_code, closed.json()["code"]) == (401, "refused.auth.session")


async def test_a_database_of_before_takes_pieces(desk_database: cluster.Database, tmp_path: Path) -> None:
    """What it held is there after the migration, and its officers attach files."""
    async with running(desk_settings(desk_database, tmp_path)) as fed:
        event = fed.feed.say("agenda.meeting", COMMISSION_ML, tlp="GREEN")
        await fed.take()
        engine = create_engine(desk_database.url)
        with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
            connection.execute(text("DROP TABLE piece"))
            v0021_pieces.upgrade()
            old = f"('{COMMISSION_ML}', '{'ab' * 32}', 'text/plain', 1, 'x', now(), '{{{event.id}}}', true)"
            connection.execute(text(f"INSERT INTO piece VALUES {old}"))
            v0023_pieces_lane.upgrade()
            (row,) = connection.execute(text("SELECT lane, by::text FROM piece"))
        engine.dispose()
        assert row == ("waiting", event.id), "a file that the region has not got begins its way"
        async with fed.client() as client:
            figures = (await client.get("/metrics")).text
        assert "tamani_desk_pieces_waiting 0.0" in figures, "without an archive nothing waits for it"
        assert (await got(fed, page_of(event), COMMISSION_NE)).status_code == 200
        digest = (await fed.desk.pieces.bring(COMMISSION_ML, PAPER)).sha256
        assert set(await fed.desk.pieces.held(COMMISSION_ML, [digest])) == {DIGEST}


async def test_a_slow_reader_holds_a_part_and_no_connection(fed: Fed) -> None:
    """Between two parts the only connection serves others; of what is erased meanwhile nothing more comes."""
    raw = PAPER + bytes(600_000)
    narrow = Database(fed.desk.settings.conninfo, most=1)
    pieces = Pieces(narrow, fed.desk.clock)
    found = await pieces.bring(COMMISSION_ML, raw)
    assert b"".join([part async for part in pieces.parts(COMMISSION_ML, found)]) == raw
    parts = pieces.parts(COMMISSION_ML, found)
    assert len(await anext(parts)) == PART
    await pieces.take_out(COMMISSION_ML, [found.sha256])
    with pytest.raises(RefusedError, match="unknown"):
        await anext(parts)
    await narrow.close()
