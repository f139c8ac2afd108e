"""The steps of a notice that waits for a second person: from which state to which, and who may make them.

to-validate ── approve ──► released (sealed and sent)     never by its author
    │  ▲ ├──── refuse ───► refused                        never by its author
    │  │ └──── drop ─────► refused                        by its author alone
    ▼  └ said again
sent-back (by a validator with a remark, or taken back by its author) ── drop ──► refused
"""

from dataclasses import dataclass
from enum import StrEnum

from tamani.core.errors import RefusedError
from tamani.core.roles import Role


class ReviewState(StrEnum):
    """Where it stands. Nothing is sealed before `released`."""

    TO_VALIDATE = "to-validate"
    SENT_BACK = "sent-back"
    RELEASED = "released"
    REFUSED = "refused"


OPEN = frozenset({ReviewState.TO_VALIDATE, ReviewState.SENT_BACK})
UNSEALED = OPEN | {ReviewState.REFUSED}


@dataclass(frozen=True, slots=True)
class Step:
    """What one may do. `role`: of whoever does it; a validator is never the author, the others always are."""

    before: frozenset[ReviewState]
    after: ReviewState
    role: Role
    remark: bool = False
    code: str | None = None


_WAITS = frozenset({ReviewState.TO_VALIDATE})
STEPS = {
    "approve": Step(_WAITS, ReviewState.RELEASED, Role.VALIDATOR),
    "send-back": Step(_WAITS, ReviewState.SENT_BACK, Role.VALIDATOR, remark=True),
    "refuse": Step(_WAITS, ReviewState.REFUSED, Role.VALIDATOR, remark=True, code="refused.review"),
    "take-back": Step(_WAITS, ReviewState.SENT_BACK, Role.POSTER),
    "drop": Step(OPEN, ReviewState.REFUSED, Role.POSTER, code="refused.review.dropped"),
}


def check_step(name: str, state: str, author: str, officer: str) -> Step:
    """The step, if this officer may make it now on what `author` wrote ("" for a program).

    Raises:
        RefusedError: `refused.review.self` (nobody releases their own words), `refused.review.author`,
            `refused.review.state`.
    """
    step = STEPS[name]
    if step.role is Role.VALIDATOR and officer == author:
        raise RefusedError("refused.review.self")
    if step.role is Role.POSTER and officer != author:
        raise RefusedError("refused.review.author")
    if state not in step.before:
        raise RefusedError("refused.review.state", state)
    return step
