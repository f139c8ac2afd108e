"""Whose word counts: policies as files, quorums, and checkpoints seen through them."""

import itertools

import pytest

from tamani.core.errors import RefusedError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.merkle import EMPTY
from tamani.core.log.note import Kind, NoteKey
from tamani.core.log.policy import parse_policy
from tamani.core.signing import SigningKey
from tests.unit.core.log.parties import LOG, ORIGIN, TEXT, WITNESSES, policy, signed

TREE = Checkpoint(ORIGIN, 7, b"r" * 32)
KEYS = {name: str(key.verifier) for name, key in WITNESSES.items()}
NESTED = "\n".join(
    [f"witness {name} {KEYS[name]}" for name in KEYS] + ["group a any bf ml", "group b all a ne", "quorum b", ""]
)


def test_two_of_two_attest() -> None:
    """The host's own witness is heard, and does not count."""
    for names in itertools.chain.from_iterable(itertools.combinations(KEYS, n) for n in range(4)):
        seen = policy().see(signed(TREE, *names))
        assert (set(seen.witnesses), seen.attested) == (set(names), {"bf", "ml"} <= set(names))


@pytest.mark.parametrize(
    ("names", "enough"), [(("bf", "ne"), True), (("ml", "ne"), True), (("bf", "ml"), False), (("ne",), False)]
)
def test_groups_nest(names: tuple[str, ...], enough: bool) -> None:
    """`any` is one, `all` is every one."""
    assert parse_policy(NESTED.encode()).is_enough(frozenset(names)) is enough


@pytest.mark.parametrize(
    ("times", "at"),
    [
        ({"bf": 7, "ml": 9, "ne": 5}, 9),
        ({"bf": 9, "ml": 7}, 9),
        ({"bf": 7, "ml": 7, "ne": 8}, 7),
        ({"bf": 7, "ne": 8}, None),
        ({}, None),
    ],
)
def test_they_are_enough_once_the_last_that_is_needed_has_signed(times: dict[str, int], at: int | None) -> None:
    """By their own times, in whatever order they came; the host's says nothing of when."""
    assert policy().enough_at(times) == at


def test_without_witnesses_the_log_s_word_is_enough() -> None:
    """`quorum none`."""
    assert policy(f"log {LOG.verifier}\nquorum none\n").see(signed(TREE)).attested


def test_another_log_is_not_believed() -> None:
    """Neither under its own name, nor under ours with a key of its own."""
    other = NoteKey("other.example/log", Kind.NOTE, SigningKey.from_seed(b"o" * 32))
    imposter = NoteKey(ORIGIN, Kind.NOTE, other.key)
    for content in (signed(Checkpoint(other.name, 7, EMPTY), log=other), signed(TREE, log=imposter)):
        with pytest.raises(RefusedError) as caught:
            policy().see(content)
        assert caught.value.code.name == "refused.log.origin"


def test_a_log_s_signature_under_another_origin_is_nothing() -> None:
    """Our log's key on a checkpoint that bears another name."""
    with pytest.raises(RefusedError) as caught:
        policy().see(signed(Checkpoint("other.example/log", 7, EMPTY)))
    assert caught.value.code.name == "refused.log.origin"


@pytest.mark.parametrize(
    "line",
    [
        "quorum states",
        "quorum nobody",
        "witness none " + KEYS["bf"],
        f"witness bf {NoteKey('w', Kind.COSIGNATURE, SigningKey.from_seed(b'z' * 32)).verifier}",
        "witness bf2 " + KEYS["bf"],
        f"witness x {LOG.verifier}",
        f"log {LOG.verifier}",
        f"log {KEYS['bf']}",
        "group g 1 ne ne",
        "group g 1 bf",
        "group g 0 ne",
        "group g 2 ne",
        "group g 01 ne",
        "group g some ne",
        "group g 1",
        "group g 1 nobody",
        "group states 1 ne",
        "log",
        "believe everybody",
    ],
)
def test_a_line_that_says_nothing_sound_is_refused_and_named(line: str) -> None:
    """Duplicates, types, thresholds, names that do not stand above."""
    with pytest.raises(RefusedError) as caught:
        policy(TEXT + line + "\n")
    assert caught.value.code.name == "refused.log.policy"
    assert caught.value.detail.startswith(f"{TEXT.count(chr(10)) + 1}: ")


@pytest.mark.parametrize("content", [b"", b"quorum states\n", b"\xff\nquorum none\n", b"quorum none\r\n", b"\x7f"])
def test_a_file_without_sense_is_refused(content: bytes) -> None:
    """No quorum, a name that stands nowhere, not UTF-8, control characters."""
    with pytest.raises(RefusedError) as caught:
        parse_policy(content)
    assert caught.value.code.name == "refused.log.policy"


def test_a_key_that_reads_wrong_is_refused_as_one() -> None:
    """The hint is another key's."""
    with pytest.raises(RefusedError) as caught:
        policy(TEXT.replace(LOG.verifier.hint.hex(), "00000000"))
    assert caught.value.code.name == "refused.log.key"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        "o\n01\nAA==\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "\n1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 43 + "B\n",
        "o\n1\n" + "A" * 42 + "B=\n",
        "o\n1\n" + "A" * 43 + "=\nextension\n",
        "o\n1\nAAAA\n",
        "o\n1\n!\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """Lines, size, root, and extension lines, of which we know none."""
    with pytest.raises(RefusedError) as caught:
        Checkpoint.parse(text)
    assert caught.value.code.name == "refused.log.checkpoint"
