"""One CloudEvents 1.0 event in structured JSON: the attributes of `DESIGN` §3, all inside the signature.

Decoding checks shapes only; what a type's data must hold is the catalogue's business, who may say it is the policy's.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tamani.core.envelope import MAX_EVENT
from tamani.core.names import SOURCE, Country, Lane, country_of, lane_of
from tamani.core.strict_json import BadJson, loads

MAX_SUBJECT = 256
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TYPE = re.compile(r"tamani\.([a-z]+(?:\.[a-z]+)?)\.v([1-9][0-9]{0,3})")
SCHEMA = re.compile(r"urn:tamani:([a-z.]+):(0|[1-9][0-9]{0,3})")
# No control characters, line separators or marks that change the direction of what follows; no space at the ends.
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff"
SUBJECT = re.compile(rf"[a-z]+/[^\s{_CONTROL}](?:[^{_CONTROL}]*[^\s{_CONTROL}])?")
# `\d` would take the digits of every script.
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
LANG = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
PROFILE = re.compile(r"[a-z][a-z0-9-]{0,39}")
SEQUENCE = re.compile(r"[1-9][0-9]{0,17}")
TLP: Final = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
SPEC: Final = "1.0"
CONTENT: Final = "application/json"
_REQUIRED = frozenset(
    {"specversion", "id", "source", "type", "profile", "subject", "time", "datacontenttype", "dataschema"}
    | {"tlp", "lang", "sequence", "data"}
)
_OPTIONAL = frozenset({"audience", "expirytime"})
_ALLOWED = _REQUIRED | _OPTIONAL


@dataclass(frozen=True, slots=True)
class Event:
    """A notice as it was said. Attributes are strings, `data` is the JSON object of its type."""

    id: str
    source: str
    type: str
    profile: str
    subject: str
    time: str
    dataschema: str
    tlp: str
    lang: str
    sequence: str
    data: dict[str, Any]
    audience: str | None = None
    expirytime: str | None = None

    @property
    def country(self) -> Country:
        """The origin that the source names."""
        return country_of(self.source)

    @property
    def lane(self) -> Lane:
        """The lane of the thread."""
        return lane_of(self.subject)

    @property
    def kind(self) -> str:
        """The type without prefix and version: `monitor.alert`."""
        return self.type[len("tamani.") : self.type.rindex(".")]

    @property
    def major(self) -> int:
        """The major version, part of the type."""
        return int(self.type[self.type.rindex(".") + 2 :])

    @property
    def minor(self) -> int:
        """The minor version, from `dataschema`."""
        return int(self.dataschema[self.dataschema.rindex(":") + 1 :])

    @property
    def readers(self) -> tuple[str, ...]:
        """The bodies named in the audience."""
        return tuple(self.audience.split(" ")) if self.audience else ()

    @property
    def head(self) -> dict[str, Any]:
        """The common fields, or nothing for a type without."""
        head = self.data.get("head", {})
        return head if isinstance(head, dict) else {}


def encode_event(event: Event) -> bytes:
    """The exact bytes that will be signed; made once, when the notice is said."""
    body: dict[str, Any] = {"specversion": SPEC, "id": event.id, "source": event.source, "type": event.type}
    body |= {"profile": event.profile, "subject": event.subject, "time": event.time}
    body |= {"datacontenttype": CONTENT, "dataschema": event.dataschema, "tlp": event.tlp}
    if event.audience:
        body["audience"] = event.audience
    body["lang"] = event.lang
    if event.expirytime:
        body["expirytime"] = event.expirytime
    body |= {"sequence": event.sequence, "data": event.data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def decode_event(payload: bytes) -> Event:
    """The event in a payload whose signature held.

    Raises:
        BadJson: `refused.size`, `refused.event[.…]`, `refused.type.unknown` or one of `refused.json…`.
    """
    if len(payload) > MAX_EVENT:
        raise BadJson("refused.size", f"{len(payload)} > {MAX_EVENT}")
    body = loads(payload)
    if not isinstance(body, dict):
        raise BadJson("refused.event", "not an object")
    _check_names(body)
    _check_shapes(body)
    del body["specversion"], body["datacontenttype"]
    return Event(**body)


def _check_names(body: dict[str, Any]) -> None:
    names = body.keys()
    if not names >= _REQUIRED:
        raise BadJson("refused.event", "missing " + ", ".join(sorted(_REQUIRED - names)))
    if not names <= _ALLOWED:
        raise BadJson("refused.event", "unknown " + ", ".join(sorted(names - _ALLOWED))[:120])
    if bad := [name for name in names if name != "data" and not isinstance(body[name], str)]:
        raise BadJson("refused.event", "not a string: " + ", ".join(sorted(bad)))
    if not isinstance(body["data"], dict):
        raise BadJson("refused.event", "data is not an object")
    if body["specversion"] != SPEC or body["datacontenttype"] != CONTENT:
        raise BadJson("refused.event", "specversion or datacontenttype")


def _check_shapes(body: dict[str, Any]) -> None:
    """Each attribute against its grammar, with the code that names what to mend."""
    _must(UUID7, body["id"], "refused.event.id")
    _must(SOURCE, body["source"], "refused.event", "source")
    kind = _must(TYPE, body["type"], "refused.type.unknown")
    _must(PROFILE, body["profile"], "refused.profile")
    if len(body["subject"].encode()) > MAX_SUBJECT:
        raise BadJson("refused.event.subject", "too long")
    _must(SUBJECT, body["subject"], "refused.event.subject")
    schema = _must(SCHEMA, body["dataschema"], "refused.event", "dataschema")
    if schema[1] != kind[1]:
        raise BadJson("refused.event", "dataschema is of another type")
    if body["tlp"] not in TLP:
        raise BadJson("refused.tlp", body["tlp"][:20])
    _must(LANG, body["lang"], "refused.event", "lang")
    _must(SEQUENCE, body["sequence"], "refused.event", "sequence")
    _instant(body["time"])
    if "expirytime" in body:
        _instant(body["expirytime"])
    if "audience" in body:
        _check_audience(body["audience"])


def _check_audience(audience: str) -> None:
    bodies = audience.split(" ")
    if bodies != sorted(set(bodies)) or not all(SOURCE.fullmatch(body) for body in bodies):
        raise BadJson("refused.policy.audience", "sorted, unique, one space between")


def _must(grammar: re.Pattern[str], text: str, code: str, detail: str = "") -> re.Match[str]:
    match = grammar.fullmatch(text)
    if match is None:
        raise BadJson(code, f"{detail} {text[:80]!r}".strip())
    return match


def _instant(text: str) -> None:
    try:
        parse_time(text)
    except ValueError as error:
        raise BadJson("refused.event.time", text[:40]) from error


def parse_time(text: str) -> datetime:
    """The instant of a `…Z` time stamp.

    Raises:
        ValueError: not written so, or no such instant.
    """
    if TIME.fullmatch(text) is None:
        raise ValueError(text)
    return datetime.fromisoformat(text)


def format_time(instant: datetime) -> str:
    """Whole seconds, UTC, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
