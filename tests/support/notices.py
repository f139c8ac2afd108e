"""Builders of valid things for every test: bodies, keys, a registry, events of each type, sealed values, API bodies.

All of it is invented and valid; a test breaks one thing at a time. Keys are fixed (derived from the body's name), so a
value made in one process is verified in another. Ids are fresh unless a test gives a number.

    meeting = Speaker("/ml/commission-defense").says("agenda.meeting", tlp="GREEN")
    value = seal(meeting)                       # bytes for Kafka
    verdict = judge(value, Country.ML, Lane.NORMAL, registry())
"""

import itertools
import json
from collections import defaultdict
from copy import deepcopy
from typing import Any

import uuid_utils

from tamani.core.catalogue import catalogue
from tamani.core.envelope import EVENT_TYPE, encode_envelope
from tamani.core.event import Event, encode_event
from tamani.core.names import Country, Lane, country_of
from tamani.core.registry import Registry
from tamani.core.signing import SigningKey
from tests.support.keys import key_of
from tests.support.notice_data import FULL, SMALL
from tests.support.reading_keys import identity_of
from tests.support.registries import TRUSTED, value_of

START = "2025-01-01T00:00:00Z"
SAID = "2026-03-02T09:00:00Z"

COMMISSION_ML = "/ml/commission-defense"
COMMISSION_BF = "/bf/commission-defense"
COMMISSION_NE = "/ne/commission-defense"
OBSERVATORY_BF = "/bf/observatoire-securite"
OBSERVATORY_ML = "/ml/observatoire-paix"
OBSERVATORY_NE = "/ne/observatoire-justice"
TOWN_ML = "/ml/commune-frontaliere"
TOWN_NE = "/ne/commune-frontaliere"
BUREAU = "/rg/bureau-cadre"
PLATFORM = "/rg/plateforme-osc"

# Source, kind of body, name in French, name in English. Each may say every profile of every type.
BODIES = (
    (COMMISSION_ML, "commission", "Commission de défense (Mali)", "Defence committee (Mali)"),
    (COMMISSION_BF, "commission", "Commission de défense (Burkina Faso)", "Defence committee (Burkina Faso)"),
    (COMMISSION_NE, "commission", "Commission de défense (Niger)", "Defence committee (Niger)"),
    (OBSERVATORY_BF, "observatory", "Observatoire de la sécurité", "Security observatory"),
    (OBSERVATORY_ML, "observatory", "Observatoire de la paix", "Peace observatory"),
    (OBSERVATORY_NE, "observatory", "Observatoire de la justice", "Justice observatory"),
    (TOWN_ML, "municipality", "Commune frontalière (Mali)", "Border municipality (Mali)"),
    (TOWN_NE, "municipality", "Commune frontalière (Niger)", "Border municipality (Niger)"),
    (BUREAU, "regional", "Bureau du cadre de concertation", "Bureau of the consultation framework"),
    (PLATFORM, "regional", "Plateforme des organisations de la société civile", "Platform of civil society"),
)
SOURCES = tuple(row[0] for row in BODIES)
NOTICE_KINDS = (
    "agenda.meeting",
    "agenda.item",
    "agenda.record",
    "law.item",
    "law.provision",
    "law.text",
    "exchange.request",
    "exchange.answer",
    "monitor.report",
    "monitor.alert",
    "roadmap.progress",
    "practice.note",
    "reference.sheet",
    "public.notice",
)
# What only the archive's own key may say.
RESERVED_KINDS = ("system.contest", "system.absence")
SYSTEM_KINDS = ("ack", "correction", "withdrawal", "translation", "endorsement", "heartbeat", *RESERVED_KINDS)
KINDS = NOTICE_KINDS + SYSTEM_KINDS
# Every profile of every type; and of each model once, the first profile that uses it.
PROFILES = tuple((kind, profile) for kind in KINDS for profile in catalogue()[kind].profiles)
MODELS = tuple({catalogue()[kind].model_of(profile): (kind, profile) for kind, profile in reversed(PROFILES)}.values())
ALL_RIGHTS = tuple(f"{kind}:*" for kind in NOTICE_KINDS + RESERVED_KINDS)
__all__ = ["TRUSTED", "key_of"]


def new_id() -> str:
    """A fresh id."""
    return str(uuid_utils.uuid7())


def id_of(number: int) -> str:
    """A fixed id."""
    return f"01890000-0000-7000-8000-{number:012x}"


def body_row(source: str, **changes: Any) -> dict[str, Any]:
    """The registry row of a body."""
    kind, fr, en = next((row[1:] for row in BODIES if row[0] == source), ("other", source, source))
    return {"source": source, "kind": kind, "names": {"fr": fr, "en": en}, "valid_from": START} | changes


def key_row(source: str, number: int = 0, **changes: Any) -> dict[str, Any]:
    """The registry row of a body's key."""
    key = key_of(source, number)
    row = {"keyid": key.keyid, "public": key.public.hex(), "body": source, "node": country_of(source).value}
    return row | {"rights": list(ALL_RIGHTS), "tlp_max": "RED", "not_before": START} | changes


def reading_row(source: str, number: int = 0, **changes: Any) -> dict[str, Any]:
    """The registry row of a body's reading key."""
    return {"body": source, "recipient": identity_of(source, number).recipient, "not_before": START} | changes


def registry_document(sources: tuple[str, ...] = SOURCES, version: int = 1, **changes: Any) -> dict[str, Any]:
    """A whole registry as JSON data: these bodies with one key each, one node an origin."""
    document: dict[str, Any] = {"version": version, "issued": START}
    document["bodies"] = [body_row(source) for source in sources]
    document["keys"] = [key_row(source) for source in sources]
    document["recipients"] = [reading_row(source) for source in sources]
    document["nodes"] = [{"name": country.value, "country": country.value} for country in Country]
    return document | changes


def registry(sources: tuple[str, ...] = SOURCES, version: int = 1, **changes: Any) -> Registry:
    """The registry of `registry_document`."""
    return Registry.model_validate(registry_document(sources, version, **changes))


def registry_value(sources: tuple[str, ...] = SOURCES, version: int = 1, **changes: Any) -> bytes:
    """The signed registry, as it lies on the topic `registry`; its root is `TRUSTED`."""
    return value_of(registry(sources, version, **changes))


def data_of(kind: str, full: bool = False, profile: str | None = None) -> dict[str, Any]:
    """The smallest (or fullest) valid data of a type under a profile (the first, if none is named); yours to change."""
    known = FULL if full else SMALL
    under = f"{kind}:{profile or next(iter(catalogue()[kind].profiles))}"
    return deepcopy(known[under] if under in known else known[kind])


def tlp_of(kind: str) -> str:
    """A label that the type may bear and that needs no audience: GREEN where it can."""
    return "GREEN" if "GREEN" in catalogue()[kind].tlps else "CLEAR"


def event(kind: str = "agenda.meeting", source: str = COMMISSION_ML, full: bool = False, **changes: Any) -> Event:
    """A valid event of this type; any attribute can be given by name."""
    found = catalogue()[kind]
    ident = changes.pop("id", None) or new_id()
    family = found.family or "agenda"
    profile = changes.get("profile") or next(iter(found.profiles))
    attributes: dict[str, Any] = {
        "id": ident,
        "source": source,
        "type": found.type,
        "profile": profile,
        "subject": f"{family}/{ident}",
        "time": SAID,
        "dataschema": found.dataschema,
        "tlp": tlp_of(kind),
        "lang": "fr",
        "sequence": "1",
        "data": data_of(kind, full, profile if profile in found.profiles else None),
    }
    return Event(**(attributes | changes))


class Speaker:
    """A body that says one thing after another: its sequences rise, per lane, as a node would count them."""

    def __init__(self, source: str = COMMISSION_ML, key: SigningKey | None = None) -> None:
        self.source = source
        self.key = key or key_of(source)
        self._counts: dict[Lane, itertools.count[int]] = defaultdict(lambda: itertools.count(1))

    def says(self, kind: str = "agenda.meeting", **changes: Any) -> Event:
        """The next notice."""
        said = event(kind, self.source, **changes)
        number = changes.pop("sequence", None) or str(next(self._counts[said.lane]))
        return event(kind, self.source, **(changes | {"id": said.id, "sequence": number}))

    def seals(self, kind: str = "agenda.meeting", **changes: Any) -> bytes:
        """The next notice as a Kafka value."""
        return seal(self.says(kind, **changes), self.key)


def seal(said: Event, key: SigningKey | None = None) -> bytes:
    """The Kafka value of an event, signed with its body's key unless another is given."""
    return seal_bytes(encode_event(said), key or key_of(said.source))


def seal_bytes(payload: bytes, key: SigningKey, payload_type: str = EVENT_TYPE) -> bytes:
    """A truly signed value around any bytes: what a faulty or hostile holder of a key could send."""
    return encode_envelope(key.sign(payload, payload_type))


def as_json(said: Event) -> dict[str, Any]:
    """The event as a JSON object, to be broken and sealed again with `seal_json`."""
    found: dict[str, Any] = json.loads(encode_event(said))
    return found


def seal_json(body: Any, key: SigningKey) -> bytes:
    """A truly signed value around any JSON."""
    return seal_bytes(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), key)


def api_body(kind: str = "agenda.meeting", full: bool = False, **changes: Any) -> dict[str, Any]:
    """What a client posts to `/v1/messages`; the node adds the rest."""
    found = catalogue()[kind]
    profile = changes.get("profile") or next(iter(found.profiles))
    body = {"type": kind, "profile": profile, "tlp": tlp_of(kind), "lang": "fr"}
    return body | {"data": data_of(kind, full, profile)} | changes
