"""The bus as an AsyncAPI 3.0 document: channels, keys, messages, and who sends and receives, from `topics.yaml`.

Pure: it is given the plan of the topics as data, and refers to the JSON Schemas beside it by file name.
"""

from collections.abc import Mapping
from typing import Any, Final

from tamani.core.envelope import EVENT_TYPE
from tamani.core.names import Country

VERSION: Final = "3.0.0"
KAFKA: Final = "0.5.0"  # of the Kafka binding
_ENVELOPE: Final = "envelope"
_MESSAGES: Final = {
    "receipts.{cc}": "receipt",
    "feed.{cc}": "feedEntry",
    "registry": "registry",
    "quarantine": "held",
    "capsules.{cc}": "capsule",
}
_SCHEMAS: Final = {
    _ENVELOPE: ("A notice in its signed envelope", "./envelope.v1.schema.json"),
    "receipt": ("What became of one value", "./receipt.v1.schema.json"),
    "feedEntry": ("One entry of a feed", "./feed.v1.schema.json"),
}
_OTHERS: Final = {
    "capsule": "The key of a sealed notice, for the bodies of one origin (docs/protocol.md)",
    "registry": "The registry, signed (docs/protocol.md)",
    "held": "A value set aside, as it came, with where it came from; for operators only",
}


def describe_bus(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The document for this plan (the content of `topics.yaml`)."""
    rows = plan["topics"]
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Tamani",
            "version": "1",
            "description": "The bus of the region. docs/protocol.md says what the schemas cannot.",
        },
        "defaultContentType": "application/json",
        "channels": {_id(row["name"]): _channel(row) for row in rows},
        "operations": {name: operation for row in rows for name, operation in _operations(row)},
        "components": {"messages": {name: _message(name) for name in (*_SCHEMAS, *_OTHERS)}},
    }


def _id(topic: str) -> str:
    """A channel's name: `inbound.{cc}.urgent` is `inbound.cc.urgent`."""
    return topic.replace("{", "").replace("}", "")


def _channel(row: Mapping[str, Any]) -> dict[str, Any]:
    name = _MESSAGES.get(row["name"], _ENVELOPE)
    channel: dict[str, Any] = {
        "address": row["name"],
        "description": row["what"],
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "bindingVersion": KAFKA,
                "partitions": row["partitions"],
                "topicConfiguration": {"cleanup.policy": [row["cleanup"]]},
            }
        },
        "x-key": row["key"],
        "x-retention": row["retention"],
        "x-largest": row["largest"],
    }
    if "{cc}" in row["name"]:
        channel["parameters"] = {"cc": {"description": "An origin", "enum": [country.value for country in Country]}}
    return channel


def _operations(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """One to send and one to receive, each with the principals that may."""
    name = _id(row["name"])
    doors = (("send", "writers"), ("receive", "readers"))
    return [
        (
            f"{action}.{name}",
            {"action": action, "channel": {"$ref": f"#/channels/{name}"}, "x-principals": list(row[who])},
        )
        for action, who in doors
    ]


def _message(name: str) -> dict[str, Any]:
    if name in _SCHEMAS:
        title, schema = _SCHEMAS[name]
        message = {"title": title, "contentType": "application/json", "payload": {"$ref": schema}}
        if name == _ENVELOPE:
            message["x-payload"] = {"payloadType": EVENT_TYPE, "schema": "./event.v1.schema.json"}
        return message
    return {"title": _OTHERS[name], "contentType": "application/json", "payload": {"type": "object"}}
