"""JSON that means one thing only. The cases are our own, after RFC 8259 and the ways in which parsers differ."""

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.core.strict_json import MAX_DEPTH, BadJson, loads, shown

TAKEN: dict[str, tuple[bytes, object]] = {
    "empty object": (b"{}", {}),
    "a lone scalar": (b"42", 42),
    "blanks of the grammar": (b" \t\r\n[ 1 , 2 ]\n", [1, 2]),
    "all escapes": (rb'"\"\\\/\b\f\n\r\t\u00e9"', '"\\/\b\f\n\r\té'),
    "a pair of surrogates": (rb'"\ud83e\udd41"', "\U0001f941"),
    "UTF-8 of four bytes": ('"\U0001f941"'.encode(), "\U0001f941"),
    "an escaped backslash before u": (rb'"\\ud800"', "\\ud800"),
    "U+007F is no control of JSON": (b'"\x7f"', "\x7f"),
    "noncharacters are characters": ('"\uffff"'.encode(), "\uffff"),
    "the largest integer": (b"9223372036854775807", 2**63 - 1),
    "the least integer": (b"-9223372036854775808", -(2**63)),
    "the largest double": (b"1.7976931348623157e308", 1.7976931348623157e308),
    "too small becomes zero": (b"1e-400", 0.0),
    "minus zero": (b"-0", 0),
    "the same name in two objects": (b'{"a":{"a":1},"b":{"a":2}}', {"a": {"a": 1}, "b": {"a": 2}}),
    "names that differ in case": (b'{"tlp":1,"TLP":2}', {"tlp": 1, "TLP": 2}),
    "names that differ in composition": ('{"\u00e9":1,"e\u0301":2}'.encode(), {"\u00e9": 1, "e\u0301": 2}),
    "32 levels": (b"[" * 32 + b"]" * 32, None),
    "brackets in a text": (b'["' + b"[{" * 500 + b'"]', ["[{" * 500]),
    "brackets after an escaped quote": (rb'["\"' + b"[" * 50 + b'"]', ['"' + "[" * 50]),
}

REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "refused.json"),
    "blanks": (b"  ", "refused.json"),
    "byte order mark": (b"\xef\xbb\xbf{}", "refused.json"),
    "UTF-16 with mark": ("{}".encode("utf-16"), "refused.json.text"),
    "UTF-16 without mark": ("{}".encode("utf-16-le"), "refused.json"),
    "overlong NUL": (b'"\xc0\x80"', "refused.json.text"),
    "a surrogate in UTF-8": (b'"\xed\xa0\x80"', "refused.json.text"),
    "beyond U+10FFFF": (b'"\xf4\x90\x80\x80"', "refused.json.text"),
    "a cut character": (b'"\xc3"', "refused.json.text"),
    "a lone high surrogate": (rb'"\ud800"', "refused.json.text"),
    "a lone low surrogate": (rb'"\udc00"', "refused.json.text"),
    "surrogates the wrong way round": (rb'"\udc00\ud800"', "refused.json.text"),
    "a lone surrogate as a name": (rb'{"\ud800":1}', "refused.json.text"),
    "U+0000 in a text": (rb'"a\u0000"', "refused.json.text"),
    "U+0000 deep inside": (rb'{"a":[{"b":["\u0000"]}]}', "refused.json.text"),
    "U+0000 as a name": (rb'{"\u0000":1}', "refused.json.text"),
    "a raw NUL": (b'"\x00"', "refused.json"),
    "a raw line feed": (b'"a\nb"', "refused.json"),
    "a name twice": (b'{"tlp":"RED","tlp":"CLEAR"}', "refused.json.duplicate"),
    "a name twice, once escaped": (rb'{"tlp":1,"\u0074lp":2}', "refused.json.duplicate"),
    "a name twice, deep": (b'[{"a":{"b":1,"b":1}}]', "refused.json.duplicate"),
    "NaN": (b"[NaN]", "refused.json.number"),
    "Infinity": (b"Infinity", "refused.json.number"),
    "minus Infinity": (b"[-Infinity]", "refused.json.number"),
    "1e400": (b"1e400", "refused.json.number"),
    "1e200000": (b'{"x":1e200000}', "refused.json.number"),
    "one above 64 bits": (b"9223372036854775808", "refused.json.number"),
    "one below 64 bits": (b"-9223372036854775809", "refused.json.number"),
    "five thousand digits": (b"1" * 5000, "refused.json.number"),
    "a leading zero": (b"01", "refused.json"),
    "a plus sign": (b"+1", "refused.json"),
    "a bare point": (b"1.", "refused.json"),
    "no digit before the point": (b".5", "refused.json"),
    "hexadecimal": (b"0x1f", "refused.json"),
    "a comma too many": (b"[1,]", "refused.json"),
    "a comma too many in an object": (b'{"a":1,}', "refused.json"),
    "no comma": (b"[1 2]", "refused.json"),
    "single quotes": (b"{'a':1}", "refused.json"),
    "a name without quotes": (b"{a:1}", "refused.json"),
    "a comment": (b"[1] // x", "refused.json"),
    "two values": (b"{}{}", "refused.json"),
    "an unknown escape": (rb'"\x41"', "refused.json"),
    "a short escape": (rb'"\u12"', "refused.json"),
    "no end": (b'{"a":[1', "refused.json"),
    "a text without end": (b'"abc', "refused.json"),
    "True": (b"True", "refused.json"),
    "Arabic digits": ("[١]".encode(), "refused.json"),
    "a no-break space between": ("[1,\u00a02]".encode(), "refused.json"),
    "33 levels": (b"[" * 33 + b"]" * 33, "refused.json.depth"),
    "33 levels of objects": (b'{"a":' * 33 + b"1" + b"}" * 33, "refused.json.depth"),
    "a hundred thousand levels": (b"[" * 100_000, "refused.json.depth"),
}


@pytest.mark.parametrize(("raw", "value"), TAKEN.values(), ids=TAKEN)
def test_taken(raw: bytes, value: object) -> None:
    found = loads(raw)
    assert value is None or found == value
    assert json.loads(raw) == found


@pytest.mark.parametrize(("raw", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(raw: bytes, code: str) -> None:
    with pytest.raises(BadJson) as caught:
        loads(raw)
    assert caught.value.code == code


HOSTILE = {
    "quotes escaped in a text without end": b"[" * 33 + b'"' + b'\\"' * 500_000,
    "backslashes to the end": b"[" * 33 + b'"' + b"\\" * 1_000_001,
    "a name twice at the end of many": b"{" + b",".join(b'"%d":1' % n for n in range(90_000)) + b',"89999":1}',
    "many texts": b"[" * 33 + b'"a",' * 250_000,
    "many brackets": b"[[" + b"],[" * 300_000,
    "a million digits": b"[" + b"1" * 1_000_000 + b"]",
    "a million digits after the point": b"[0." + b"1" * 1_000_000 + b"]",
    "many escapes": b'["' + b"\\u00e9" * 160_000 + b'"',
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_of_malice_costs_seconds_at_most(raw: bytes) -> None:
    """Time grows with the size, not with its square (that was minutes): a stranger can send this without any key."""
    began = time.process_time()
    with contextlib.suppress(BadJson):
        loads(raw)
    assert time.process_time() - began < 3.0


def test_what_is_told_of_a_refusal_can_be_written_anywhere() -> None:
    """A receipt that quoted U+0000 or half a character could not be read by the node it answers."""
    with pytest.raises(BadJson) as caught:
        loads(rb'{"\u0000\ud800":1,"\u0000\ud800":2}')
    assert caught.value.code == "refused.json.duplicate"
    assert caught.value.detail == r"\x00\ud800"


@given(st.text())
def test_shown_is_printable_and_leaves_the_printable_alone(text: str) -> None:
    assert shown(text).isprintable()
    assert shown(shown(text)) == shown(text)
    shown(text).encode()


_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
    max_leaves=30,
)


@given(_JSON, st.booleans())
def test_what_a_sound_writer_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200) | st.text(alphabet='[]{}":,\\u0123eE.-nulltrue \n', max_size=200).map(str.encode))
def test_whatever_is_taken_is_taken_by_the_standard_parser_too(raw: bytes) -> None:
    """Ours is the standard parser with less patience: it never takes more, and never means something else."""
    try:
        value = loads(raw)
    except BadJson:
        return
    assert json.loads(raw.decode("utf-8")) == value
    assert _depth(value) <= MAX_DEPTH


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
