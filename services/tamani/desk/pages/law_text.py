"""A text of law article by article: the opinions beside each, and what changed since any version that may be shown."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from tamani.core.codelists import terms
from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.desk.laws.gathering import Held, Laws
from tamani.desk.laws.opinions import opinions_on, same_article
from tamani.desk.laws.words import compare_texts
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.law_asked import ask, show_laws
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice
from tamani.desk.service import Desk

TEXT = "law.text"


def build_law_text(desk: Desk) -> APIRouter:
    """The route."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/lois/texte/{country}/{body}/{id}")
    async def text(
        request: Request,
        country: Country,
        body: str,
        id: UUID,  # noqa: A002
        avec: Annotated[str | None, Query()] = None,
    ) -> Response:
        """A text with the opinions beside each article, and what changed since an earlier version of it."""
        asked = await ask(desk, request)
        wanted = (f"/{country}/{body}", str(id))
        held = next((one for one in asked.laws.texts if wanted in one.names), None)
        if held is None:
            raise RefusedError("refused.request.notice")
        base = _base(asked.laws, held, avec)
        given = opinions_on(held, asked.laws.requests)
        before, after = base["articles"] if base else (), held.data.get("articles") or ()
        # Two long texts without a word in common take seconds: other readers must not wait for them.
        compared = await asyncio.to_thread(compare_texts, before, after)
        themes = [theme for theme in asked.themes(held) if theme in terms("themes")]
        context: dict[str, Any] = {"held": held, "base": base, "compared": compared, "opinions": given}
        context |= {"theme": (themes or [""])[0], "versions": _versions(viewer_of(desk, request), held)}
        return await show_laws(desk, asked, "law_text.html", same_article=same_article, **context)

    return routes


def _base(laws: Laws, held: Held, chosen: str | None) -> dict[str, Any] | None:
    """What to compare with: the version chosen, else the text that it names, else its own version before."""
    versions = {one.row.id: one for one in _standing(held)}
    if chosen in versions and chosen != held.notice.row.id:
        return _as_base(versions[chosen].event.data, versions[chosen].row.id)
    ref = held.data.get("diff_base") or held.data.get("bill")
    if isinstance(ref, dict):
        name = ref["source"], ref["id"]
        other = next((one for one in laws.texts if name in one.names), None)
        named = next((one for one in _standing(other) if (one.row.source, one.row.id) == name), None) if other else None
        if named is not None:
            return _as_base(named.event.data, named.row.id)
    earlier = [one for one in versions.values() if one.row.feed_index < held.notice.row.feed_index]
    before = max(earlier, key=lambda one: one.row.feed_index, default=None)
    return _as_base(before.event.data, before.row.id) if before else None


def _standing(held: Held) -> list[Notice]:
    """The versions of a text that may be shown: what its body took back may not."""
    return [one for one in held.story.notices if one.row.type == TEXT and not held.story.hides(one)]


def _versions(viewer: Viewer, held: Held) -> list[tuple[str, str]]:
    """What a reader may compare with: the other versions of the text, newest first, by id and in words."""
    others = [one for one in reversed(_standing(held)) if one.row.id != held.notice.row.id]
    return [(one.row.id, _version_words(viewer, one)) for one in others]


def _version_words(viewer: Viewer, one: Notice) -> str:
    say, version = translations(viewer.labels.lang).gettext, one.event.data.get("version")
    day = viewer.dates.short_day(viewer.dates.home(one.row.recordedtime).date())
    return say(_("version %(version)s, %(day)s")) % {"version": version, "day": day} if version else day


def _as_base(data: dict[str, Any], id_: str) -> dict[str, Any]:
    return {"id": id_, "title": data["head"]["title"], "articles": data.get("articles") or ()}
