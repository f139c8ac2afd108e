"""What the archive finds out about others, as notices of its own. Pure: from the facts, always the same bytes.

Whoever tells a fact again after a crash tells it in the same words under the same id, so it is archived once: the id is
made from everything that the notice says. The archive numbers nothing: its `sequence` only rises with time, so that a
thread stands in order, and a hole in it means nothing.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.catalogue.base import Label
from tamani.core.event import Event, format_time
from tamani.core.policy import NAMED
from tamani.core.thread import thread_of

CONTEST = "system.contest"
ABSENCE = "system.absence"
# Digits of the sequence below the seconds: two findings of one second differ.
_BELOW = 10**5
CONTESTED = Label("Deux contenus sous un même identifiant", "Two contents under one identifier")
CONTESTED_WHY = Label(
    "L'organisme a signé deux contenus différents sous le même identifiant. Le premier archivé reste affiché ; le "
    "second est gardé comme preuve. Seule une correction signée de l'organisme règle la question.",
    "The body signed two different contents under the same identifier. The first one archived stays shown; the "
    "second is kept as evidence. Only a correction signed by the body settles it.",
)


def contest(source: str, first: Event, envs: tuple[bytes, bytes], at: datetime) -> Event:
    """`source` says at `at` that a second content came under the id of `first`; `envs` are the two entries' names.

    Who may read the first may read this, and nobody else: above TLP:GREEN they are named, and so is its own body.
    """
    owner, subject = thread_of(first)
    target = {"source": first.source, "id": first.id} | ({} if owner == first.source else {"thread": owner})
    named = first.tlp in NAMED
    return told(
        source,
        (CONTEST, "double-contenu"),
        subject=subject,
        at=at,
        tlp="AMBER" if named else first.tlp,
        readers=(first.source, *first.readers) if named else (),
        data={
            "head": head(CONTESTED, CONTESTED_WHY),
            "target": target,
            "first_entry": envs[0].hex(),
            "second_entry": envs[1].hex(),
        },
    )


def head(title: Label, summary: Label) -> dict[str, Any]:
    """Title and summary in French, and their English beside them."""
    other = {"lang": "en", "status": "reviewed", "title": title.en, "summary": summary.en}
    return {"title": title.fr, "summary": summary.fr, "translations": [other]}


def told(
    source: str,
    kind: tuple[str, str],
    *,
    subject: str,
    at: datetime,
    tlp: str,
    readers: tuple[str, ...],
    data: dict[str, Any],
) -> Event:
    """The notice of type and profile `kind` that says `data`; nothing in it but the facts given."""
    found, profile = catalogue()[kind[0]], kind[1]
    audience = " ".join(sorted(set(readers))) or None
    facts = [source, *kind, subject, format_time(at), tlp, audience, data]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).digest()
    seconds = int(at.timestamp())
    return Event(
        id=uuid_of(seconds, digest),
        source=source,
        type=found.type,
        profile=profile,
        subject=subject,
        time=format_time(at),
        dataschema=found.dataschema,
        tlp=tlp,
        lang="fr",
        sequence=str(seconds * _BELOW + int.from_bytes(digest[:4]) % _BELOW),
        data=data,
        audience=audience,
    )


def uuid_of(seconds: int, digest: bytes) -> str:
    """A UUID of version 7 (RFC 9562 §5.7) whose 74 random bits are the digest's."""
    number = (seconds * 1000) << 80 | int.from_bytes(digest[:10])
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
