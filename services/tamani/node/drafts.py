"""What a client posts, and the event that it becomes.

Only shapes are checked here; what the words may be is the judge's business, so that a node says exactly what the region
would say. Data faults are all listed, each with its field, in French and in English.
"""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tamani.core.catalogue import catalogue
from tamani.core.catalogue.base import MessageType
from tamani.core.errors import RefusedError
from tamani.core.event import Event
from tamani.node.faults import InvalidError, faults_of


class Draft(BaseModel):
    """A notice before it is sealed: the body of `POST /v1/messages`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: str = Field(description="Type, without prefix and version", examples=["monitor.alert"])
    profile: str = Field(description="Profile of the type", examples=["alerte"])
    id: str | None = Field(None, description="UUID version 7 of your choice: posting it again is safe")
    subject: str | None = Field(None, description="Thread; left out, a new one", examples=["alert/2026-gao-17"])
    tlp: str = Field(description="CLEAR, GREEN, AMBER; AMBER+STRICT and RED: your node seals it", examples=["GREEN"])
    audience: list[str] = Field([], description="Bodies that may read; required above GREEN")
    lang: str = Field("fr", description="Language of the text")
    expirytime: str | None = Field(None, description="When it ceases to be of use (UTC, whole seconds, Z)")
    follows: str | None = Field(
        None, description="Id of the version that this one changes: refused if it is not in force"
    )
    data: dict[str, Any] = Field(description="The content, as the schema of the type says; `head` first")

    @property
    def fingerprint(self) -> str:
        """What makes two posts the same: everything but the id, and what its author had seen."""
        return hashlib.sha256(self._said).hexdigest()

    def fingerprint_under(self, secret: bytes) -> str:
        """The same for what is sealed: without the secret, nobody can try out on the disk what it may have said."""
        return hashlib.blake2b(self._said, digest_size=32, key=secret, person=b"tamani repeat").hexdigest()

    @property
    def _said(self) -> bytes:
        return json.dumps(self.model_dump(mode="json", exclude={"id", "follows"}), sort_keys=True).encode()


def read_draft(body: Any) -> Draft:
    """The draft in a decoded JSON body.

    Raises:
        InvalidError: `refused.request`, with each fault.
    """
    try:
        return Draft.model_validate(body)
    except ValidationError as error:
        raise InvalidError("refused.request", faults_of(error)) from error


def type_of(draft: Draft) -> MessageType:
    """The type of a draft, its data checked.

    Raises:
        RefusedError: `refused.type.unknown`; InvalidError `refused.data`, with each fault.
    """
    kind = catalogue().get(draft.type)
    # Heartbeats are the node's own word, not a body's.
    if kind is None or not kind.archived:
        raise RefusedError("refused.type.unknown", draft.type[:80])
    model = kind.model_of(draft.profile)
    try:
        model.model_validate(draft.data)
    except ValidationError as error:
        raise InvalidError("refused.data", faults_of(error, model)) from error
    return kind


def target_of(draft: Draft) -> tuple[str, str] | None:
    """Source and id of the notice that a system notice speaks of."""
    match draft.data:
        case {"target": {"source": str(source), "id": str(id_)}}:
            return source, id_
    return None


def make_event(draft: Draft, kind: MessageType, **fixed: str) -> Event:
    """The event: the draft, and what the node alone knows (`id`, `source`, `subject`, `time`, `sequence`)."""
    return Event(
        type=kind.type,
        profile=draft.profile,
        dataschema=kind.dataschema,
        tlp=draft.tlp,
        lang=draft.lang,
        data=_head_first(draft.data),
        audience=" ".join(sorted(set(draft.audience))) or None,
        expirytime=draft.expirytime,
        **fixed,
    )


def _head_first(data: dict[str, Any]) -> dict[str, Any]:
    head = {"head": data["head"]} if "head" in data else {}
    return head | data
