"""Who is offered a link can follow it: the demo's notices, a few of each sort, link by link."""

import re
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx
import pytest

from tamani.core.event import Event
from tamani.core.names import Country
from tamani.core.roles import Role
from tamani.desk.posting import Posting as Api
from tamani.embedded.demo.bodies import BODIES
from tamani.embedded.demo.notices import notices
from tamani.runtime.clock import system_clock
from tests.component.desk.conftest import Fed
from tests.support.officers import session_of
from tests.support.posting import posting
from tests.unit.demo.world import START, world

pytestmark = pytest.mark.postgres
# One body of each kind at one site as poster; at the secretariat, each role alone.
KINDS = {body.kind: body.source for body in BODIES if body.country is Country.ML}
READERS = [(kind, role) for kind in KINDS for role in (Role.POSTER,)]
READERS += [("secretariat", role) for role in Role if role is not Role.POSTER]
HREF = re.compile(r'<(?:a|link)\b[^>]*\bhref="(/[^"#]*)')
NOTICE = re.compile(r"/avis(/[a-z]{2}/[a-z0-9-]+)/([0-9a-f-]{36})")
# Out of the desk, out of the session, or the same page in other words, without end; and the opening of
# a sealed notice, for which this desk has no key (test_sealed.py opens them with one).
PASSED_OVER = re.compile(
    r"/static/|/langue/|/\?|/agenda\?|/lois.*\?|/connexion|.*\.zip$|/v1/|.*/proof|/feed|.*/ouvert$"
)


@dataclass
class Crawl:
    """What one reader was offered and went to: each address once, of the notices a few of each sort."""

    browser: httpx.AsyncClient
    sample: frozenset[str]
    seen: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)

    async def walk(self, *starts: str) -> None:
        """Go to these, and to whatever they lead to."""
        queue = deque((start, "") for start in starts)
        while queue:
            address, came_from = queue.popleft()
            if address in self.seen or not self._is_of_interest(address):
                continue
            self.seen.add(address)
            answer = await self.browser.get(address, follow_redirects=True)
            if answer.is_error:
                self.dead.append(f"{answer.status_code} {address} (from {came_from})")
            if "text/html" in answer.headers.get("content-type", ""):
                queue += [(unescape(found), address) for found in HREF.findall(answer.text)]

    def _is_of_interest(self, address: str) -> bool:
        notice = NOTICE.search(address)
        return not PASSED_OVER.match(address) and (notice is None or notice[2] in self.sample)


def sampled(events: list[Event], body: str) -> frozenset[str]:
    """Of each type the newest that this body has said and the newest of another's that it reads."""
    read = [one for one in events if one.tlp in {"CLEAR", "GREEN"} or body in (one.source, *one.readers)]
    return frozenset({(one.kind, one.source == body): one.id for one in read}.values())


@pytest.fixture
async def demo(fed: Fed, tmp_path: Path) -> AsyncIterator[Fed]:
    """The desk of Mali with the demo's bodies and notices, and a node beside it."""
    fed.desk.registry._current = world().registry
    for number, notice in enumerate(notices(), 1):
        fed.feed.append_value(world().bytes_of(notice, number))
    await fed.take()
    fed.desk.clock = fed.desk.gate._clock = lambda: START
    async with posting(tmp_path, Country.ML) as node:
        node.known.append(world().registry)
        node.clock.at = system_clock()  # by which the sessions were opened
        async with httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api:
            fed.desk.posting = Api(api)
            yield fed


async def test_every_link_that_is_offered_answers(demo: Fed) -> None:
    """No error of any kind, for every kind of body as poster and for every role of a secretariat."""
    events = [world().event_of(notice) for notice in notices()]
    dead: list[str] = []
    for kind, role in READERS:
        body = KINDS[kind]
        async with demo.client() as browser:
            browser.headers["Accept"] = "text/html"
            roles = frozenset({role})
            browser.cookies.set("tamani_session", session_of(demo.desk.accounts, body, roles, role.value))
            crawl = Crawl(browser, sampled(events, body))
            pages = [f"/avis{one.source}/{one.id}" for one in events if one.id in crawl.sample]
            await crawl.walk("/accueil", "/", *pages)
        dead += [f"{kind}, {role.value}: {one}" for one in crawl.dead]
        assert len(crawl.seen) > 20, f"{kind}, {role.value}: there was something to follow"
    assert dead == []


async def test_a_dead_end_is_found(fed: Fed) -> None:
    """The crawl itself: a link to what is refused is told, with the page that offers it."""
    async with fed.client() as browser:
        browser.headers["Accept"] = "text/html"
        crawl = Crawl(browser, frozenset())
        await crawl.walk("/officiers")
    assert crawl.dead == ["401 /officiers (from )"]
