"""JSON that means one thing only: what Python's decoder forgives, two parsers may read differently.

Refused: bad UTF-8, a byte order mark, repeated names, NaN and infinities, numbers out of the range of a double or of 64
bits, U+0000, lone surrogates, more than 32 levels (RFC 8259 §4, §6, §8; the public cases of JSONTestSuite).
"""

import json
import math
import re
from collections import Counter
from typing import Any, Never

MAX_DEPTH = 32
# Possessive, and content with a string that never ends: one linear pass over whatever a stranger sends.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[{]|[\]}]")
_BAD_TEXT = re.compile("[\0\ud800-\udfff]")
_LONGEST_INTEGER = 19


class BadJson(Exception):  # noqa: N818 - it carries a code that the judge turns into a verdict
    """The text is not strict JSON; `code` says in which way."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = shown(detail)


def shown(text: str) -> str:
    """A stranger's words as they may stand in a receipt or a log line: printable, the rest as escapes."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def loads(raw: bytes) -> Any:
    """The value of a strict JSON text.

    Raises:
        BadJson: with one of the codes `refused.json[.duplicate|.depth|.number|.text]`.
    """
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson("refused.json.text", "UTF-8") from error
    try:
        value = _DECODER.decode(text)
    except ValueError as error:
        raise BadJson("refused.json", str(error)[:120]) from error
    if b"\\u" in raw:
        _check_text(value)
    return value


def _check_depth(raw: bytes) -> None:
    depth = 0
    for bracket in _BRACKETS.findall(_STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise BadJson("refused.json.depth", str(MAX_DEPTH))


def _check_text(value: Any) -> None:
    """Only an escape can smuggle in U+0000 or half a character: look for them when the text has escapes."""
    if isinstance(value, str):
        if _BAD_TEXT.search(value):
            raise BadJson("refused.json.text", "U+0000 or a lone surrogate")
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_text(name)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("refused.json.duplicate", _repeated(pairs))
    return found


def _repeated(pairs: list[tuple[str, Any]]) -> str:
    (name, _), *_ = Counter(name for name, _ in pairs).most_common(1)
    return name[:60]


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadJson("refused.json.number", text[:40])
    return number


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > _LONGEST_INTEGER or not -(2**63) <= (number := int(text)) < 2**63:
        raise BadJson("refused.json.number", text[:40])
    return number


def _constant(text: str) -> Never:
    raise BadJson("refused.json.number", text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_constant, strict=True
)
