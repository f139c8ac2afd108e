"""Where one notice names another: what a form offers to choose from, and under which title the other is shown.

Nothing is offered or titled that the reader may not read, or that was taken back: such a one goes by its body's name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from tamani.core.errors import OutageError
from tamani.core.event import UUID7
from tamani.core.names import SOURCE
from tamani.core.policy import Reader
from tamani.desk.cursors import Cursor
from tamani.desk.filters import Filters
from tamani.desk.forms.inputs import NAME, Input
from tamani.desk.forms.layout import Layout
from tamani.desk.forms.reading import PREFIX, Given
from tamani.desk.pages.form_view import Notices, Option
from tamani.desk.pages.views import Viewer, said_in
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.threads import stories

log = structlog.get_logger(__name__)
MOST = 40


async def nameable(queries: Queries, reader: Reader, viewer: Viewer, layout: Layout, given: Given) -> Notices:
    """For each set of types that a form names notices of: the latest threads, and what is named already."""
    inputs = [one for asked in layout.asked for one in (asked, *asked.columns) if one.kind == "notice"]
    try:
        return await _offered(queries, reader, viewer, inputs, given) if inputs else {}
    except OutageError as error:
        # The list helps whoever fills the form in: that the desk's database is away stops nobody from publishing.
        log.warning("form.without-notices", code=error.code.name, detail=error.detail)
        return {}


async def _offered(queries: Queries, reader: Reader, viewer: Viewer, inputs: Sequence[Input], given: Given) -> Notices:
    typed = (_split(value) for name, values in given.items() if name.startswith(PREFIX) for value in values)
    named = sorted({one for one in typed if _is_name(*one)})
    there = await _standing(queries, reader, await queries.named(reader, named))
    found: dict[tuple[str, ...], tuple[Option, ...]] = {}
    for types in dict.fromkeys(one.types for one in inputs):
        latest = (await queries.threads(reader, Filters(type=types), Cursor(), MOST)).notices
        listed = [*await _standing(queries, reader, latest), *(one for one in there if one.row.type in types)]
        options = {_key(one): _option(viewer, one, many=len(types) > 1) for one in listed}
        found[types] = tuple(sorted(options.values(), key=lambda option: option.group))
    return found


async def with_titles(queries: Queries, reader: Reader, viewer: Viewer, *data: Mapping[str, Any]) -> Viewer:
    """The same viewer, who knows the titles of the notices that these data name; none while nobody can tell."""
    named = sorted({(one["source"], one["id"]) for one in _names(data)})
    try:
        found = await _standing(queries, reader, await queries.named(reader, named)) if named else []
    except OutageError as error:
        log.warning("names.without-titles", code=error.code.name, detail=error.detail)
        return viewer
    return replace(viewer, titles={_key(one): said_in(one, viewer.labels.lang).title for one in found})


async def _standing(queries: Queries, reader: Reader, notices: list[Notice]) -> list[Notice]:
    told = stories(await queries.threads_of(reader, notices))
    return [one for one in notices if not told[one.thread].hides(one)]


def _option(viewer: Viewer, notice: Notice, *, many: bool) -> Option:
    word = f"{said_in(notice, viewer.labels.lang).title} · {viewer.labels.body(notice.row.source)}"
    return Option(_key(notice), word, False, viewer.labels.type(notice.row.type) if many else "")


def _key(notice: Notice) -> str:
    return f"{notice.row.source}/{notice.row.id}"


def _is_name(source: str, id_: str) -> bool:
    return bool(SOURCE.fullmatch(source) and UUID7.fullmatch(id_))


def _split(value: str) -> tuple[str, str]:
    source, _, id_ = value.rpartition("/")
    return source, id_


def _names(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if value.keys() == NAME and _is_name(str(value["source"]), str(value["id"])):
            yield value
        else:
            for part in value.values():
                yield from _names(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _names(part)
