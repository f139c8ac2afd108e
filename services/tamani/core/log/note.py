"""Signed notes (C2SP signed-note): a text, and under it one line a signature. Ed25519 only (types 0x01 and 0x04).

A signature of type 0x04 is a witness's cosignature with its time (C2SP tlog-cosignature). A key signs notes and nothing
else: the text is signed bare, without the type that DSSE would bind, so it must never be a body's key.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from tamani.core.errors import RefusedError
from tamani.core.signing import SigningKey, is_weak_key, sign_bytes, verify_bytes

MAX_NOTE = 64 * 1024
MAX_SIGNATURES = 32
_DASH = "— "


class Kind(IntEnum):
    """The signature type identifiers that we know."""

    NOTE = 0x01
    COSIGNATURE = 0x04


def _hint(name: str, kind: Kind, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name) and name.isprintable()


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Whose signature: a name, a type and 32 bytes. Its text form is the `vkey` of the specification."""

    name: str
    kind: Kind
    public: bytes

    @property
    def hint(self) -> bytes:
        """The four bytes that a signature line begins with: an identifier, not an authority."""
        return _hint(self.name, self.kind, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.hint.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """From `name+hint+base64(type ‖ key)`.

        Raises:
            RefusedError: `refused.log.key`: it does not read so, its hint is another's, or the point is weak.
        """
        name, _, rest = text.partition("+")
        coded = rest.partition("+")[2]
        try:
            raw = binascii.a2b_base64(coded, strict_mode=True)
            key = cls(name, Kind(raw[0]), raw[1:])
        except (ValueError, IndexError) as error:
            raise RefusedError("refused.log.key", text[:120]) from error
        if not _is_name(name) or is_weak_key(key.public) or str(key) != text:
            raise RefusedError("refused.log.key", text[:120])
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note: a name, the key's hint, and the bytes that its type defines."""

    name: str
    hint: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.hint + self.value).decode()}"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """From one line, without its end.

        Raises:
            RefusedError: `refused.log.note`.
        """
        name, _, coded = line.removeprefix(_DASH).partition(" ")
        try:
            raw = binascii.a2b_base64(coded, strict_mode=True)
        except ValueError as error:
            raise RefusedError("refused.log.note", "base64") from error
        made = cls(name, raw[:4], raw[4:])
        if not _is_name(name) or not made.value or str(made) != line:
            raise RefusedError("refused.log.note", "signature line")
        return made


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signatures, as yet believed by nobody."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return f"{self.text}\n" + "".join(f"{line}\n" for line in self.signatures)

    @classmethod
    def parse(cls, content: bytes) -> "Note":
        """From its bytes.

        Raises:
            RefusedError: `refused.log.note`: too long, not UTF-8, a control character, or not the form of a note.
        """
        try:
            text = content[: MAX_NOTE + 1].decode()
        except UnicodeDecodeError as error:
            raise RefusedError("refused.log.note", "not UTF-8") from error
        if len(content) > MAX_NOTE or any(sign < " " and sign != "\n" for sign in text):
            raise RefusedError("refused.log.note", "size or control character")
        head, found, lines = text.rpartition("\n\n")
        *signatures, rest = lines.split("\n")
        if not found or not signatures or len(signatures) > MAX_SIGNATURES or rest:
            raise RefusedError("refused.log.note", "form")
        return cls(head + "\n", tuple(map(Signature.parse, signatures)))

    def signed_by(self, keys: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
        """Which of these keys signed, each with the time it says (0 for a plain signature).

        A line of an unknown key is passed over; one that a known key did not make spoils the whole note.

        Raises:
            RefusedError: `refused.log.signature`.
        """
        known = {(key.name, key.hint): key for key in keys}
        held: dict[VerifierKey, int] = {}
        for line in self.signatures:
            key = known.get((line.name, line.hint))
            if key is not None:
                held[key] = _time_of(key, self.text, line.value)
        return held

    def with_(self, *more: Signature) -> "Note":
        """The same text with further signatures; one that stands there already is not repeated."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *more))))


def _time_of(key: VerifierKey, text: str, value: bytes) -> int:
    if key.kind is Kind.NOTE:
        time, message, sig = 0, text.encode(), value
    else:
        time, sig = int.from_bytes(value[:8], "big"), value[8:]
        message = cosigned(text, time)
    if not verify_bytes(message, sig, key.public):
        raise RefusedError("refused.log.signature", key.name)
    return time


def cosigned(text: str, time: int) -> bytes:
    """What a witness signs: the text, and when (POSIX seconds)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A log's or a witness's secret key under its name."""

    name: str
    kind: Kind
    key: SigningKey = field(repr=False)

    @property
    def verifier(self) -> VerifierKey:
        """Its public half."""
        return VerifierKey(self.name, self.kind, self.key.public)

    def sign(self, text: str, time: int = 0) -> Signature:
        """The line for this text; a witness says when (POSIX seconds)."""
        if self.kind is Kind.NOTE:
            return Signature(self.name, self.verifier.hint, sign_bytes(text.encode(), self.key))
        stamp = time.to_bytes(8, "big")
        return Signature(self.name, self.verifier.hint, stamp + sign_bytes(cosigned(text, time), self.key))
