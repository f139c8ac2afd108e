"""The notices of the demo: YAML files by theme, read into templates, resolved with the plan into what a client posts.

A file is a list of notices in the order in which they are said. Inside `data`, `"@+2w tue 09:00 Africa/Niamey"` stands
for an instant, `"@day +3d"`, `"@period -1q"` for a day and a period, `"@ref key"` for source and id of another notice,
`"@paper name"` for a file of the demo (`papers.py`),
`"{+2w tue}"` within a sentence for the date in words (English in what is marked `lang: en`).

A row with `each` is said once for each of its lines, in which `<name>` stands for the line's value. The thread of what
travels sealed is `sealed/<key>`: the key of its first notice stands for that notice's id.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from tamani.core.catalogue import catalogue
from tamani.embedded.demo.bodies import body_of, named
from tamani.embedded.demo.dates import WHEN, When
from tamani.embedded.demo.papers import papers
from tamani.embedded.demo.plan import Plan

# The order of telling: later files answer earlier ones, and what is told last stands first on the pages.
FILES: Final = (
    "memory",
    "law",
    "roadmap",
    "texts",
    "history_meetings",
    "history_laws",
    "history_exchanges",
    "history_field",
    "references",
    "agenda",
    "reports",
    "exchanges",
    "alerts",
    "answers",
)
_IN_WORDS = re.compile(r"\{(" + re.sub(r"\?P<\w+>", "?:", WHEN.pattern) + r")\}")
# French typography: no line may begin with one of these, so the space before them does not break.
_FRENCH = (
    (" :", "\u00a0:"),
    ("« ", "«\u00a0"),
    (" »", "\u00a0»"),
    (" %", "\u00a0%"),
    (" ;", "\u202f;"),
    (" ?", "\u202f?"),
)
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w|«)")
_BLANK = re.compile(r"<([a-z]+)>")
SEALED_THREAD: Final = "sealed/"
_NAMES = frozenset(
    {"key", "body", "type", "profile", "thread", "tlp", "audience", "lang", "expires", "by", "again", "data"}
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as its file says it. `by` is the door: the node seals it (`node`), or its body did (`own-key`)."""

    key: str
    body: str
    type: str
    profile: str
    thread: str
    data: Mapping[str, Any]
    tlp: str
    audience: tuple[str, ...] = ()
    lang: str = "fr"
    expires: str | None = None
    by: str = "node"
    again: bool = False  # the client lost the answer and posts a second time
    refers: tuple[str, ...] = field(default=())
    papers: tuple[str, ...] = field(default=())

    @property
    def subject(self) -> str:
        """The thread; what speaks of another notice bears the whole subject of that one."""
        kind = catalogue()[self.type]
        whole = kind.joins or self.thread.startswith(SEALED_THREAD)
        return self.thread if whole else f"{kind.family}/{self.thread}"

    def subject_in(self, ids: Callable[[str], str]) -> str:
        """The same on the bus, where a sealed thread bears the id of its first notice."""
        subject = self.subject
        if not subject.startswith(SEALED_THREAD):
            return subject
        return SEALED_THREAD + ids(subject.removeprefix(SEALED_THREAD))


@cache
def notices() -> tuple[Notice, ...]:
    """All, in the order of telling."""
    found = [_notice(row) for name in FILES for row in _rows(name)]
    subjects = {notice.key: notice.subject for notice in found}
    return tuple(_in_thread(notice, subjects) for notice in found)


def _rows(name: str) -> list[dict[str, Any]]:
    text = files("tamani.embedded.demo").joinpath("notices", f"{name}.yaml").read_text("utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)
    return [one for row in rows for one in _each(row)]


def _each(row: dict[str, Any]) -> list[dict[str, Any]]:
    lines = row.get("each", [{}])
    plain = {name: value for name, value in row.items() if name != "each"}
    return [_filled(plain, line) for line in lines]


def _filled(item: Any, line: Mapping[str, Any]) -> Any:
    """The item with the line's values; one that stands alone keeps its type."""
    match item:
        case str() if (alone := _BLANK.fullmatch(item)) is not None:
            return line[alone[1]]
        case str():
            return _BLANK.sub(lambda blank: str(line[blank[1]]), item)
        case dict():
            return {name: _filled(part, line) for name, part in item.items()}
        case list():
            return [_filled(part, line) for part in item]
    return item


def _notice(row: dict[str, Any]) -> Notice:
    if unknown := row.keys() - _NAMES:
        raise ValueError(f"{row.get('key')}: {sorted(unknown)}")
    body_of(row["body"])
    audience = named(tuple(row.get("audience", ())))
    fields = row | {"thread": row.get("thread", ""), "audience": audience}
    fields |= {"refers": _named("@ref ", row["data"]), "papers": _named("@paper ", row["data"])}
    return Notice(**fields)


def _in_thread(notice: Notice, subjects: Mapping[str, str]) -> Notice:
    """An acknowledgement, correction or withdrawal bears the subject of its target."""
    if notice.thread:
        return notice
    target = subjects[str(notice.data["target"]).removeprefix("@ref ")]
    return Notice(**{name: getattr(notice, name) for name in Notice.__slots__} | {"thread": target})


def _named(word: str, data: Any) -> tuple[str, ...]:
    """The keys of the notices (`@ref`), or the names of the files (`@paper`), that a notice names."""
    match data:
        case str() if data.startswith(word):
            return (data.removeprefix(word),)
        case dict():
            return tuple(key for item in data.values() for key in _named(word, item))
        case list():
            return tuple(key for item in data for key in _named(word, item))
    return ()


def request_of(notice: Notice, plan: Plan) -> dict[str, Any]:
    """The body of `POST /v1/messages`: the same at every start."""
    sources = {other.key: other.body for other in notices()}
    resolve = _Resolver(plan, sources)
    body: dict[str, Any] = {
        "id": plan.id_of(notice.key),
        "type": notice.type,
        "profile": notice.profile,
        "subject": notice.subject_in(plan.id_of),
        "tlp": notice.tlp,
        "audience": list(notice.audience),
        "lang": notice.lang,
    }
    if notice.expires:
        body["expirytime"] = When(notice.expires).instant(plan.started)
    return body | {"data": resolve.value(dict(notice.data), "fr")}


def files_of(notice: Notice, plan: Plan) -> list[tuple[str, bytes]]:
    """The files that a notice names: what each is called on its author's machine, and its bytes."""
    say = _Resolver(plan, {}).words
    found = [papers()[name] for name in notice.papers]
    return [(f"{paper.name}.{paper.form}", paper.made(say)) for paper in found]


class _Resolver:
    """Replaces what is relative by what is meant."""

    def __init__(self, plan: Plan, sources: Mapping[str, str]) -> None:
        self._plan = plan
        self._sources = sources

    def value(self, item: Any, lang: str) -> Any:
        match item:
            case str():
                return self._text(item, lang)
            case dict():
                # A translation says its dates in its own language.
                inner = "en" if item.get("lang") == "en" else lang
                return self._references({name: self.value(part, inner) for name, part in item.items()})
            case list():
                return [self.value(part, lang) for part in item]
        return item

    def _references(self, item: dict[str, Any]) -> dict[str, Any]:
        """`{rel, notice}` becomes `{rel, source, id}`."""
        notice = item.pop("notice", None)
        return item | notice if notice else item

    def words(self, text: str, lang: str = "fr") -> str:
        """A sentence with its dates in words; French is typeset."""
        said = _IN_WORDS.sub(lambda match: When(match[1]).words(self._plan.started, lang), text)
        return said if lang == "en" else typeset(said)

    def _text(self, text: str, lang: str) -> Any:
        start = self._plan.started
        if not text.startswith("@"):
            return self.words(text, lang)
        word, _, rest = text[1:].partition(" ")
        match word:
            case "ref":
                return {"source": self._sources[rest], "id": self._plan.id_of(rest)}
            case "paper":
                return papers()[rest].named(self.words)
            case "day":
                return When(rest).day(start)
            case "period":
                return When(rest).period(start)
        return When(text[1:]).instant(start)


def typeset(text: str) -> str:
    """French text with the apostrophes and the spaces of a printed page."""
    for plain, bound in _FRENCH:
        text = text.replace(plain, bound)
    return _APOSTROPHE.sub("\u2019", text)
