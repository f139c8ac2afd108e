"""Opinions beside the article they are about, each with what became of it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tamani.desk.laws.gathering import Held
from tamani.desk.rows import Notice

_NUMBER = re.compile(r"[0-9]+(?:[.-][0-9]+)*")


@dataclass(frozen=True, slots=True)
class Remark:
    """What a body says about an article, and the answer it got (nothing yet: `outcome` is empty)."""

    answer: Notice
    article: str
    comment: str
    proposal: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """One body's answer to one request."""

    request: Held
    answer: Notice
    sense: str
    remarks: tuple[Remark, ...]


def opinions_on(text: Held, requests: Iterable[Held]) -> list[Opinion]:
    """The opinions that were given on any version of this text, the newest of each body."""
    asked = (held for held in requests if _about(held, text))
    return [_opinion(held, answer) for held in asked for answer in _answers(held)]


def _about(request: Held, text: Held) -> bool:
    ref = request.data.get("text")
    return isinstance(ref, dict) and (ref.get("source"), ref.get("id")) in text.names


def _answers(request: Held) -> list[Notice]:
    """The last answer of each body that has effect and was not taken back."""
    story, last = request.story, dict[str, Notice]()
    for notice in story.notices:
        counts = notice.row.feed_index not in story.state.no_effect and not story.hides(notice)
        if notice.row.type == "exchange.answer" and counts:
            last[notice.row.source] = notice
    return list(last.values())


def _opinion(request: Held, answer: Notice) -> Opinion:
    outcomes = request.data.get("outcomes") or ()
    said = answer.event.data
    remarks = tuple(_remark(answer, comment, outcomes) for comment in said.get("comments") or ())
    return Opinion(request, answer, str(said.get("opinion") or ""), remarks)


def _remark(answer: Notice, comment: dict[str, Any], outcomes: Iterable[dict[str, Any]]) -> Remark:
    found = next((one for one in outcomes if same_article(one["article"], comment["article"])), {})
    return Remark(
        answer=answer,
        article=comment["article"],
        comment=comment["comment"],
        proposal=comment.get("proposal") or "",
        outcome=found.get("outcome") or "",
        reason=found.get("reason") or "",
    )


def same_article(one: str, other: str) -> bool:
    """Whether two people mean the same article: `7`, `art. 7` and `Article 7` do."""
    first, second = _NUMBER.search(one), _NUMBER.search(other)
    if first and second:
        return first[0] == second[0]
    return one.casefold().strip() == other.casefold().strip()
