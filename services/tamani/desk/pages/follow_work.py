"""A deed on a notice while an officer is at it: the thread as it stands, the form, and the notice that will be said."""

from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from tamani.core.catalogue import catalogue, find_type
from tamani.core.deeds import ENDORSEMENT, OWN, STEP, TRANSLATION, VERSION, Deed, profile_with, words_of
from tamani.core.errors import RefusedError
from tamani.core.event import format_time, parse_time
from tamani.core.faults import Fault, InvalidError, faults_of
from tamani.desk.findings import contents_of
from tamani.desk.forms.following import foreign_choice, is_whole, lacking, layout_for, said_by
from tamani.desk.forms.layout import Layout
from tamani.desk.forms.merging import Given
from tamani.desk.forms.prefill import given_of
from tamani.desk.forms.reading import Hand, data_of
from tamani.desk.rows import Notice
from tamani.desk.threads import Story

# A title is made of the deed's word and the notice's title, within what a title may hold.
LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Work:
    """`notice` is what the deed is about: one's own words, or the version in force. `body` acts, by `hand`'s clock."""

    deed: Deed
    notice: Notice
    story: Story
    layout: Layout
    body: str
    hand: Hand

    @classmethod
    def on(cls, name: str, found: Notice, story: Story, hand: Hand) -> "Work":
        """The deed of this name on a notice or, but for one's own words, on the version that has replaced it.

        Raises:
            RefusedError: `refused.request.unknown`.
        """
        notice = found if name in OWN else _current(found, story)
        deed = deed_named(name, notice)
        clock = replace(hand, tz=_clock(notice, hand.tz))
        contents = contents_of(story, notice) if story.state.contested else ()
        return cls(deed, notice, story, layout_for(deed, notice.event, contents), hand.body, clock)

    @property
    def version(self) -> bool:
        """Whether it makes a version of the notice."""
        return self.deed.what in (VERSION, STEP)

    @property
    def whole(self) -> bool:
        """Whether the form shows all of the notice, and so may change who reads it; of a sealed thread it never may."""
        return not self.notice.sealed and self.deed.what == VERSION and is_whole(self.deed, self.notice.event)

    @property
    def filled(self) -> dict[str, list[str]]:
        """The form as it is first shown."""
        return self.filled_from(self.notice) if self.deed.what == VERSION else {}

    def filled_as_proposed(self, answer: str) -> dict[str, list[str]]:
        """The form with the date that somebody has proposed in this answer; the meeting lasts as long as before."""
        proposed = next((one.event.data.get("proposed") for one in self.story.notices if one.row.id == answer), None)
        if proposed is None or "start" not in self.notice.event.data:
            return self.filled
        data, start = self.notice.event.data, parse_time(proposed)
        end = start + (parse_time(data["end"]) - parse_time(data["start"]))
        return self._filled(data | {"start": format_time(start), "end": format_time(end)})

    def filled_from(self, notice: Notice) -> dict[str, list[str]]:
        """The form as it would show this version."""
        return self._filled(notice.event.data)

    def _filled(self, data: dict[str, Any]) -> dict[str, list[str]]:
        given = given_of(self.layout, data, self.hand.tz)
        return {name: texts for name, texts in given.items() if name != "d.head.reason"}

    def readers(self, asked: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """To whom it is addressed: as was asked, else as the notice, and to whoever said that."""
        if asked is not None:
            return asked
        row = self.notice.row
        return row.audience if self.version else tuple(sorted({row.source, *row.audience} - {self.body}))

    def data(self, given: Given, title: str) -> dict[str, Any]:
        """The data of the notice that will be said; `title` is for what has none of its own.

        Raises:
            InvalidError: `refused.data`, with each fault beside its input.
        """
        said = data_of(self.layout, given, self.hand)
        named = str(said.get("title") or title)[:LONGEST_TITLE].strip()
        made = said_by(self.deed, self.notice.event, self.layout, said, {"title": named})
        if not self.version:
            made |= {"target": self._target()}
        self._check(said, made)
        return made

    def draft(
        self, made: dict[str, Any], *, id_: str, lang: str, tlp: str, audience: tuple[str, ...]
    ) -> dict[str, Any]:
        """The body of `POST /v1/messages`."""
        event = self.notice.event
        draft: dict[str, Any] = {"type": self.deed.kind, "profile": self.deed.profile, "id": id_, "tlp": tlp}
        draft |= {"audience": list(audience), "lang": lang, "subject": event.subject, "data": made}
        if self.version:
            # Which sealed version is in force, the node cannot see.
            draft |= {"expirytime": event.expirytime} | ({} if self.notice.sealed else {"follows": event.id})
        return draft

    def _target(self) -> dict[str, str]:
        source, owner = self.notice.row.source, self.notice.thread[0]
        target = {"source": source, "id": self.notice.row.id}
        return target if owner == source else target | {"thread": owner}

    def _check(self, said: dict[str, Any], made: dict[str, Any]) -> None:
        faults = lacking(self.layout, said) + foreign_choice(self.layout, said)
        model = catalogue()[self.deed.kind].model_of(self.deed.profile)
        try:
            model.model_validate(made)
        except ValidationError as error:
            known = {fault.at for fault in faults}
            faults += [fault for fault in map(self._placed, faults_of(error, model)) if fault.at not in known]
        if faults:
            raise InvalidError("refused.data", faults)

    def _placed(self, fault: Fault) -> Fault:
        """A fault in the row of a step stands beside the input of its form."""
        return replace(fault, at=fault.at.rpartition(".")[2]) if self.deed.what == STEP else fault


def deed_named(name: str, notice: Notice) -> Deed:
    """What an address means for this notice, whether it may be done or not.

    Raises:
        RefusedError: `refused.request.unknown`.
    """
    what, _, word = name.partition(":")
    event, kind = notice.event, find_type(notice.event.kind, notice.event.major)
    if isinstance(kind, tuple) or kind.opaque:
        raise RefusedError("refused.request.unknown", name[:80])
    if what == VERSION and (not word or word in kind.lifecycle_of(event.profile).states):
        return Deed(what, event.kind, event.profile, word)
    rows = event.data.get(kind.steps, ()) if kind.steps else ()
    if what == STEP and any(row["country"] == word for row in rows):
        return Deed(what, event.kind, event.profile, word)
    other = catalogue().get(what)
    if other is not None and other.joins:
        if not word and what in (*OWN, TRANSLATION, ENDORSEMENT):
            return Deed(what, what, next(iter(other.profiles)))
        if other.says and any(word in words_of(other, profile) for profile in other.profiles):
            return Deed(what, what, profile_with(what, word, event.profile), word)
    raise RefusedError("refused.request.unknown", name[:80])


def _current(found: Notice, story: Story) -> Notice:
    return next((one for one in story.notices if story.is_current(one)), found)


def _clock(notice: Notice, otherwise: str) -> str:
    """The clock by which the notice means its hours; else the officer's own."""
    tz = notice.event.data.get("tz")
    try:
        return ZoneInfo(tz).key if isinstance(tz, str) else otherwise
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise
