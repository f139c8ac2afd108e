"""A notice that is not sealed yet, as its readers will see it, with each of them named: for its author and the second
person alike.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from tamani.core.rights import will_read
from tamani.desk.forms.sealing import sealing_of
from tamani.desk.pages.documents import documents_in
from tamani.desk.pages.fields import FieldReader
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.text import to_html
from tamani.desk.pages.views import Viewer
from tamani.desk.service import Desk
from tamani.desk.wire import page_path


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What a notice says before it is sealed."""

    kind: str
    profile: str
    tlp: str
    audience: tuple[str, ...]
    data: dict[str, Any]
    # It joins a sealed thread.
    sealed: bool = False


async def as_read(
    desk: Desk, request: Request, source: str, said: Unsealed, viewer: Viewer | None = None
) -> dict[str, Any]:
    """What `as_read.html` shows: all that it says, and who will read it today."""
    viewer, data = viewer or viewer_of(desk, request), said.data
    labels, head = viewer.labels, data.get("head") or {}
    readers = will_read(desk.registry.current, source, said.tlp, said.audience)
    fields = FieldReader(labels, viewer.dates, viewer.titles)
    return {
        "kind": labels.type(said.kind),
        "profile": labels.profile(said.kind, said.profile),
        "tlp": said.tlp,
        "sealed": said.sealed or sealing_of(said.kind, said.profile, said.tlp, data) is not None,
        "title": head.get("title", ""),
        "summary": head.get("summary", ""),
        "text": to_html(head["body"]) if head.get("body") else None,
        "fields": [*fields.of_type(said.kind, said.profile, data), *fields.of_head(data)],
        "readers": readers if readers is None else [labels.body(one) for one in readers],
        "addressed": [labels.body(one) for one in said.audience],
        "translations": [
            one | {"language": labels.language(one["lang"]), "shown": to_html(one["body"]) if one.get("body") else None}
            for one in head.get("translations", ())
        ],
        "refs": [
            {"word": labels.value("rel", one["rel"]), "href": page_path(one["source"], one["id"])}
            | {"body": labels.body(one["source"])}
            for one in head.get("refs", ())
        ],
        "documents": await documents_in(desk.pieces, viewer, source, data, "/publier/piece/"),
    }
