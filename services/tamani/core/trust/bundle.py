"""The one value in which a registry travels (topic `registry`, `GET /v1/registry`): every file with its exact bytes."""

import json
from dataclasses import dataclass
from typing import Any

from tamani.core.errors import RefusedError
from tamani.core.strict_json import BadJson, loads

MAX_REGISTRY = 4 * 1024 * 1024
MAX_ROOTS = 256


@dataclass(frozen=True, slots=True)
class Bundle:
    """Metadata files (TUF) and the documents that they speak for, as text. `roots` from the first to the newest."""

    roots: tuple[str, ...]
    timestamp: str
    snapshot: str
    targets: str
    suspensions: str
    registry: str
    suspended: str
    signatures: str

    def encode(self) -> bytes:
        """The value."""
        files = {name: getattr(self, name) for name in _METADATA}
        documents = {file: getattr(self, name) for name, file in _DOCUMENTS.items()}
        whole = {"v": 1, "root": list(self.roots), **files, "documents": documents}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


_METADATA = ("timestamp", "snapshot", "targets", "suspensions")
_DOCUMENTS = {"registry": "registry.json", "suspended": "suspensions.json", "signatures": "signatures.json"}


def decode_bundle(value: bytes) -> Bundle:
    """The files in a value; nothing of them is believed yet.

    Raises:
        RefusedError: `refused.registry`.
    """
    if len(value) > MAX_REGISTRY:
        raise RefusedError("refused.registry", f"{len(value)} > {MAX_REGISTRY}")
    whole = _members(strict(value), ("v", "root", *_METADATA, "documents"))
    documents = _members(whole["documents"], tuple(_DOCUMENTS.values()))
    roots = whole["root"]
    named = {name: documents[file] for name, file in _DOCUMENTS.items()} | {name: whole[name] for name in _METADATA}
    if whole["v"] != 1 or not isinstance(roots, list) or not 0 < len(roots) <= MAX_ROOTS:
        raise RefusedError("refused.registry", "members")
    if not all(isinstance(text, str) for text in (*roots, *named.values())):
        raise RefusedError("refused.registry", "not a text")
    return Bundle(roots=tuple(roots), **named)


def _members(found: Any, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(found, dict) or set(found) != set(names):
        raise RefusedError("refused.registry", "members")
    return found


def strict(text: bytes) -> Any:
    """The value of a JSON text that any parser reads alike.

    Raises:
        RefusedError: `refused.registry`, with the code of what is wrong.
    """
    try:
        return loads(text)
    except BadJson as error:
        raise RefusedError("refused.registry", error.code) from error
