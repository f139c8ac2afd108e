"""What changed from one version to the next, field by field and in words: what is gone, and what replaced it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from tamani.core.event import Event
from tamani.core.terms_then import day_of
from tamani.desk.laws.words import Piece, compare_words
from tamani.desk.pages.documents import attachments_in
from tamani.desk.pages.fields import LONG, Field, FieldReader
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice
from tamani.desk.threads import Story

TITLE, SUMMARY, TEXT, TRANSLATED = _("Titre"), _("Résumé"), _("Texte"), _("Traductions")
MARKING, READERS, PIECES = _("Marquage"), _("Adressé à"), _("Pièces")
SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Version:
    """What a reader reads of a version: its data, its label and to whom it is addressed."""

    kind: str
    profile: str
    data: dict[str, Any]
    tlp: str
    audience: tuple[str, ...]

    @classmethod
    def of(cls, event: Event) -> "Version":
        """As it was said."""
        return cls(event.kind, event.profile, event.data, event.tlp, tuple(event.readers))


@dataclass(frozen=True, slots=True)
class Changed:
    """One field: the pieces of a text, or of a list its lines; each stayed, is gone or was added."""

    label: str
    pieces: tuple[Piece, ...]
    lines: bool = False


def changes(reader: FieldReader, before: Version, after: Version) -> list[Changed]:
    """The fields that differ, in the order of the page."""
    old, new = (dict(_fields(reader, version)) for version in (before, after))
    found: list[Changed] = []
    for name in dict.fromkeys([*new, *old]):
        label = (new.get(name) or old[name]).label
        was, now = _lines(old.get(name)), _lines(new.get(name))
        if was != now:
            found.append(_changed(label, was, now))
    return found


def changes_in(viewer: Viewer, story: Story, notice: Notice) -> list[Changed]:
    """What this version changed of the one that it replaced; nothing on a notice that is none, or is hidden."""
    before = version_before(story, notice)
    if before is None or story.hides(notice):
        return []
    reader = FieldReader(viewer.labels, viewer.dates, viewer.titles, day_of(notice.event))
    return changes(reader, Version.of(before.event), Version.of(notice.event))


def version_before(story: Story, notice: Notice) -> Notice | None:
    """The version that this one replaced: the last before it that had an effect and was not taken back."""
    state = story.state
    if notice.row.feed_index not in state.history or notice.row.feed_index in state.no_effect:
        return None
    earlier = state.history[: state.history.index(notice.row.feed_index)]
    by_index = {one.row.feed_index: one for one in story.notices}
    standing = [by_index[index] for index in earlier if index not in state.no_effect]
    return next((one for one in reversed(standing) if not story.hides(one)), None)


def _fields(reader: FieldReader, version: Version) -> Iterator[tuple[str, Field]]:
    say = translations(reader.labels.lang).gettext
    head = version.data.get("head", {})
    for name, label in (("title", TITLE), ("summary", SUMMARY)):
        if head.get(name):
            yield f"head.{name}", Field(name, say(label), (str(head[name]),))
    for field in reader.of_type(version.kind, version.profile, version.data):
        yield field.name, field
    if head.get("body"):
        yield "head.body", Field("body", say(TEXT), (str(head["body"]),))
    for field in reader.of_head(version.data):
        yield f"head.{field.name}", field
    if head.get("translations"):
        languages = tuple(reader.labels.language(str(one.get("lang"))) for one in head["translations"])
        yield "head.translations", Field("translations", say(TRANSLATED), languages)
    if pieces := attachments_in(version.data):
        told = tuple(f"{one['title']} ({one['sha256'][:12]}…)" for one in pieces)
        yield "head.attachments", Field("attachments", say(PIECES), told)
    yield "tlp", Field("tlp", say(MARKING), (f"TLP:{version.tlp}",))
    if version.audience:
        yield "audience", Field("audience", say(READERS), tuple(map(reader.labels.body, version.audience)))


def _lines(field: Field | None) -> tuple[str, ...]:
    """The texts of a field; a table has one a row, without its empty cells."""
    if field is None:
        return ()
    rows = tuple(SEPARATOR.join(cell for cell in row if cell != "–") for row in field.rows)
    return field.texts + rows


def _changed(label: str, old: tuple[str, ...], new: tuple[str, ...]) -> Changed:
    if len(old) == len(new) == 1 and max(len(old[0]), len(new[0])) > LONG:
        return Changed(label, compare_words(old[0], new[0]))
    return Changed(label, tuple(_compared(old, new)), lines=max(len(old), len(new)) > 1)


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Piece("same", text) for text in old[a:b])
        else:
            yield from (Piece("gone", text) for text in old[a:b])
            yield from (Piece("added", text) for text in new[c:d])
