"""JSON Schemas of the envelope and of the event, from the grammars that the decoders use."""

import re
from typing import Any, Final

from tamani.core import event
from tamani.core.envelope import EVENT_TYPE
from tamani.core.names import SOURCE

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_QUADS: Final = r"(?:[{0}]{{4}})*(?:[{0}]{{2}}==|[{0}]{{3}}=)?"
# Either alphabet, never both.
_BASE64: Final = f"^(?:{_QUADS.format('A-Za-z0-9+/')}|{_QUADS.format('A-Za-z0-9_-')})$"


def envelope_schema() -> dict[str, Any]:
    """A Kafka value: DSSE v1.0.2 with one signature. That the signature holds, no schema can say."""
    signature = _closed({"keyid": _text("^[0-9a-f]{64}$"), "sig": _text(_BASE64)}, "keyid", "sig")
    members = {
        "payloadType": {"const": EVENT_TYPE},
        "payload": _text(_BASE64),
        "signatures": {"type": "array", "minItems": 1, "maxItems": 1, "items": signature},
    }
    about = {"$schema": DIALECT, "$id": "urn:tamani:schema:envelope:1", "title": "Envelope"}
    return about | _closed(members, *members)


def event_schema() -> dict[str, Any]:
    """The payload: one CloudEvents 1.0 event. `data` is described by the schema of its type and profile."""
    members: dict[str, Any] = {
        "specversion": {"const": event.SPEC},
        "id": _grammar(event.UUID7),
        "source": _grammar(SOURCE),
        "type": _grammar(event.TYPE),
        "profile": _grammar(event.PROFILE),
        "subject": _grammar(event.SUBJECT) | {"maxLength": event.MAX_SUBJECT},
        "time": _grammar(event.TIME),
        "datacontenttype": {"const": event.CONTENT},
        "dataschema": _grammar(event.SCHEMA),
        "tlp": {"enum": list(event.TLP)},
        "audience": _text(f"^{SOURCE.pattern}(?: {SOURCE.pattern})*$"),
        "lang": _grammar(event.LANG),
        "expirytime": _grammar(event.TIME),
        "sequence": _grammar(event.SEQUENCE),
        "data": {"type": "object"},
    }
    required = [name for name in members if name not in {"audience", "expirytime"}]
    about = {"$schema": DIALECT, "$id": "urn:tamani:schema:event:1", "title": "Event"}
    return about | _closed(members, *required)


def _closed(members: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def _grammar(grammar: re.Pattern[str]) -> dict[str, Any]:
    return _text(f"^(?:{grammar.pattern})$")


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}
