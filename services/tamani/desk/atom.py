"""Notices as an Atom feed (RFC 4287). By this door leaves what is CLEAR, with a token GREEN, and nothing above.

Of a sealed notice its readers are told that it waits: no body, no label, no word of it.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import Request

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story, Thread
from tamani.desk.wire import WAITS_FR, instant, page_path

ATOM = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
FEEDS = frozenset({"CLEAR", "GREEN"})
BEGINNING = "2026-01-01T00:00:00Z"


def base_of(desk: Desk, request: Request) -> str:
    """The address under which readers know this desk."""
    return (desk.settings.public_url or str(request.base_url)).rstrip("/")


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed says of itself: its lasting name, its title, and where it is read, if that may be told."""

    id: str
    title: str
    address: str = ""


def asked_channel(desk: Desk, request: Request) -> Channel:
    """The feed of what an address asks for."""
    query = request.url.query
    address = f"{base_of(desk, request)}/feed.atom" + (f"?{query}" if query else "")
    return Channel(address, f"Tamani · {desk.settings.country}", address)


def make_atom(desk: Desk, base: str, channel: Channel, notices: list[Notice], threads: dict[Thread, Story]) -> bytes:
    """The feed's bytes. Notices come newest first; what their own body took back has left the feed."""
    shown = [n for n in notices if _leaves(n) and not threads[n.thread].hides(n)]
    root = Element("feed", {"xmlns": NAMESPACE, "xml:lang": "fr"})
    _text(root, "id", channel.id)
    _text(root, "title", channel.title)
    _text(root, "updated", instant(shown[0].row.recordedtime) if shown else BEGINNING)
    if channel.address:
        SubElement(root, "link", {"rel": "self", "type": ATOM, "href": channel.address})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}/"})
    for notice in shown:
        (_waiting if notice.row.type == SEALED.name else _entry)(root, desk, base, notice)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _entry(root: Element, desk: Desk, base: str, notice: Notice) -> None:
    row, event = notice.row, notice.event
    entry = SubElement(root, "entry", {"xml:lang": event.lang})
    _text(entry, "id", "urn:tamani:" + ":".join((*row.source.strip("/").split("/"), row.id)))
    _text(entry, "title", row.title)
    _text(entry, "updated", instant(row.recordedtime))
    _text(entry, "published", event.time)
    author = SubElement(entry, "author")
    _text(author, "name", desk.registry.current.name(row.source, "fr"))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": base + page_path(row.source, row.id)})
    SubElement(entry, "category", {"term": row.type})
    SubElement(entry, "category", {"scheme": "urn:tamani:tlp", "term": f"TLP:{row.tlp}"})
    _text(entry, "summary", str(event.head.get("summary") or row.title))


def _leaves(notice: Notice) -> bool:
    return notice.row.tlp in FEEDS or notice.row.type == SEALED.name


def _waiting(root: Element, desk: Desk, base: str, notice: Notice) -> None:
    """An address that only who may read can open, under a name that tells nothing."""
    entry = SubElement(root, "entry", {"xml:lang": "fr"})
    _text(entry, "id", f"urn:tamani:{desk.settings.country}:{notice.row.id}")
    _text(entry, "title", WAITS_FR)
    _text(entry, "updated", instant(notice.row.recordedtime))
    _text(SubElement(entry, "author"), "name", f"Tamani · {desk.settings.country}")
    address = base + page_path(notice.row.source, notice.row.id)
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address})


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = "".join(c for c in text if c >= " " or c in "\t\n")
