"""Parts of a file on their lane: what the headers say, what a notice names, and how large the next part is."""

from dataclasses import replace

import pytest

from tamani.core.pieces import FIRST, PART, Span, digests_in, next_part, sizes_in
from tests.support.notices import Speaker

DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("bytes 0-0/1", Span(0, 1, 1)),
        ("bytes 10-19/30", Span(10, 20, 30)),
        ("bytes 10-9/30", None),
        ("bytes 10-30/30", None),
        ("bytes 10-19/*", None),
        ("bytes */30", None),
        ("bytes 01-19/30", None),
        ("bytes 0-1,3-4/30", None),
        ("bytes 0-9/10 ", None),
        ("", None),
    ],
)
def test_a_part_says_which_bytes_it_is(said: str, span: Span | None) -> None:
    assert Span.sent(said) == span
    assert span is None or str(span) == said


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-9", Span(0, 10, 30)),
        ("bytes=20-", Span(20, 30, 30)),
        ("bytes=20-99", Span(20, 30, 30)),
        ("bytes=30-", None),
        ("bytes=-5", None),
        ("bytes=0-1,3-4", None),
        ("items=0-9", None),
        ("", None),
    ],
)
def test_a_range_is_served_or_the_whole(asked: str, span: Span | None) -> None:
    assert Span.asked(asked, 30) == span


def test_what_no_model_has_read_names_what_it_names_soundly() -> None:
    """An archived notice may be of a type that this version does not know: no shape of it is believed in."""
    named = [{"sha256": DIGEST, "size": 7}, {"sha256": "cd" * 32, "size": True}, {"sha256": 5, "size": 7}, "x", None]
    named += [{"sha256": said, "size": 7} for said in ("nul", DIGEST.upper(), DIGEST + "ab", "é" * 64)]
    for strange in (named, {"sha256": DIGEST}, "x", None):
        event = replace(Speaker().says(), data={"head": {"attachments": strange}})
        assert sizes_in(event) == ({DIGEST: 7} if strange is named else {})
        assert digests_in(event) == ({DIGEST, "cd" * 32} if strange is named else set())
    assert sizes_in(replace(event, data={"head": "x"})) == {}


@pytest.mark.parametrize(("sizes", "counts"), [((7,), [7]), ((7, 7), [7]), ((7, 8), []), ((8, 0), [8])])
def test_of_two_sizes_of_one_digest_neither_counts(sizes: tuple[int, ...], counts: list[int]) -> None:
    event = replace(Speaker().says(), data={"head": {"attachments": [{"sha256": DIGEST, "size": n} for n in sizes]}})
    assert list(sizes_in(event).values()) == counts


def test_a_part_takes_some_seconds_on_any_line() -> None:
    """Whatever is more urgent waits for one; a quick line gets the largest, a slow one small ones again."""
    part = FIRST
    for _ in range(8):
        part = next_part(part, 0.1)
    assert part == PART
    assert next_part(part, 3.0) == part
    for _ in range(8):
        part = next_part(part, 30.0)
    assert part == FIRST
