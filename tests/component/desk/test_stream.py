"""The live stream over a real server: nothing lost, nothing twice, nothing for those who may no longer read."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.feed import ERASED
from tamani.core.trust.metadata import to_text
from tamani.core.trust.writing import make_root, sign
from tamani.desk import hub as hub_module
from tamani.desk import stream as stream_module
from tamani.desk.changes import Change, changes_after
from tamani.desk.cursors import Cursor
from tamani.desk.filters import Filters
from tamani.desk.gate import Visitor
from tamani.desk.migrations.versions.v0016_erasures_told import TOLD
from tamani.desk.rebuild import rebuild
from tamani.runtime.accounts.sessions import sid_of
from tamani.runtime.tokens import token_digest
from tests.component.desk.conftest import Fed, desk_settings, running
from tests.component.desk.feeds import FIRST
from tests.component.desk.serving import Ear, listening, served
from tests.component.desk.test_erasing import Erasing
from tests.support.cluster import Database
from tests.support.erasures import ML, NE, drawn_up, signed_by
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    SOURCES,
    registry,
    registry_value,
)
from tests.support.registries import CHARTER, COUNTRIES, SIGNED, first_root, holder, office_key, seats, value_of
from tests.support.waiting import until


async def ids(ear: Ear, count: int) -> list[str]:
    """The ids of the next records."""
    return [json.loads((await ear.until("record")).text)["event"]["id"] for _ in range(count)]


async def test_what_comes_is_told_at_once(fed: Fed) -> None:
    """A client without a cursor hears what is archived from now on, and only what it may read."""
    fed.feed.say(tlp="GREEN")
    await fed.take()
    async with served(fed.desk) as url, listening(url, fed.token(COMMISSION_ML)) as ear:
        assert json.loads((await ear.until("position")).text) == {"complete_through": 1}
        fed.feed.say(source=COMMISSION_BF, tlp="AMBER", audience=OBSERVATORY_ML)
        wanted = fed.feed.say(source=COMMISSION_BF, tlp="AMBER", audience=COMMISSION_ML)
        await fed.take()
        assert await ids(ear, 1) == [wanted.id]
        assert ear.last == "1.3"


async def test_a_client_that_comes_back_misses_nothing(fed: Fed) -> None:
    """Cut after each of many events, it goes on with `Last-Event-ID`: every notice once, in order."""
    said = [fed.feed.say(tlp="GREEN").id for _ in range(230)]
    await fed.take()
    seen: list[str] = []
    last = "1.0"
    token = fed.token(COMMISSION_ML)
    async with served(fed.desk) as url:
        while len(seen) < 230:
            async with listening(url, token, last) as ear:
                seen += await ids(ear, min(37, 230 - len(seen)))
                assert ear.last is not None
                last = ear.last
    assert seen == said


async def test_nothing_falls_between_the_past_and_the_present(fed: Fed) -> None:
    """While a client reads what it has missed, more is archived; it hears all of it once."""
    said = [fed.feed.say(tlp="CLEAR").id for _ in range(stream_module.PAGE + 20)]
    await fed.take()

    async def go_on() -> None:
        for _ in range(10):
            said.extend(fed.feed.say(tlp="CLEAR").id for _ in range(7))
            await fed.take()

    async with served(fed.desk) as url, listening(url, cursor="0") as ear:
        writing = asyncio.create_task(go_on())
        seen = await ids(ear, stream_module.PAGE + 20 + 70)
        await writing
    assert seen == said


async def test_nothing_falls_before_the_hub_has_begun(fed: Fed) -> None:
    """A client that connects while the desk still starts is told what is archived in that moment."""
    hub = hub_module.Hub(fed.desk.database)
    stream = stream_module.Stream(fed.desk.database, hub, fed.desk.gate, Visitor(), Filters()).events(None)
    assert await anext(stream) == stream_module.HELLO
    following = asyncio.ensure_future(anext(stream))
    said = fed.feed.say(tlp="CLEAR")
    await fed.take()
    running = asyncio.create_task(hub.run())
    assert said.id.encode() in await following
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await stream.aclose()


async def test_without_readers_nothing_is_read(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a reader's queue holds goes by unread; who comes then hears what comes then."""
    asked: list[int] = []

    async def counted(connection: AsyncConnection, after: int, through: int, limit: int) -> list[Change]:
        asked.append(after)
        return await changes_after(connection, after, through, limit)

    monkeypatch.setattr(hub_module, "changes_after", counted)
    for _ in range(hub_module.QUEUE + 5):
        fed.feed.say(tlp="GREEN")
    await fed.take()

    async def passed() -> bool:
        return fed.desk.hub._tail == fed.feed.head

    await until(passed, "the hub has moved along")
    async with served(fed.desk) as url, listening(url, fed.token(COMMISSION_ML)) as ear:
        await ear.until("position")
        said = fed.feed.say(tlp="GREEN")
        await fed.take()
        assert await ids(ear, 1) == [said.id]
    assert asked == [hub_module.QUEUE + 5]


async def test_the_public_counts_for_itself(fed: Fed) -> None:
    """Hidden notices leave no gap in what somebody without a token hears, nor in where they go on."""
    async with served(fed.desk) as url, listening(url) as ear:
        await ear.until("position")
        numbers = []
        for tlp in ("CLEAR", "GREEN", "GREEN", "CLEAR"):
            fed.feed.say(tlp=tlp)
        await fed.take()
        for _ in range(2):
            heard = await ear.until("record")
            numbers.append((heard.id, json.loads(heard.text)["feed_index"]))
    assert numbers == [("1.1", 1), ("1.2", 2)]


async def test_filters_hold_on_the_stream(fed: Fed) -> None:
    """Only what is asked for is told, from the past and live; the position moves on all the same."""
    fed.feed.say("law.item", tlp="CLEAR")
    first = fed.feed.say("monitor.alert", tlp="CLEAR")
    await fed.take()
    async with served(fed.desk) as url, listening(url, cursor="0", type="monitor.alert") as ear:
        assert await ids(ear, 1) == [first.id]
        fed.feed.say("law.item", tlp="CLEAR")
        second = fed.feed.say("monitor.alert", tlp="CLEAR")
        await fed.take()
        assert await ids(ear, 1) == [second.id]
        assert ear.last == "1.4"


async def test_a_mark_is_told_to_who_may_read_its_notice(fed: Fed) -> None:
    """`contested` comes as an event of its own, live and after a reconnection."""
    notice = fed.feed.say(tlp="GREEN", subject="agenda/fil")
    await fed.take()
    async with served(fed.desk) as url:
        async with listening(url, fed.token(COMMISSION_ML)) as ear, listening(url) as public:
            await ear.until("position")
            await public.until("position")
            fed.feed.mark(notice)
            other = fed.feed.say(tlp="CLEAR")
            await fed.take()
            mark = json.loads((await ear.until("mark")).text)
            assert mark["subject"] == "agenda/fil"
            assert (mark["feed_index"], mark["record"], mark["mark"]) == (2, 1, "contested")
            heard = await public.next()
            assert heard is not None
            assert json.loads(heard.text)["event"]["id"] == other.id, "the public hears nothing of the mark"
        async with listening(url, fed.token(COMMISSION_ML), "1.1") as ear:
            assert json.loads((await ear.until("mark")).text)["id"] == notice.id


async def test_an_erasure_is_told_to_whoever_could_have_read(fed: Fed) -> None:
    """At once, whatever the stream's filters are, and to nobody else; then again to who was away."""
    erasing = Erasing(fed)
    gone = await erasing.says(tlp="AMBER", audience=OBSERVATORY_ML)
    readers = {source: fed.token(source) for source in (COMMISSION_ML, OBSERVATORY_ML, COMMISSION_BF)}
    async with served(fed.desk) as url:
        async with (
            listening(url, readers[COMMISSION_ML]) as author,
            listening(url, readers[OBSERVATORY_ML], type="law.item") as named,
            listening(url, readers[COMMISSION_BF]) as other,
            listening(url) as public,
        ):
            for ear in (author, named, other, public):
                await ear.until("position")
            await erasing.erases(gone)
            after = fed.feed.say("law.item", tlp="CLEAR")
            await fed.take()
            told = {"feed_index": 2, "source": gone.source, "id": gone.id, "recorded": "2026-03-02T09:02:00Z"}
            for ear in (author, named):
                heard = await ear.until("erased")
                assert (heard.id, json.loads(heard.text)) == ("1.2", told | {"basis": "consentement-retire"})
            for ear in (other, public):
                heard = await ear.next()  # type: ignore[assignment]
                assert heard.kind == "record"
                assert json.loads(heard.text)["event"]["id"] == after.id
        for last, kinds in (("1.1", ["erased", "record"]), ("1.2", ["record"])):
            async with listening(url, readers[OBSERVATORY_ML], last) as ear:
                assert [(await ear.next()).kind for _ in kinds] == kinds  # type: ignore[union-attr]


async def test_the_public_hears_of_what_it_could_read(fed: Fed) -> None:
    """Under a number of its own; told again by the archive, or after a rebuild, the same number and no second."""
    erasing = Erasing(fed)
    gone = await erasing.says(tlp="CLEAR")
    order = await erasing.erases(gone)
    hidden = await erasing.erases(await erasing.says(tlp="GREEN"))
    assert hidden.order.tlp == "GREEN"
    await erasing.told(order)
    last = fed.feed.say(tlp="CLEAR")
    await fed.take()

    async def heard(url: str, cursor: str) -> list[tuple[str, str | None, str]]:
        async with listening(url, cursor=cursor) as ear:
            events = [await ear.next() for _ in range(2)]
        return [
            (one.kind, one.id, (json.loads(one.text).get("event") or json.loads(one.text))["id"])
            for one in events
            if one
        ]

    expected = [("erased", "1.2", gone.id), ("record", "1.3", last.id)]
    async with served(fed.desk) as url:
        assert await heard(url, "1.1") == expected
        await rebuild(fed.desk.database, fed.desk.registry.current, lambda *_: None)
        assert await heard(url, "1.1") == expected
        assert (await fed.intake.load()).public_head == 3


async def test_an_erasure_of_before_told_nobody_in_public_and_stays_so(fed: Fed) -> None:
    """A desk that took it in before there were numbers: bodies hear of it by its place, public numbers do not move."""
    erasing = Erasing(fed)
    order = await erasing.erases(await erasing.says(tlp="CLEAR"))
    fed.feed.say(tlp="CLEAR")
    async with fed.desk.database.writing() as connection:
        await connection.execute(text("UPDATE erasure SET told_at = NULL, told_public = NULL"))
        await connection.execute(text("UPDATE position SET public_head = 1"))
        await connection.execute(text(TOLD))
    await fed.take()
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda *_: None)
    async with served(fed.desk) as url, listening(url, fed.token(COMMISSION_ML), "1.1") as ear:
        assert json.loads((await ear.until("erased")).text)["id"] == order.order.id
        async with listening(url, cursor="1.1") as public:
            assert (await public.until("record")).id == "1.2"


async def test_an_erasure_is_told_anew_with_the_past(fed: Fed) -> None:
    """A later epoch replaces the entry: whoever heard of it is sent back and hears of it where it stands now."""
    erasing = Erasing(fed)
    kept, gone = fed.feed.say(tlp="CLEAR"), await erasing.says(tlp="CLEAR")
    order = await erasing.erases(gone)
    async with served(fed.desk) as url:
        async with listening(url) as ear:
            assert (await ear.until("position")).id == "1.3"
            await fed.rewind(2)
            other = fed.feed.say(tlp="CLEAR")
            await erasing.told(order)
            assert (await ear.until("reset")).id == "2.2"
            assert await ids(ear, 1) == [other.id]
            assert (await ear.until("erased")).id == "2.4"
        async with listening(url, cursor="1.3") as ear:
            assert await ids(ear, 1) == [other.id]
            assert json.loads((await ear.until("erased")).text)["id"] == gone.id
    assert kept.id != gone.id


async def test_a_revoked_token_ends_the_stream(fed: Fed) -> None:
    """The event that comes after the revocation is not told; the stream says why it ends."""
    token = fed.token(COMMISSION_ML)
    async with served(fed.desk) as url, listening(url, token) as ear:
        await ear.until("position")
        fed.tokens.revoke(token)
        secret = fed.feed.say(tlp="GREEN")
        await fed.take()
        heard = await ear.next()
        assert heard is not None
        assert (heard.kind, json.loads(heard.text)) == ("end", {"code": "refused.auth.token"})
        assert secret.id not in heard.text
        assert await ear.next() is None


async def test_a_token_revoked_during_the_past_ends_it_too(fed: Fed) -> None:
    """The check is before each event, not only when the stream begins."""
    for _ in range(3):
        fed.feed.say(tlp="GREEN")
    await fed.take()
    token = fed.token(COMMISSION_ML)
    visitor = fed.desk.gate.admit_token(token_digest(token))
    stream = stream_module.Stream(fed.desk.database, fed.desk.hub, fed.desk.gate, visitor, Filters()).events(Cursor())
    parts = [await anext(stream), await anext(stream)]
    fed.tokens.revoke(token)
    parts += [part async for part in stream]
    kinds = [part.split(b"\n")[0] for part in parts]
    assert kinds == [b"retry: 3000", b"event: record", b"event: end"]


async def test_a_session_that_ends_ends_its_stream(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing out in one tab closes the stream of another, at the next sign of life at the latest."""
    monkeypatch.setattr(stream_module, "TICK", 0.2)
    sid = sid_of(fed.cookie(COMMISSION_ML))
    visitor = await fed.desk.gate.renew(Visitor(sid=sid))
    stream = stream_module.Stream(fed.desk.database, fed.desk.hub, fed.desk.gate, visitor, Filters()).events(None)
    parts = [await anext(stream), await anext(stream)]
    fed.desk.accounts.sessions.end(sid)
    parts += [part async for part in stream]
    assert b"event: end" in parts[-1]
    assert b"refused.auth.session" in parts[-1]


async def test_who_does_not_keep_up_is_let_go(fed: Fed) -> None:
    """A full queue ends the stream; memory stays bounded, and the client goes on from where it was."""
    with fed.desk.hub.joined() as client:
        for _ in range(hub_module.QUEUE + 5):
            client.offer(hub_module.Rewound(1, 1, 1))
        assert client.gone.is_set()
        assert client.queue.qsize() == hub_module.QUEUE


async def test_a_replaced_past_is_told_anew(fed: Fed) -> None:
    """A live client is told to go back; one that returns with an old id hears the new history from where it parted."""
    kept = fed.feed.say(tlp="GREEN")
    fed.feed.say(tlp="GREEN")
    fed.feed.say(tlp="GREEN")
    await fed.take()
    token = fed.token(COMMISSION_ML)
    async with served(fed.desk) as url:
        async with listening(url, token) as ear:
            assert (await ear.until("position")).id == "1.3"
            fed.feed.rewind(1)
            said = [fed.feed.say(tlp="GREEN").id for _ in range(4)]
            place = await fed.intake.load()
            place = await fed.intake.truncate(place, 2, 2)
            await fed.intake.take(place, fed.feed.entries[1:])
            assert (await ear.until("reset")).id == "2.1"
            assert await ids(ear, 4) == said
        async with listening(url, token, "1.3") as ear:
            assert await ids(ear, 4) == said
            assert ear.last == "2.5"
        async with listening(url, token, "1.1") as ear:
            assert await ids(ear, 4) == said
    assert kept.id not in said


@pytest.fixture
async def lagging(desk_database: Database, tmp_path: Path) -> AsyncIterator[Fed]:
    """A desk whose registry does not know Niger's commission yet."""
    known = tuple(source for source in SOURCES if source != COMMISSION_NE)
    async with running(desk_settings(desk_database, tmp_path), registry_value(known)) as made:
        yield made


def next_registry() -> bytes:
    """With Niger's commission, and under a second root, in which Mali's officer has a deputy."""
    deputy, (text, before) = holder("deputy", ML), first_root()
    root = make_root(seats(deputy), CHARTER.model_copy(update={"previous": before}), 2, SIGNED)
    sign(root, *(office_key("root", country) for country in COUNTRIES))
    return value_of(registry(version=2), roots=(text, to_text(root)), held=seats(deputy))


async def test_what_can_be_shown_at_last_is_told_to_who_had_passed_it(lagging: Fed) -> None:
    """A notice and an order of erasure whose signers come with a later registry: live, and to who was away."""
    gone = lagging.feed.say(tlp="CLEAR")
    late = lagging.feed.say(source=COMMISSION_NE, tlp="CLEAR")
    drawn = drawn_up((lagging.feed.entries[0].envelope or "").encode(), FIRST + timedelta(minutes=1))
    order = signed_by(drawn.signed(office_key("deputy", ML)), NE)
    lagging.feed.mark_with(gone.source, gone.id, ERASED, order.encode().decode())
    after = lagging.feed.say(tlp="CLEAR")
    await lagging.take()
    token, said = lagging.token(COMMISSION_ML), [("record", late.id), ("erased", gone.id)]
    async with served(lagging.desk) as url:
        async with listening(url, token) as ear, listening(url) as public:
            assert ((await ear.until("position")).id, (await public.until("position")).id) == ("1.4", "1.2")
            await lagging.learn(next_registry())
            assert (await ear.until("reset")).id == "2.1"
            assert await heard(ear, 3) == [*said, ("record", after.id)]
            assert (ear.last, await heard(public, 2), public.last) == ("2.4", said, "2.4")
            last = lagging.feed.say(tlp="CLEAR")
            await lagging.take()
            assert [await heard(one, 1) for one in (ear, public)] == [[("record", last.id)]] * 2
        async with listening(url, token, "1.4") as ear, listening(url, cursor="1.2") as public:
            assert await heard(ear, 4) == [*said, ("record", after.id), ("record", last.id)]
            assert await heard(public, 3) == [*said, ("record", last.id)]
        async with listening(url, token, "2.5") as ear:
            assert (await ear.next()).kind == "position"  # type: ignore[union-attr]


async def test_what_a_rebuild_shows_at_last_is_told_too(lagging: Fed) -> None:
    """The public's numbers move with it, so it hears from there on anew; where nothing changed, nobody does."""
    late, after = lagging.feed.say(source=COMMISSION_NE, tlp="CLEAR"), lagging.feed.say(tlp="CLEAR")
    await lagging.take()
    assert lagging.desk.registry.offer(next_registry())
    for _ in range(2):
        await rebuild(lagging.desk.database, lagging.desk.registry.current, lambda *_: None)
    async with served(lagging.desk) as url:
        for token, cursor in ((lagging.token(COMMISSION_ML), "1.2"), (None, "1.1")):
            async with listening(url, token, cursor) as ear:
                assert await heard(ear, 2) == [("record", late.id), ("record", after.id)]
                assert ear.last == "2.2"


async def heard(ear: Ear, count: int) -> list[tuple[str, str]]:
    """Kind and notice of the next events that are news."""
    found: list[tuple[str, str]] = []
    while len(found) < count:
        one = await ear.next()
        assert one is not None
        if one.kind not in {"position", "reset"}:
            said = json.loads(one.text)
            found.append((one.kind, (said.get("event") or said)["id"]))
    return found


async def test_the_hub_finds_its_way_back_to_the_database(fed: Fed) -> None:
    """The listening connection is cut by the server; what is archived afterwards is told all the same."""
    async with served(fed.desk) as url, listening(url) as ear:
        await ear.until("position")

        async def connected() -> bool:
            return fed.desk.hub.listening

        await until(connected, "the hub listens")
        async with fed.desk.database.writing() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                )
            )
        said = fed.feed.say(tlp="CLEAR")
        await fed.take()
        assert await ids(ear, 1) == [said.id]
