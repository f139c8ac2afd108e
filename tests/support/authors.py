"""Notices that nobody ever said: shaped like the real ones (six types, both lanes, 1.7 kB), made from a seed.

A third of the threads is for one or two bodies, a ninth public, the rest for every body: so no two feeds are alike.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.event import Event, format_time
from tamani.core.names import lane_of, partition_key
from tests.support.notices import SOURCES, key_of, seal

TEXT = """
    séance commune des commissions examen du dossier harmonisation témoins frontière marché calme signalé
    réunion préparatoire prochaine étape région suivi avis public rapport mensuel constat vérifié méthode
    entretien concertation échange pratique formation calendrier convocation point ordre jour réponse attendue
"""
WORDS = TEXT.split()
# By thread, since what was said to some is not said to others later; nine of them, so that each body has each label.
LABELS = ("GREEN", "AMBER", "GREEN", "CLEAR", "AMBER", "GREEN", "AMBER", "GREEN", "GREEN")
EXPIRES = "2031-01-01T00:00:00Z"
# Text enough for a signed record of 1.7 kB in the median.
MEDIAN_TEXT = 470


@dataclass(frozen=True, slots=True)
class Notice:
    """What a client posts, and for whom."""

    source: str
    body: dict[str, Any]

    @property
    def id(self) -> str:
        """The id that the client chose."""
        return str(self.body["id"])

    @property
    def subject(self) -> str:
        """The thread."""
        return str(self.body["subject"])


class Author:
    """Makes notices of given bodies over given threads; the same seed makes the same notices in the same order."""

    def __init__(self, seed: str, sources: tuple[str, ...] = SOURCES, threads: int = 50, urgent: float = 0.2) -> None:
        self._random = random.Random(seed)
        self._tag = f"{self._random.getrandbits(32):08x}"
        self._sources = sources
        self._threads = threads
        self._urgent = urgent
        self._made = 0

    def notices(self, count: int) -> list[Notice]:
        """The next notices."""
        return [self.notice() for _ in range(count)]

    def notice(self, text: int | None = None, **body: Any) -> Notice:
        """The next notice; `body` replaces members of what is posted, `text` the length of its text.

        Under a label of the caller's it has the caller's audience, or none.
        """
        self._made += 1
        thread = self._random.randrange(self._threads)
        # A thread belongs to one body and is of one type, as in life.
        source = self._sources[thread % len(self._sources)]
        kind = "monitor.alert" if thread < self._threads * self._urgent else ORDINARY[thread % len(ORDINARY)]
        size = text if text is not None else int(self._random.lognormvariate(0, 0.5) * MEDIAN_TEXT)
        family, tlp = catalogue()[kind].family, LABELS[thread % len(LABELS)]
        made: dict[str, Any] = {
            "id": self.fresh_id(),
            "type": kind,
            "profile": PROFILE[kind],
            "subject": f"{family}/{self._tag}-{thread}",
            "tlp": tlp,
            "audience": [] if "tlp" in body else self._audience(source, thread, tlp),
            "lang": "en" if self._made % 5 == 0 else "fr",
            "data": self._data(kind, source, min(max(size, 40), 18_000)),
        }
        if self._made % 4 == 0:
            made["expirytime"] = EXPIRES
        return Notice(source, made | body)

    def fresh_id(self) -> str:
        """A UUIDv7 of this seed: counted, so that ids sort as they were made."""
        clock = 1_790_000_000_000 + self._made
        low = self._random.getrandbits(74)
        number = (clock << 80) | (7 << 76) | ((low >> 62) << 64) | (2 << 62) | (low & (2**62 - 1))
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _audience(self, source: str, thread: int, tlp: str) -> list[str]:
        """One or two other bodies, the same for all of the thread."""
        if tlp != "AMBER":
            return []
        others = [body for body in SOURCES if body != source]
        return random.Random(f"{self._tag} {thread}").sample(others, 1 + thread % 2)

    def _data(self, kind: str, source: str, size: int) -> dict[str, Any]:
        head = {"title": f"Essai {self._made}", "body": self._text(size), "areas": ["ml-bamako"], "themes": ["temoins"]}
        return {"head": head} | DATA[kind](source)

    def _text(self, size: int) -> str:
        words: list[str] = []
        length = 0
        while length < size:
            words.append(self._random.choice(WORDS))
            length += len(words[-1]) + 1
        return " ".join(words)


def _alert(source: str) -> dict[str, Any]:
    urgent = {"urgency": "Expected", "severity": "Moderate", "certainty": "Possible"}
    return {"msg_type": "Update", "status": "Test", **urgent, "source_reliability": "B", "credibility": 2}


def _meeting(source: str) -> dict[str, Any]:
    when = {"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T12:00:00Z", "tz": "Africa/Bamako"}
    return {"status": "confirmed", "body": source, **when, "points": [{"rank": 1, "kind": "divers", "title": "Divers"}]}


def _report(source: str) -> dict[str, Any]:
    found = [{"theme": "temoins", "text": "Rien de neuf", "confidence": "B2"}]
    return {
        "status": "submitted",
        "observatory": source,
        "period": "2026-11",
        "method": "entretiens",
        "sources_n": 3,
        "findings": found,
    }


def _progress(source: str) -> dict[str, Any]:
    return {"recommendation": "OSC-2024-01", "period": "2026-T4", "status": "en-cours", "percent": 40}


def _law(source: str) -> dict[str, Any]:
    return {"theme": "temoins", "problem": "Aucun texte", "steps": [{"country": "ml", "stage": "etude"}]}


DATA = {
    "monitor.alert": _alert,
    "agenda.meeting": _meeting,
    "monitor.report": _report,
    "roadmap.progress": _progress,
    "law.item": _law,
}
ORDINARY = ("agenda.meeting", "monitor.report", "roadmap.progress", "law.item")
PROFILE = {
    "monitor.alert": "alerte",
    "agenda.meeting": "ordinaire",
    "monitor.report": "mensuel",
    "roadmap.progress": "officiel",
    "law.item": "dossier",
}


@dataclass(frozen=True, slots=True)
class Signed:
    """A notice as a node would produce it."""

    event: Event
    value: bytes

    @property
    def key(self) -> bytes:
        """Its Kafka key."""
        return partition_key(self.event.source, self.event.subject)


class Signer:
    """Seals notices as a node does, numbering them per body and lane."""

    def __init__(self) -> None:
        self._keys = {source: key_of(source) for source in SOURCES}
        self._last: dict[tuple[str, str], int] = {}

    def sign(self, notice: Notice) -> Signed:
        """The next of its body and lane."""
        lane = lane_of(notice.subject)
        number = self._last[notice.source, lane] = self._last.get((notice.source, lane), 0) + 1
        event = as_event(notice, number)
        return Signed(event, seal(event, self._keys[notice.source]))


def as_event(notice: Notice, sequence: int) -> Event:
    """The event of what a client posts."""
    kind, body = catalogue()[notice.body["type"]], notice.body
    return Event(
        id=body["id"],
        source=notice.source,
        type=kind.type,
        profile=body["profile"],
        subject=body["subject"],
        time=format_time(datetime.now(UTC)),
        dataschema=kind.dataschema,
        tlp=body["tlp"],
        lang=body["lang"],
        sequence=str(sequence),
        data=body["data"],
        audience=" ".join(sorted(body["audience"])) or None,
        expirytime=body.get("expirytime"),
    )
