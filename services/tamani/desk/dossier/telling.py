"""The dossier in words, piece by piece: for the screen and paper, or as a file that is read without any network."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.terms_then import day_of
from tamani.desk.agenda import clocks
from tamani.desk.demands.standing import Party, parties
from tamani.desk.dossier.parts import Binder, Dossier, Point
from tamani.desk.laws.matrix import STATES
from tamani.desk.laws.opinions import same_article
from tamani.desk.laws.sheets import Sheet
from tamani.desk.pages.documents import Document
from tamani.desk.pages.due import WORDS
from tamani.desk.pages.fields import FieldReader
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.law_words import LawWords
from tamani.desk.pages.naming import with_titles
from tamani.desk.pages.rendering import render
from tamani.desk.pages.text import to_html
from tamani.desk.pages.views import Viewer, said_in
from tamani.desk.rows import Row
from tamani.desk.wire import page_path

HEADINGS = (_("N°"), _("Nature"), _("Intitulé"), _("Dossier"), _("Rapporteur"), _("Durée (min)"), _("Avis examiné"))
NOT_YET = _("N'a pas répondu")


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes one dossier. `base` is the site's address, put before links in a file that leaves it; `demo` stamps it.
    `documents` are the pieces of the sitting and of the texts that it examines, by notice (source, id).

    A file that leaves shows the venue of a public sitting only; any other is read on the site.
    """

    dossier: Dossier
    binder: Binder
    viewer: Viewer
    style: str
    base: str = ""
    demo: bool = False
    leaves: bool = False
    documents: Mapping[tuple[str, str], Sequence[Document]] = field(default_factory=dict)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The page, in parts of a point each."""
        words, shown = LawWords(self.viewer), {"teller": self, "dossier": self.dossier}
        yield self._render("dossier_head.html", **shown, **self._head())
        for point in self.dossier.points:
            yield self._render("dossier_point.html", **shown, words=words, **await self._point(point))
        for theme in self.dossier.themes:
            matrix = await self.binder.matrix(self.dossier.reader, theme)
            yield self._render("dossier_matrix.html", **shown, words=words, matrix=matrix, states=STATES)
        yield self._render("dossier_tail.html", **shown, sources=self._sources())

    @property
    def stamp(self) -> str:
        """What an export bears: the strictest label, and of when and for whom it is."""
        return f"TLP:{self.dossier.tlp} · {self.made}"

    @property
    def made(self) -> str:
        """Up to when the parts go, and for whom they were gathered."""
        say, reader = translations(self.viewer.labels.lang).gettext, self.dossier.reader
        whom = self.viewer.labels.body(reader.body) if reader.body else say(_("public"))
        return say(_("État au %(when)s")) % {"when": self.viewer.dates.both(self.dossier.when)} + f" · {whom}"

    def link(self, row: Row) -> str:
        """Where a notice is read."""
        return self.base + page_path(row.source, row.id)

    def points_sheet(self) -> Sheet:
        """The order of the day as a table."""
        say, labels = translations(self.viewer.labels.lang).gettext, self.viewer.labels
        rows = [
            [
                str(said["rank"]),
                labels.value("kind", str(said["kind"])),
                str(said["title"]),
                labels.value("law_ref", str(said["law_ref"])) if said.get("law_ref") else "",
                str(said.get("rapporteur_role") or ""),
                str(said.get("duration_min") or ""),
                self.link(point.about) if point.about else "",
            ]
            for point in self.dossier.points
            for said in (point.said,)
        ]
        return Sheet("points", self.stamp, [say(heading) for heading in HEADINGS], rows)

    def _head(self) -> dict[str, Any]:
        meeting, labels = self.dossier.meeting, self.viewer.labels
        row, data = meeting.notice.row, meeting.data
        shows_venue = row.tlp == "CLEAR" or not self.leaves
        said = said_in(meeting.notice, labels.lang)
        return {
            "title": said.title,
            "summary": said.summary,
            "profile": labels.profile(row.type, row.profile),
            "state": labels.value("status", meeting.state),
            "off": meeting.off,
            "hours": clocks.dated(self.viewer.dates, meeting.hours),
            "before": [clocks.dated(self.viewer.dates, one) for one in meeting.before],
            "venue": [str(data[name]) for name in ("place", "link") if data.get(name)] if shows_venue else [],
            "hidden_venue": not shows_venue and bool(data.get("place") or data.get("link")),
            "convening": labels.body(str(data["body"])),
            "data": data,
            "labels": labels,
            "attending": [self._attends(party) for party in parties(self.dossier.story, meeting.notice)],
            "documents": self.documents.get((row.source, row.id), ()),
        }

    def _attends(self, party: Party) -> tuple[str, str]:
        word = WORDS[party.word][0] if party.word in WORDS else NOT_YET
        return self.viewer.labels.body(party.body), translations(self.viewer.labels.lang).gettext(word)

    async def _point(self, point: Point) -> dict[str, Any]:
        held = await self.binder.about(self.dossier.reader, point.said) if point.about else None
        if held is None:
            return {"point": point, "held": None}
        notice, labels = held.notice, self.viewer.labels
        viewer = await with_titles(self.binder.queries, self.dossier.reader, self.viewer, notice.event.data)
        read = FieldReader(labels, viewer.dates, viewer.titles, day_of(notice.event))
        body = notice.event.head.get("body")
        fields = read.of_type(notice.row.type, notice.row.profile, notice.event.data)
        return {
            "point": point,
            "held": held,
            "kind": labels.type(notice.row.type),
            "said": said_in(notice, labels.lang),
            "fields": [field for field in fields if field.name != "articles"],
            "text": to_html(body) if body else None,
            "articles": notice.event.data.get("articles") or () if notice.row.type in catalogue() else (),
            "documents": self.documents.get((notice.row.source, notice.row.id), ()),
            "opinions": await self.binder.opinions(self.dossier.reader, held),
            "same_article": same_article,
        }

    def _sources(self) -> list[tuple[Row, str, str]]:
        labels = self.viewer.labels
        return [(row, labels.type(row.type), labels.body(row.source)) for row in self.dossier.rows]

    def _render(self, template: str, **context: Any) -> bytes:
        return render(self.viewer.labels.lang, template, **context)
