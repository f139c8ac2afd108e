"""A reader who walks through a site: from its first page along its own links, a few pages of each kind."""

import html
import re
from collections import Counter, deque

import httpx

# But for the switch of language: the reader stays with the one that was asked for.
LINK = re.compile(r'href="(/(?!langue/)[^"#]*)"')
NOTICE = re.compile(r"/avis/[a-z]{2}/[a-z0-9-]+/([0-9a-f-]{36})")
# Of pages under one first word of their path; those of a site's notices are alike.
OF_A_KIND = 4


async def walk(site: httpx.AsyncClient) -> dict[str, str]:
    """Path to HTML of every page met, breadth first. What is no page (feeds, calendars, tables) is passed by.

    Raises:
        AssertionError: a link of the site leads nowhere.
    """
    pages: dict[str, str] = {}
    known, ahead, kinds = {"/"}, deque(["/"]), Counter[str]()
    while ahead:
        path = ahead.popleft()
        kind = path.split("?")[0].split("/")[1]
        if kinds[kind] == OF_A_KIND:
            continue
        answer = await site.get(path)
        assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        kinds[kind] += 1
        pages[path] = answer.text
        links = [html.unescape(link) for link in LINK.findall(answer.text)]
        ahead.extend(link for link in dict.fromkeys(links) if link not in known)
        known.update(links)
    return pages


def notices_on(page: str) -> set[str]:
    """The ids of the notices to which a page leads."""
    return set(NOTICE.findall(page))
