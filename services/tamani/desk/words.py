"""What a search looks through: the words that a notice says to people, by language. Codes and references are not words.

Names of regions (former ones too) and of the body are among them, in both languages: people search for what they see
on the page, or knew before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.codelists import terms
from tamani.core.event import Event
from tamani.core.registry import Registry
from tamani.core.terms_then import predecessors

# An identifier, a code, a time, a reference: nothing that anybody would type.
_CODE = re.compile(r"[a-z0-9:._/+-]*|[0-9TZ:.+-]+|TLP:[A-Z+]+|Africa/[A-Z][a-z]+")
_APART = frozenset({"title", "summary", "translations", "refs", "areas"})


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a notice in one language, the weightier first."""

    lang: str
    title: str
    summary: str
    rest: str


def words_of(event: Event, registry: Registry) -> list[Words]:
    """In its own language first, then each of its translations. Of a sealed notice, the body that says it."""
    if event.kind == SEALED.name:
        return [Words(event.lang, "", "", "\n".join(_names(event, registry)))]
    head = event.head
    rest = [*_texts({key: value for key, value in head.items() if key not in _APART})]
    rest += _texts({key: value for key, value in event.data.items() if key != "head"})
    rest += _names(event, registry)
    own = Words(event.lang, _text(head.get("title")), _text(head.get("summary")), "\n".join(rest))
    return [own, *_translations(head.get("translations", ()))]


def _names(event: Event, registry: Registry) -> Iterator[str]:
    body = registry.body(event.source)
    if body is not None:
        yield from (body.names.fr, body.names.en)
    for slug in event.head.get("areas", ()):
        if (area := terms("areas").get(slug)) is not None:
            yield from (area.fr, *(former.fr for former in predecessors("areas", slug)))


def _translations(found: object) -> Iterator[Words]:
    for one in found if isinstance(found, list | tuple) else ():
        yield Words(str(one.get("lang")), _text(one.get("title")), _text(one.get("summary")), _text(one.get("body")))


def _texts(value: object) -> Iterator[str]:
    """Every string below a value that reads as text."""
    match value:
        case str() if not _CODE.fullmatch(value):
            yield value
        case dict():
            for member in value.values():
                yield from _texts(member)
        case list() | tuple():
            for member in value:
                yield from _texts(member)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
