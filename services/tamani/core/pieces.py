"""Pieces on their lane: what a notice names, and which bytes of a file one message carries (RFC 9110 §14).

A part goes up under `Content-Range`; how far the region has come it says in the words of the IETF draft on resumable
uploads (`Upload-Offset`, `Upload-Complete`). Nothing here depends on a notice's type.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from tamani.core.event import Event

KIBIBYTE = 1024
# Of one file: a paper of some pages, which a poor link can still carry.
LARGEST = 4 * KIBIBYTE * KIBIBYTE
# Of one message, and of the first, which measures the line.
PART = 256 * KIBIBYTE
FIRST = 16 * KIBIBYTE
# Whatever is more urgent waits for one part: it may take some seconds, on any line.
QUICK, SLOW = 2.0, 5.0
OFFSET, COMPLETE = "Upload-Offset", "Upload-Complete"
_NUMBER = r"(0|[1-9][0-9]{0,11})"
_SENT = re.compile(rf"bytes {_NUMBER}-{_NUMBER}/{_NUMBER}")
_SHA256 = re.compile("[0-9a-f]{64}")
_ASKED = re.compile(rf"bytes={_NUMBER}-{_NUMBER}?")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to before `end` of a file of `size` bytes; never none."""

    start: int
    end: int
    size: int

    def __str__(self) -> str:
        """As `Content-Range` says it."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"

    @classmethod
    def sent(cls, header: str) -> Self | None:
        """What a `Content-Range` says; nothing if it names no bytes of a file of known size."""
        found = _SENT.fullmatch(header)
        return cls._of(*(int(number) for number in found.groups())) if found else None

    @classmethod
    def asked(cls, header: str, size: int) -> Self | None:
        """What a `Range` asks of a file; nothing, hence the whole, for what we do not serve (RFC 9110 §14.2)."""
        found = _ASKED.fullmatch(header)
        return cls._of(int(found[1]), min(int(found[2] or size), size - 1), size) if found else None

    @classmethod
    def _of(cls, first: int, last: int, size: int) -> Self | None:
        return cls(first, last + 1, size) if first <= last < size else None


def sizes_in(event: Event) -> Mapping[str, int]:
    """The pieces that a notice names, digest and size, as far as they are named soundly: no model may have read it.

    Of a digest that it names with two sizes one is false: neither counts.
    """
    said: dict[str, set[int]] = {}
    for one in _attachments(event):
        if type(one.get("size")) is int and one["size"] > 0:
            said.setdefault(one["sha256"], set()).add(one["size"])
    return {digest: sizes.pop() for digest, sizes in said.items() if len(sizes) == 1}


def digests_in(event: Event) -> set[str]:
    """The digests that a notice names, however it says the rest."""
    return {one["sha256"] for one in _attachments(event)}


def _attachments(event: Event) -> list[dict[str, Any]]:
    named = event.head.get("attachments")
    several = named if isinstance(named, list) else []
    return [one for one in several if isinstance(one, dict) and _is_digest(one.get("sha256"))]


def _is_digest(said: object) -> bool:
    return isinstance(said, str) and _SHA256.fullmatch(said) is not None


def next_part(part: int, seconds: float) -> int:
    """How large the next part is, after one of this size took so long."""
    if seconds < QUICK:
        return min(PART, part * 2)
    return max(FIRST, part // 2) if seconds > SLOW else part
