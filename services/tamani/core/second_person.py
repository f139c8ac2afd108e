"""Which notices a second person of their body must release before they are sealed (domain: two people, or nobody).

Always: what watches people (`monitor.*`), dialogues with communities, and whatever becomes public. Never: an answer or
a withdrawal, which must not wait, and an immediate alert *à confirmer*, unless it is public. A body may ask for more.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from tamani.core.catalogue.base import MessageType

# Received, will come, taken back: they release no content of their own.
NEVER = frozenset({"ack", "withdrawal"})


class Why(StrEnum):
    """Why a notice waits for a second person."""

    PUBLIC = "public"
    TYPE = "type"
    BODY = "body"


def second_person(
    kind: MessageType, profile: str, tlp: str, data: Mapping[str, Any], *, always: bool = False
) -> Why | None:
    """Why such a notice waits; nothing if whoever writes it may release it. `always`: the body wants it for all."""
    if kind.name in NEVER:
        return None
    if tlp == "CLEAR":
        return Why.PUBLIC
    if kind.alone is not None and kind.alone(profile, data):
        return None
    if profile in kind.second:
        return Why.TYPE
    return Why.BODY if always else None
