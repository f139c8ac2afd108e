"""The figures: one answer a place, the first; signs of life apart; reasons in words."""

from tamani.core.receipt import Inbound, Receipt
from tamani.embedded.demo.figures import count_answers, first_answers


def receipt(verdict: str, offset: int, code: str = "", log_index: int | None = None) -> Receipt:
    """An answer to the value at this offset."""
    return Receipt.model_validate(
        {
            "verdict": verdict,
            "code": code or verdict,
            "value_sha256": "0" * 64,
            "inbound": Inbound(topic="inbound.ml", partition=0, offset=offset),
            "at": "2026-12-02T09:00:00Z",
            "log_index": log_index,
        }
    )


def test_a_value_read_again_after_a_crash_is_counted_once() -> None:
    """The archive answers a repeat with `duplicate`; it was no duplicate of anybody's making."""
    answers = first_answers(
        [
            receipt("archived", 0, log_index=0),
            receipt("duplicate", 0, log_index=0),
            receipt("refused", 1, "refused.json"),
            receipt("refused", 1, "refused.json"),
            receipt("duplicate", 2, log_index=0),
        ]
    )
    figures = count_answers(answers.values())
    assert (figures.archived, figures.duplicates, figures.refused, figures.equivocations) == (1, 1, 1, 0)
    assert figures.answered == 3


def test_a_sign_of_life_is_no_notice() -> None:
    """It is answered, and it is not in the ledger."""
    figures = count_answers([receipt("archived", 0), receipt("archived", 1, log_index=0)])
    assert (figures.archived, figures.heartbeats) == (1, 1)


def test_an_answer_without_a_place_counts_for_nothing() -> None:
    """Coordinates are information; without them nothing can be accounted for."""
    bare = receipt("archived", 0, log_index=0).model_copy(update={"inbound": None})
    assert first_answers([bare]) == {}


def test_the_line_and_its_reasons() -> None:
    """As promised, then each code with its count and its French sentence."""
    figures = count_answers(
        [receipt("archived", 0, log_index=0), receipt("refused", 1, "refused.lane"), receipt("equivocation", 2)]
    )
    line, *reasons = figures.lines()
    assert line == "archived=1 duplicates=0 refused=1 equivocations=1"
    assert [reason.split(":")[0].strip() for reason in reasons] == ["equivocation", "refused.lane"]
    assert "Mauvaise file" in reasons[1]
    assert ": 1 ·" in reasons[1]
