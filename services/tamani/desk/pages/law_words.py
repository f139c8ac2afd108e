"""The words of the laws' pages: points, stages, values, countries; and the table that one takes away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tamani.core.codelists import Term, terms
from tamani.core.policy import Reader
from tamani.desk.laws.demands import demand, instrument
from tamani.desk.laws.gathering import Held
from tamani.desk.laws.matrix import Cell, Line, Matrix
from tamani.desk.laws.scores import Score
from tamani.desk.laws.sheets import Sheet, strictest
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations, typeset
from tamani.desk.pages.views import Viewer, said_in
from tamani.desk.wire import page_path

HEADINGS = (
    _("Point comparé"),
    _("Ce que demande la référence († : article à vérifier)"),
    _("Pays"),
    _("Conformité"),
    _("Texte"),
    _("Article"),
    _("Texte exact"),
    _("Lacune"),
    _("Recommandation"),
    _("Texte proposé"),
    _("Évalué le"),
    _("État"),
    _("Évalué par"),
    _("TLP"),
)
SCORE_HEADINGS = (_("Thème"), _("Pays"), _("Conforme (%)"), _("Points"))
SCORE_ENDINGS = (_("Jours à l'étape"), _("En retard"))
SHOWN = ("instrument", "article", "verbatim", "gap", "recommendation", "proposed_text", "assessed_on")


@dataclass(frozen=True, slots=True)
class LawWords:
    """What templates ask for, in the reader's language."""

    viewer: Viewer

    def term(self, name: str, code: str) -> str:
        """The label of a code; a point that is in no list reads as its slug does."""
        found = terms(name).get(code)
        lang = self.viewer.labels.lang
        if found is None:
            return code.partition("/")[2].replace("-", " ").capitalize() or code
        return found.en if lang == "en" else typeset(found.fr)

    def instrument(self, requirement: Term) -> str:
        """Where something is demanded: the instrument and its article."""
        return self._typeset(instrument(requirement, self.viewer.labels.lang))

    def demand(self, requirement: Term) -> str:
        """What is demanded and where, in one line; a dagger where no source was read for it."""
        return self._typeset(demand(requirement, self.viewer.labels.lang))

    def _typeset(self, text: str) -> str:
        return text if self.viewer.labels.lang == "en" else typeset(text)

    def icon(self, conformity: str) -> str:
        """The drawing of a value."""
        return terms("conformity")[conformity].more["icon"]

    def country(self, code: str) -> str:
        """A country's name."""
        return self.viewer.labels.country(code)

    def value(self, field: str, value: str) -> str:
        """The word for a field's value."""
        return self.viewer.labels.value(field, value)

    def body(self, source: str) -> str:
        """A body's name."""
        return self.viewer.labels.body(source)

    def title(self, held: Held) -> str:
        """A notice's title in the reader's language, where there is one."""
        return said_in(held.notice, self.viewer.labels.lang).title

    def day(self, text: str | date | None) -> str:
        """A day in words."""
        return (self.viewer.dates.written(str(text)) or str(text)) if text else ""

    def href(self, held: Held) -> str:
        """The notice's page."""
        return page_path(*held.name)

    def text_href(self, held: Held) -> str:
        """A text's own page."""
        return f"/lois/texte{held.name[0]}/{held.name[1]}"


def sheet_of(matrix: Matrix, viewer: Viewer, reader: Reader) -> Sheet:
    """The comparison of a theme as a table, a line for each point and country."""
    words, say = LawWords(viewer), translations(viewer.labels.lang).gettext
    cells = [(line, cell) for line in matrix.lines for cell in line.cells]
    label = strictest(cell.held.notice.row.tlp for _line, cell in cells if cell.held)
    stamp = _stamp(viewer, label, words.term("themes", matrix.theme), reader)
    rows = [_row(words, line, cell) for line, cell in cells]
    return Sheet(matrix.theme, stamp, [say(heading) for heading in HEADINGS], rows)


def scores_sheet(scores: Sequence[Score], label: str, viewer: Viewer, reader: Reader) -> Sheet:
    """The scoreboard as a table, a line for each theme and country; `label`: the strictest of what it counts."""
    words, say, values = LawWords(viewer), translations(viewer.labels.lang).gettext, tuple(terms("conformity"))
    counted = [words.term("conformity", value) for value in values]
    headings = [*map(say, SCORE_HEADINGS), *counted, *map(say, SCORE_ENDINGS)]
    rows = [_score_row(words, score, values) for score in scores]
    return Sheet("bilan", _stamp(viewer, label, say(_("Bilan")), reader), headings, rows)


def _score_row(words: LawWords, score: Score, values: Sequence[str]) -> list[str]:
    begin = [words.term("themes", score.theme), words.country(score.country.value), str(score.conform)]
    counts = [str(score.points.get(value, 0)) for value in values]
    return [*begin, str(score.total), *counts, "" if score.days is None else str(score.days), str(score.overdue)]


def _stamp(viewer: Viewer, label: str, about: str, reader: Reader) -> str:
    say = translations(viewer.labels.lang).gettext
    whom = viewer.labels.body(reader.body) if reader.body else say(_("public"))
    return f"TLP:{label} · {about} · {viewer.dates.short_day(viewer.now.date())} · {whom}"


def _row(words: LawWords, line: Line, cell: Cell) -> list[str]:
    # With its theme: the table can be filled in further and imported, and two themes have points of one name.
    topic, demands = words.viewer.labels.option("topic", line.topic), map(words.demand, line.requirements)
    begin = [topic, "\n".join(demands), words.country(cell.country.value)]
    begin.append(words.term("conformity", cell.conformity))
    if cell.held is None:
        return begin + [""] * (len(HEADINGS) - len(begin))
    data = cell.held.data
    status = words.value("status", str(data["status"]))
    end = [status, words.body(cell.held.name[0]), f"TLP:{cell.held.notice.row.tlp}"]
    return begin + [str(data.get(name) or "") for name in SHOWN] + end
