"""Signed notes: the specification's own example, what is refused, and whose signature counts."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.core.errors import RefusedError
from tamani.core.log.note import Kind, Note, Signature, VerifierKey
from tests.unit.core.log.parties import LOG, WITNESSES

# A quotation of Quasimodo (1930), the text that C2SP signed-note gives with this signature.
POEM = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n"
LINE = (
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc="
)
NOTE = Note("a text\nof two lines\n").with_(LOG.sign("a text\nof two lines\n"))


def refused(content: bytes) -> str:
    """The code that these bytes are refused with."""
    with pytest.raises(RefusedError) as caught:
        Note.parse(content)
    return caught.value.code.name


def test_the_example_of_the_specification_is_read_and_written_alike() -> None:
    """An empty line within the text, accents, and the em dash of the signature line."""
    content = f"{POEM}\n{LINE}\n".encode()
    note = Note.parse(content)

    assert note.text == POEM
    assert note.signatures[0].name == "quasimodo.example/salvatore"
    assert str(note).encode() == content


def test_a_signature_holds_for_its_text_alone() -> None:
    """One letter more, and the note is spoilt."""
    assert Note.parse(str(NOTE).encode()).signed_by([LOG.verifier]) == {LOG.verifier: 0}
    with pytest.raises(RefusedError) as caught:
        Note(NOTE.text + "three\n", NOTE.signatures).signed_by([LOG.verifier])
    assert caught.value.code.name == "refused.log.signature"


def test_a_line_of_an_unknown_key_is_passed_over() -> None:
    """By name or by hint: only both together make a known key."""
    bf = WITNESSES["bf"].verifier
    alien = Signature(bf.name, b"\0\0\0\0", b"x")

    assert NOTE.with_(alien).signed_by([bf]) == {}
    assert NOTE.with_(alien, alien).signatures == (*NOTE.signatures, alien)


def test_a_cosignature_says_when() -> None:
    """Its time is under the signature: another time spoils it."""
    bf = WITNESSES["bf"]
    line = bf.sign(NOTE.text, 1679315147)
    assert NOTE.with_(line).signed_by([bf.verifier]) == {bf.verifier: 1679315147}

    later = Signature(line.name, line.hint, (1679315148).to_bytes(8, "big") + line.value[8:])
    with pytest.raises(RefusedError):
        NOTE.with_(later).signed_by([bf.verifier])


@given(st.integers(0, len(str(NOTE).encode()) - 1), st.integers(0, 7))
def test_no_flipped_bit_leaves_a_signed_note(at: int, bit: int) -> None:
    """Every bit counts: unreadable, spoilt, or no longer ours."""
    content = bytearray(str(NOTE).encode())
    content[at] ^= 1 << bit
    try:
        held = Note.parse(bytes(content)).signed_by([LOG.verifier])
    except RefusedError:
        held = {}

    assert held == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        b"text\n\nno signature\n",
        b"text\n\n" + LINE.encode(),
        b"te\txt\n\n" + LINE.encode() + b"\n",
        b"te\xffxt\n\n" + LINE.encode() + b"\n",
        b"text\n\n" + LINE.replace("IS+Z", "IS-Z").encode() + b"\n",
        b"text\n\n" + LINE.replace("— ", "- ").encode() + b"\n",
        b"text\n\n" + LINE.replace("quasimodo", "quasi+modo").encode() + b"\n",
        b"text\n\n" + LINE.replace("quasimodo", "quasi\u2003modo").encode() + b"\n",
        b"text\n\n" + LINE.split(" ", maxsplit=1)[0].encode() + b" name AAAA\n",
        b"text\n\n" + (LINE.encode() + b"\n") * 33,
        b"x" * 70_000 + b"\n\n" + LINE.encode() + b"\n",
    ],
)
def test_what_is_no_note_is_refused(content: bytes) -> None:
    """Form, size, control characters, names and base64."""
    assert refused(content) == "refused.log.note"


def test_a_key_reads_as_it_is_written() -> None:
    """The specification's `vkey`, both types."""
    for key in (LOG.verifier, WITNESSES["ml"].verifier):
        assert VerifierKey.parse(str(key)) == key
    assert LOG.verifier.kind is Kind.NOTE


def _vkey(name: str = "x.example", hint: bytes | None = None, raw: bytes = b"\x01" + LOG.key.public) -> str:
    made = VerifierKey(name, Kind(raw[0]) if raw[0] in (1, 4) else Kind.NOTE, raw[1:])
    return f"{name}+{(hint or made.hint).hex()}+{base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x.example",
        _vkey(hint=b"\1\2\3\4"),
        _vkey(name="x example"),
        _vkey(name=""),
        _vkey(raw=b"\x02" + LOG.key.public),
        _vkey(raw=b"\x01" + LOG.key.public[:31]),
        # the identity: one signature would hold for every text
        _vkey(raw=b"\x01\x01" + bytes(31)),
        _vkey().upper(),
        _vkey() + "=",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """Form, hint, type, length, weak points."""
    with pytest.raises(RefusedError) as caught:
        VerifierKey.parse(text)
    assert caught.value.code.name == "refused.log.key"
