"""References in the mirror, both ways, under the reader's rights: on pages, for programs, and after a rebuild."""

from typing import Any

import httpx
from sqlalchemy import delete, select, text

from tamani.core.policy import PUBLIC, Reader
from tamani.desk.migrations.versions.v0008_references import FILL
from tamani.desk.references import links_of
from tamani.desk.tables import reference
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, data_of


def naming(kind: str, profile: str | None = None, **more: Any) -> dict[str, Any]:
    """Data that names notices."""
    return data_of(kind, profile=profile) | more


async def told(fed: Fed) -> dict[str, Any]:
    """A file, a bill in it (in two versions), a point for the public, and a secret amendment."""
    item = fed.feed.say("law.item", tlp="CLEAR", subject="law/temoins")
    name = {"source": item.source, "id": item.id}
    for version in ("0.1", "0.2"):
        data = naming("law.text", "projet", item=name, version=version)
        bill = fed.feed.say("law.text", COMMISSION_NE, tlp="CLEAR", subject="law/projet", profile="projet", data=data)
    head = {"title": "Réponse au dossier", "refs": [{"rel": "replies", **name}]}
    note = fed.feed.say("practice.note", COMMISSION_BF, tlp="GREEN", data=naming("practice.note", head=head))
    about = naming("law.text", "amendement", bill={"source": bill.source, "id": bill.id})
    private: dict[str, Any] = {"tlp": "AMBER", "audience": COMMISSION_BF}
    secret = fed.feed.say("law.text", COMMISSION_NE, subject="law/secret", profile="amendement", data=about, **private)
    await fed.take()
    return {"item": item, "bill": bill, "note": note, "secret": secret}


async def test_both_ways_and_only_what_one_may_read(fed: Fed) -> None:
    """The latest version counts; the public does not learn that something else names the notice."""
    said = await told(fed)
    queries = fed.desk.queries

    async def links(reader: Reader, which: str) -> Any:
        return await links_of(queries, reader, await queries.said(reader, said[which].source, said[which].id))

    member = Reader(COMMISSION_ML)
    assert [(rel, one.row.id) for rel, one in (await links(member, "item")).named_by] == [
        ("item", said["bill"].id),
        ("replies", said["note"].id),
    ]
    assert [rel for rel, _ in (await links(PUBLIC, "item")).named_by] == ["item"]
    ((ref, found),) = (await links(PUBLIC, "bill")).names
    assert (ref.rel, found.row.id) == ("item", said["item"].id)
    assert (await links(member, "bill")).named_by == ()
    assert [rel for rel, _ in (await links(Reader(COMMISSION_BF), "bill")).named_by] == ["bill"]


async def test_what_was_taken_back_leads_nowhere(fed: Fed) -> None:
    """Neither to it nor from it."""
    said = await told(fed)
    target = {"source": COMMISSION_BF, "id": said["note"].id}
    gone = naming("withdrawal", target=target)
    fed.feed.say("withdrawal", COMMISSION_BF, subject=said["note"].subject, data=gone)
    await fed.take()
    member = Reader(COMMISSION_ML)
    found = await fed.desk.queries.said(member, said["item"].source, said["item"].id)
    assert [rel for rel, _ in (await links_of(fed.desk.queries, member, found)).named_by] == ["item"]


async def test_pages_and_programs_show_them(fed: Fed, browser: httpx.AsyncClient) -> None:
    """In words on the page, by record numbers in the JSON."""
    said = await told(fed)
    page = (await browser.get(f"/avis{said['item'].source}/{said['item'].id}")).text
    assert "Avis qui le citent" in page
    assert f"/avis{said['bill'].source}/{said['bill'].id}" in page
    assert said["note"].id not in page
    record = (await browser.get("/v1/records/1")).json()["references"]
    assert record["names"] == []
    assert [(one["rel"], one["id"]) for one in record["named_by"]] == [("item", said["bill"].id)]


async def test_the_migration_reads_the_same_from_the_bytes(fed: Fed) -> None:
    """What was taken in before has its references, too."""
    await told(fed)
    async with fed.desk.database.writing() as connection:
        query = select(reference).order_by(reference.c.feed_index, reference.c.rel)
        kept = (await connection.execute(query)).all()
        await connection.execute(delete(reference))
        await connection.execute(text(FILL))
        assert (await connection.execute(query)).all() == kept
    assert len(kept) == 4
