"""The policy at every exit, as a truth table: who is asked, what is said, which door it may leave by."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.policy import Reader, may_read
from tamani.desk.app import build_app
from tamani.desk.cursors import Cursor
from tamani.desk.filters import Filters
from tamani.desk.gate import Visitor
from tamani.desk.stream import Stream
from tamani.runtime.tokens import token_digest
from tests.component.desk.conftest import Fed
from tests.support.notices import BUREAU, COMMISSION_BF, COMMISSION_ML, OBSERVATORY_ML, data_of

# name → who said it, its TLP, its audience
SAID = {
    "clear": (COMMISSION_ML, "CLEAR", None),
    "clear-foreign": (COMMISSION_BF, "CLEAR", None),
    "green": (COMMISSION_ML, "GREEN", None),
    "amber-one": (COMMISSION_BF, "AMBER", OBSERVATORY_ML),
    "amber-two": (COMMISSION_BF, "AMBER", f"{COMMISSION_ML} {BUREAU}"),
    "amber-own": (OBSERVATORY_ML, "AMBER", COMMISSION_BF),
    # The judge refuses these in the open; should they come, only whom they name sees them, and no feed tells of them.
    "strict": (COMMISSION_ML, "AMBER+STRICT", COMMISSION_ML),
    "red": (COMMISSION_ML, "RED", COMMISSION_ML),
}
# The table: what each reader sees. Written out, so that a change of policy is seen here.
SEES = {
    None: {"clear", "clear-foreign"},
    COMMISSION_ML: {"clear", "clear-foreign", "green", "amber-two", "strict", "red"},
    OBSERVATORY_ML: {"clear", "clear-foreign", "green", "amber-one", "amber-own"},
    COMMISSION_BF: {"clear", "clear-foreign", "green", "amber-one", "amber-two", "amber-own"},
    BUREAU: {"clear", "clear-foreign", "green", "amber-two"},
}
MARKER = re.compile(r"avis-(clear-foreign|clear|green|amber-one|amber-two|amber-own|strict|red)-fin")
READERS = list(SEES)


async def tell(fed: Fed) -> None:
    """Say them all, each with its name in title, summary, text and subject."""
    for name, (source, tlp, audience) in SAID.items():
        word = f"avis-{name}-fin"
        data = data_of("agenda.meeting")
        data["head"] |= {"title": word, "summary": word, "body": word}
        fed.feed.say("agenda.meeting", source, tlp=tlp, audience=audience, data=data, subject=f"agenda/{word}")
    await fed.take()


def names(text: str) -> set[str]:
    return set(MARKER.findall(text))


async def by_list(fed: Fed, reader: str | None) -> set[str]:
    async with fed.client(reader) as client:
        return names((await client.get("/v1/records")).text)


async def by_list_backwards(fed: Fed, reader: str | None) -> set[str]:
    async with fed.client(reader) as client:
        return names((await client.get("/v1/records", params={"order": "desc"})).text)


async def by_number(fed: Fed, reader: str | None) -> set[str]:
    async with fed.client(reader) as client:
        return names("".join([(await client.get(f"/v1/records/{n}")).text for n in range(1, len(SAID) + 2)]))


async def by_envelope(fed: Fed, reader: str | None) -> set[str]:
    seen: set[str] = set()
    async with fed.client(reader) as client:
        for number in range(1, len(SAID) + 2):
            answer = await client.get(f"/v1/records/{number}/envelope")
            if answer.status_code == 200:
                position = [i for i, entry in enumerate(fed.feed.entries) if (entry.envelope or "") == answer.text]
                seen.add(list(SAID)[position[0]])
    return seen


async def by_thread(fed: Fed, reader: str | None) -> set[str]:
    async with fed.client(reader) as client:
        pages = [await client.get("/v1/records", params={"thread": f"agenda/avis-{name}-fin"}) for name in SAID]
    return names("".join(page.text for page in pages))


async def by_stream(fed: Fed, reader: str | None) -> set[str]:
    """What the stream tells somebody who has read nothing yet; it ends by itself once it is live."""
    gate = fed.desk.gate
    token = gate.admit_token(token_digest(fed.token(reader))) if reader else Visitor()
    stream = Stream(fed.desk.database, fed.desk.hub, gate, token, Filters())
    said = b""
    async for part in stream.events(Cursor()):
        said += part
        if b"event: position" in part:
            break
    return names(said.decode())


async def by_page(fed: Fed, reader: str | None) -> set[str]:
    async with fed.client(reader) as client:
        return names((await client.get("/")).text)


async def by_notice_page(fed: Fed, reader: str | None) -> set[str]:
    async with fed.client(reader) as client:
        pages = [await client.get(f"/avis{event.source}/{event.id}", headers=HTML) for event in events(fed)]
    return names("".join(page.text for page in pages))


async def by_session(fed: Fed, reader: str | None) -> set[str]:
    """The same through the browser's cookie."""
    async with fed.client() as client:
        if reader:
            client.cookies.set("tamani_session", fed.cookie(reader))
        return names((await client.get("/")).text) | names((await client.get("/v1/records")).text)


HTML = {"Accept": "text/html"}
EXITS: list[Callable[[Fed, str | None], Awaitable[set[str]]]] = [
    by_list,
    by_list_backwards,
    by_number,
    by_envelope,
    by_thread,
    by_stream,
    by_page,
    by_notice_page,
    by_session,
]


def events(fed: Fed) -> list[Event]:
    return [decode_event(decode_envelope((e.envelope or "").encode()).payload) for e in fed.feed.entries]


def test_the_table_is_the_policy() -> None:
    """The expectations above are what `core.policy` says."""
    for body, seen in SEES.items():
        for name, (source, tlp, audience) in SAID.items():
            assert may_read(Reader(body), source, tlp, audience) is (name in seen), (body, name)


async def test_every_exit_for_every_reader(fed: Fed) -> None:
    """Each reader sees by each door exactly what the table says."""
    await tell(fed)
    seen = {(leave.__name__, reader): await leave(fed, reader) for leave in EXITS for reader in READERS}
    assert seen == {(leave.__name__, reader): SEES[reader] for leave in EXITS for reader in READERS}


async def test_a_feed_carries_nothing_above_green(fed: Fed) -> None:
    """TLP 2.0 on this bus: Atom for CLEAR, with a token GREEN; AMBER stays in the application."""
    await tell(fed)
    for reader in READERS:
        async with fed.client(reader) as client:
            seen = names((await client.get("/feed.atom")).text)
        assert seen == SEES[reader] - {"amber-one", "amber-two", "amber-own", "strict", "red"}


async def test_no_count_tells_of_what_is_hidden(fed: Fed) -> None:
    """Numbers beside filters, totals, positions and `complete_through` are the same with and without hidden notices."""
    await tell(fed)
    async with fed.client() as client:
        page, records = await client.get("/"), (await client.get("/v1/records")).json()
        facets = re.findall(r"<small>(\d+)</small>", page.text)
    assert records["complete_through"] == 2
    assert [record["feed_index"] for record in records["records"]] == [1, 2]
    assert "2 avis" in page.text
    assert all(int(count) <= 2 for count in facets)
    async with fed.client() as client:
        health = (await client.get("/healthz")).text
    assert str(len(SAID)) not in re.sub(r'"(version|registry|complete_at)":[^,}]*', "", health)


async def test_figures_are_for_this_machine_alone(fed: Fed) -> None:
    """`/metrics` counts entries, so it is not told to others."""
    transport = httpx.ASGITransport(build_app(fed.desk), client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        assert (await client.get("/metrics")).status_code == 404
    async with fed.client() as client:
        assert "tamani_desk_feed_index" in (await client.get("/metrics")).text


async def test_a_token_in_an_address_opens_nothing(fed: Fed) -> None:
    """Addresses are logged, kept and forwarded: what stands in one is no credential."""
    await tell(fed)
    token = fed.token(COMMISSION_ML)
    async with fed.client() as client:
        for name in ("token", "access_token", "jeton", "authorization"):
            assert names((await client.get("/v1/records", params={name: token})).text) == SEES[None]


@pytest.mark.parametrize("header", ["Bearer tmn_unknown", "Bearer", "Basic dTpw", "tmn_x"])
async def test_a_wrong_token_is_refused_not_ignored(fed: Fed, header: str) -> None:
    """Somebody who shows a credential must not silently read as the public."""
    async with fed.client() as client:
        answer = await client.get("/v1/records", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "refused.auth.token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_body_struck_off_reads_nothing(fed: Fed) -> None:
    """A token outlives neither its revocation nor its body's enrolment."""
    token = fed.token("/ml/organisme-parti")
    async with fed.client() as client:
        answer = await client.get("/v1/records", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "refused.policy.body")
        known = fed.token(COMMISSION_ML)
        asked = {"Authorization": f"Bearer {known}"}
        assert (await client.get("/v1/records", headers=asked)).status_code == 200
        fed.tokens.revoke(known)
        assert (await client.get("/v1/records", headers=asked)).status_code == 401


async def test_what_a_body_reads_is_kept_by_no_cache(fed: Fed) -> None:
    """Neither a proxy nor a shared machine keeps it; what is public may be asked again cheaply."""
    await tell(fed)
    async with fed.client(COMMISSION_ML) as client:
        signed_in = await client.get("/v1/records")
    async with fed.client() as client:
        public = await client.get("/v1/records")
    assert signed_in.headers["cache-control"] == "private, no-store"
    assert public.headers["cache-control"] == "no-cache"
    assert "Authorization" in public.headers["vary"]
    assert "Cookie" in public.headers["vary"]
