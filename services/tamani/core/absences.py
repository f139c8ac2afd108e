"""What lacks of a body, as notices of the archive: numbers of its series, signs of life; and that they came after all.

A hole in the numbers is told to the body alone: to anybody else it would say that there is something they may not see.
A silence is told to whoever could have read the sign of life, and names the body.
"""

import hashlib
from datetime import datetime
from typing import Any

from tamani.core.catalogue.base import Label
from tamani.core.event import Event, format_time
from tamani.core.findings import ABSENCE, head, told

LANES = {"normal": Label("avis ordinaires", "ordinary notices"), "urgent": Label("alertes", "alerts")}
LACKING = Label(
    "Des avis plus récents de la même clé sont archivés, pas ceux-ci. Voyez vos envois : un avis refusé est normal, un "
    "avis sans réponse repart seul. Sinon, prévenez un officier du registre : un avis a été retenu, ou la clé a servi "
    "ailleurs.",
    "Later notices of the same key are archived, not these. Look at what you sent: a refused notice is normal, one "
    "without an answer is sent again. Else tell a registry officer: a notice was held back, or the key was used "
    "elsewhere.",
)
COME = Label(
    "Tous ces numéros sont arrivés depuis : rien à faire.", "All these numbers have come since: nothing to do."
)
SILENT = Label("Nœud silencieux", "Silent node")
SILENT_WHY = Label(
    "Son nœud ne donne plus signe de vie, alors que d'autres se font entendre. Son silence n'est pas du calme : "
    "joignez l'organisme autrement. Chez lui : vérifier la liaison, le courant, l'horloge.",
    "Its node gives no sign of life any more, while others are heard. Its silence is not calm: reach the body another "
    "way. At its site: check the link, the power, the clock.",
)
HEARD = Label("Nœud à nouveau entendu", "Node heard again")
HEARD_WHY = Label("Son nœud se fait entendre à nouveau.", "Its node is heard again.")


def numbers(
    source: str, about: str, series: tuple[str, str], bounds: tuple[int, int], at: datetime, *, settled: bool = False
) -> Event:
    """`source` says to `about` that numbers `bounds` of a `series` (keyid, lane) lack, or have come since."""
    (keyid, lane), (first, last) = series, bounds
    data = {"about": about, "keyid": keyid, "lane": lane, "first": first, "last": last}
    return _absence(
        (source, "numeros"),
        thread=f"numeros-{_short(about, keyid, lane, first, last)}",
        at=at,
        tlp="AMBER",
        words=(_numbers_title(lane, first, last, settled), COME if settled else LACKING),
        data={"status": "settled" if settled else "missing"} | data,
    )


def _numbers_title(lane: str, first: int, last: int, settled: bool) -> Label:
    fr, en = ("Numéros arrivés", "Numbers that came") if settled else ("Numéros manquants", "Missing numbers")
    to, until = (f"{first}", f"{first}") if first == last else (f"{first} à {last}", f"{first} to {last}")
    return Label(f"{fr} : {to} ({LANES[lane].fr})", f"{en}: {until} ({LANES[lane].en})")


def silence(
    source: str, about: str, keyid: str, since: datetime, at: datetime, *, tlp: str, heard: datetime | None = None
) -> Event:
    """`source` says that nothing was heard of a key of `about` after `since`; or, with `heard`, that it was again."""
    data = {"about": about, "keyid": keyid, "since": format_time(since)}
    more = {"heard": format_time(heard)} if heard else {}
    return _absence(
        (source, "silence"),
        thread=f"silence-{_short(about, keyid, format_time(since))}",
        at=at,
        tlp=tlp,
        words=(HEARD, HEARD_WHY) if heard else (SILENT, SILENT_WHY),
        data={"status": "settled" if heard else "missing"} | data | more,
    )


def _absence(
    who: tuple[str, str], *, thread: str, at: datetime, tlp: str, words: tuple[Label, Label], data: dict[str, Any]
) -> Event:
    """Named in the audience is whom it is about, also where others may read it."""
    source, profile = who
    said = {"head": head(*words)} | data
    subject, readers = f"system/{thread}", (str(data["about"]),)
    return told(source, (ABSENCE, profile), subject=subject, at=at, tlp=tlp, readers=readers, data=said)


def _short(*facts: object) -> str:
    """The name of an absence's thread: the same when it opens and when it ends."""
    return hashlib.sha256("\0".join(map(str, facts)).encode()).hexdigest()[:32]
