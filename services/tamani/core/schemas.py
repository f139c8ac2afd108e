"""JSON Schemas (2020-12) of what crosses the bus, emitted from the models: `schemas/` holds them, a test forbids drift.

They describe the wire: a field that a model leaves out when it has no value is not required and never null.
"""

import json
from typing import Any, Final

from pydantic import BaseModel

from tamani.core.catalogue import catalogue
from tamani.core.catalogue.base import MessageType
from tamani.core.feed import FeedEntry
from tamani.core.lifecycle import Lifecycle
from tamani.core.receipt import Receipt
from tamani.core.wire_schemas import DIALECT, envelope_schema, event_schema

_RECORD: Final = {"properties": {"kind": {"const": "record"}}}
_FEED_RULE: Final = {
    "if": _RECORD,
    "then": {"required": ["envelope"]},
    "else": {"required": ["source", "id", "mark"]},
}


def documents() -> dict[str, str]:
    """File name to text, for every schema that is emitted."""
    found = {
        "receipt.v1.schema.json": _document(Receipt, "urn:tamani:schema:receipt:1", {}),
        "feed.v1.schema.json": _document(FeedEntry, "urn:tamani:schema:feed:1", _FEED_RULE),
    }
    found["envelope.v1.schema.json"] = _text(envelope_schema())
    found["event.v1.schema.json"] = _text(event_schema())
    for kind in catalogue().values():
        for profile in kind.profiles:
            under = f":{profile}" if profile in kind.variants else ""
            found[data_schema(kind, profile)] = _document(
                kind.model_of(profile), f"{kind.dataschema}:schema{under}", {}
            )
    return found


def lifecycles() -> str:
    """`lifecycles.json`: for each type and profile, how a thread may open, what may follow what, and who may say so."""
    found = {
        f"{kind.name}:{profile}": _lifecycle(kind.lifecycle_of(profile))
        for kind in catalogue().values()
        for profile in kind.profiles
    }
    return _text(found)


def _lifecycle(cycle: Lifecycle) -> dict[str, Any]:
    if cycle.free:
        return {"free": cycle.free, "closed": cycle.closed.split()}
    acts = [{"act": a.name, "who": a.who.value, "before": a.before.split(), "after": a.after} for a in cycle.acts]
    asks = [{"act": a.name, "who": a.who.value, "before": a.before.split()} for a in cycle.asks]
    return {
        "opens": cycle.opens.split(),
        "versions": {state: after.split() for state, after in cycle.versions.items()},
        "acts": acts,
        "asks": asks,
        "closed": cycle.closed.split(),
        "cancelled": cycle.cancelled.split(),
        "unsaid": cycle.unsaid or None,
    }


def data_schema(kind: MessageType, profile: str) -> str:
    """The file that says what `data` is: one a type, or one a profile where profiles differ."""
    under = f".{profile}" if profile in kind.variants else ""
    return f"types/{kind.name}.v{kind.major}{under}.schema.json"


def _document(model: type[BaseModel], name: str, rule: dict[str, Any]) -> str:
    body = _wire(model.model_json_schema(mode="validation"))
    if "v" in body["properties"]:
        body["required"] = ["v", *body["required"]]
    return _text({"$schema": DIALECT, "$id": name} | body | rule)


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _wire(schema: Any) -> Any:
    """The schema without nulls, and without the defaults that stand for an absent field."""
    if isinstance(schema, list):
        return [_wire(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _wire(item) for name, item in schema.items() if not (name == "default" and item is None)}
    match kept.get("anyOf"):
        case [only, {"type": "null"}]:
            del kept["anyOf"]
            return only | kept
    return kept
