"""A notice's page: its fields in words, what became of it, who reads it, its thread, and what proves it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.policy import NAMED, Reader
from tamani.core.references import Ref
from tamani.core.terms_then import day_of
from tamani.desk.access import head_for
from tamani.desk.cursors import Cursor
from tamani.desk.pages.corrected import CorrectionView, corrections_of, settled_of
from tamani.desk.pages.documents import Document, attachments_in, document
from tamani.desk.pages.fields import Field, FieldReader
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.registry_words import is_older, suspicion
from tamani.desk.pages.states import NO_EFFECT, REASONS, STANDING, SUSPECTED, WITHDRAWN, Badge, badges
from tamani.desk.pages.text import to_html
from tamani.desk.pages.timeline import Step, make_steps
from tamani.desk.pages.views import Card, Viewer, said_in
from tamani.desk.position import Position
from tamani.desk.references import Links
from tamani.desk.rows import Notice, Row
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

TLP_WORDS = {
    "CLEAR": _("Public : peut être diffusé sans restriction."),
    "GREEN": _("Réservé aux organismes inscrits sur ce bus : ne pas publier."),
    "AMBER": _("Réservé à l'organisme émetteur et aux organismes nommés ci-dessous : ne pas transmettre."),
    "AMBER+STRICT": _("Réservé aux organismes nommés ci-dessous, à eux seuls : ne pas transmettre, ni copier."),
    "RED": _("Pour vous seul, au nom d'un organisme nommé ci-dessous : ne pas transmettre, ni copier, ni imprimer."),
}
NAMED_WORDS = _("L'organisme émetteur et, nommément :")
READERS_WORDS = {
    "CLEAR": _("Tout le monde, avec ou sans compte."),
    "GREEN": _("Tous les organismes inscrits au registre des trois pays et de la région. Pas le public."),
    **dict.fromkeys(NAMED, NAMED_WORDS),
}


# CAP's three questions stand together above the rest; the hours of a meeting stand there in words.
TRIO = ("urgency", "severity", "certainty")
SAID_ABOVE = frozenset({"start", "end", "tz", "msg_type"})


@dataclass(frozen=True, slots=True)
class Said:
    """A badge's sentence, with the reason where there is one."""

    word: str
    tone: str
    why: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to another notice."""

    word: str
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Translated:
    """The notice's words in another language."""

    lang: str
    language: str
    status: str
    title: str
    summary: str
    text: Markup | None


@dataclass(frozen=True, slots=True)
class DetailView:
    """What `notice.html` shows."""

    row: Row
    card: Card
    hidden: bool
    badges: list[Said]
    current: Reference | None
    tlp_words: str
    role: str
    end: str
    calendar: str
    text: Markup | None
    advice: tuple[str, str] | None
    trio: list[tuple[str, str]]
    fields: list[Field]
    context: list[Field]
    refs: list[Reference]
    named_by: list[Reference]
    attachments: list[Document]
    translations: list[Translated]
    readers_words: str
    readers: list[str]
    steps: list[Step]
    signed_words: str
    proof: str
    recorded: str
    said: str
    expires: str
    digest: str
    record: str
    cursor: str
    stream: str
    reason: str = ""
    corrections: Sequence[CorrectionView] = ()
    # Which of two contents stands, and the tone of saying so.
    settled: tuple[str, str] = ("", "")
    # Closed: an address that opens it. Opened: nothing to download, and a word if its body may not say this.
    open_at: str = ""
    opened: bool = False
    beyond_rights: bool = False


NO_LINKS = Links()


def make_detail(
    viewer: Viewer, notice: Notice, story: Story, reader: Reader, place: Position, *, links: Links = NO_LINKS
) -> DetailView:
    """Everything the page shows, in words."""
    row, event, labels = notice.row, notice.event, viewer.labels
    read = FieldReader(labels, viewer.dates, viewer.titles, day_of(event))
    end = event.data.get("end")
    sealed = row.type == SEALED.name
    data = {} if sealed else event.data
    fields = {field.name: _titled(field, story) for field in read.of_type(row.type, row.profile, data)}
    advice = fields.pop("advice", None)
    trio = [fields.pop(name) for name in TRIO if name in fields] if row.severity else []
    return DetailView(
        row=row,
        card=viewer.card(notice, story),
        hidden=story.hides(notice),
        badges=[_said(badge, notice, story, viewer) for badge in _badges(notice, story, viewer)],
        current=_current(notice, story),
        tlp_words=TLP_WORDS.get(row.tlp, ""),
        role=str(event.head.get("issuer_role") or ""),
        end=viewer.dates.written(end) or "" if isinstance(end, str) else "",
        calendar=_calendar(row),
        text=to_html(event.head["body"]) if event.head.get("body") else None,
        advice=(advice.label, advice.texts[0]) if advice else None,
        trio=[(field.label, field.texts[0]) for field in trio],
        fields=[field for field in fields.values() if field.name not in SAID_ABOVE],
        context=[field for field in read.of_head(event.data) if field.name != "issuer_role"],
        refs=[_leads_to(viewer, ref, found) for ref, found in links.names],
        named_by=[_comes_from(viewer, rel, found) for rel, found in links.named_by],
        attachments=[document(one, labels.lang) for one in attachments_in(event.data)],
        translations=[_translated(viewer, one) for one in event.head.get("translations", ())],
        readers_words=READERS_WORDS.get(row.tlp, ""),
        readers=[labels.body(source) for source in row.audience if row.tlp in NAMED],
        steps=make_steps(viewer, notice, story),
        signed_words=_signed(viewer, notice),
        proof=page_path(row.source, row.id) + "/preuve",
        recorded=viewer.dates.both(row.recordedtime),
        said=viewer.dates.both(row.time),
        expires=viewer.dates.both(row.expirytime) if row.expirytime else "",
        digest=notice.digest,
        record=f"/v1/records/{row.number(reader)}",
        cursor=str(Cursor(head_for(reader, place), place.edition)),
        stream=urlencode({"thread": row.thread}) + "&",
        reason=str(event.head.get("reason") or ""),
        corrections=corrections_of(viewer, story, notice),
        settled=settled_of(story, notice),
        open_at=page_path(row.source, row.id) + "/ouvert" if sealed else "",
    )


def _calendar(row: Row) -> str:
    """Where the meeting's calendar file is; above TLP:GREEN there is none."""
    leaves = row.type == "agenda.meeting" and row.tlp in {"CLEAR", "GREEN"}
    return page_path(row.source, row.id) + ".ics" if leaves else ""


def _titled(field: Field, story: Story) -> Field:
    """A field that names a notice of this thread says its title."""
    titles = {page_path(one.row.source, one.row.id): one.row.title for one in story.notices if not story.hides(one)}
    return replace(field, texts=(titles[field.href],)) if field.href in titles else field


def _badges(notice: Notice, story: Story, viewer: Viewer) -> list[Badge]:
    """Those of the list; and of a key that was compromised later, that its notice stands all the same."""
    found = badges(story, notice, viewer.now)
    return [*found, STANDING] if SUSPECTED not in found and is_older(viewer, notice) else found


def _said(badge: Badge, notice: Notice, story: Story, viewer: Viewer) -> Said:
    reason = ""
    if badge is NO_EFFECT:
        reason = REASONS.get(story.state.no_effect[notice.row.feed_index], "")
    if badge is WITHDRAWN:
        given = [n.event.data.get("reason") for n in story.notices if _withdraws(n, notice)]
        reason = viewer.labels.value("reason", str(given[-1])) if given else ""
    if badge in {SUSPECTED, STANDING}:
        reason = suspicion(viewer, notice.envelope.keyid)
    return Said(badge.word, badge.tone, badge.why, reason)


def _withdraws(one: Notice, target: Notice) -> bool:
    return one.row.type == "withdrawal" and one.event.data.get("target", {}).get("id") == target.row.id


def _current(notice: Notice, story: Story) -> Reference | None:
    """The version in force, where it is another one."""
    current = story.state.current
    if current is None or notice.row.feed_index not in story.state.history or story.is_current(notice):
        return None
    if story.state.state == "withdrawn":
        return None
    event = current.event
    return Reference("", str(event.head.get("title") or ""), page_path(event.source, event.id))


def _leads_to(viewer: Viewer, ref: Ref, found: Notice | None) -> Reference:
    """A notice that this one names: its title, or at least whose it is."""
    word = viewer.labels.value("rel", ref.rel)
    if found is not None:
        return Reference(word, said_in(found, viewer.labels.lang).title, page_path(ref.source, ref.id))
    say = translations(viewer.labels.lang).gettext
    title = say(_("un avis de %(body)s")) % {"body": viewer.labels.body(ref.source)}
    return Reference(word, title, page_path(ref.source, ref.id))


def _comes_from(viewer: Viewer, rel: str, found: Notice) -> Reference:
    """A notice that names this one."""
    row, labels = found.row, viewer.labels
    title = f"{said_in(found, labels.lang).title} – {labels.body(row.source)}"
    return Reference(labels.value("cited", rel), title, page_path(row.source, row.id))


def _translated(viewer: Viewer, one: dict[str, Any]) -> Translated:
    lang, body = str(one.get("lang")), one.get("body")
    return Translated(
        lang=lang,
        language=viewer.labels.language(lang),
        status=viewer.labels.value("status", str(one.get("status"))),
        title=str(one.get("title")),
        summary=str(one.get("summary") or ""),
        text=to_html(body) if isinstance(body, str) else None,
    )


def _signed(viewer: Viewer, notice: Notice) -> str:
    say = translations(viewer.labels.lang).gettext
    words = say(_("Signé par %(body)s. Ce site a vérifié la signature lui-même, sur les octets archivés."))
    return words % {"body": viewer.labels.body(notice.row.source)}
