"""What waits for a second person, as its author and as those who may release it see it."""

from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Connection, Row

from tamani.core.codes import code
from tamani.core.second_person import Why
from tamani.node import review_rows
from tamani.node.drafts import Draft
from tamani.node.reviewing import Held, Reviews
from tamani.node.views import STATES, AcceptedView, MessageView, State, time_of

ReviewWord = Literal["to-validate", "sent-back", "released", "refused"]
Act = Literal["written", "approve", "send-back", "refuse", "take-back", "drop", "late", "alone"]


class Seen(BaseModel):
    """What an officer approves: the content that they were shown."""

    seen: str = Field(description="`digest` of the review as it was read")


class Remark(BaseModel):
    """What is said to the author."""

    remark: str = Field(description="From 3 to 1,000 characters, for the author")


class ActView(BaseModel):
    """A line of the trail."""

    act: Act
    by: str = Field(description="Function of the officer, label of the program; empty for the node itself")
    at: str


class ReviewView(BaseModel):
    """A notice that waits, or has waited, for a second person of its body."""

    id: str
    source: str
    state: ReviewWord
    why: Why
    author: str = Field(description="Function of the officer, or label of the program, who wrote it")
    yours: bool = Field(description="You wrote it, so another must release it")
    created_at: str
    changed_at: str
    digest: str
    draft: Draft | None = Field(
        None, description="Its content; none once it is decided, or where its key was taken away"
    )
    remark: str = ""
    acts: list[ActView] = Field([], description="Who did what; given for one notice")


class ReviewsView(BaseModel):
    """Those of the body, newest first."""

    reviews: list[ReviewView]


def review_view(reviews: Reviews, row: Row[Any], officer: str) -> ReviewView:
    """A row with its words, for an officer of its body."""
    return ReviewView(
        id=row.id,
        source=row.source,
        state=row.state,
        why=Why(row.why),
        author=row.author_name,
        yours=row.author == officer,
        created_at=time_of(row.created_at) or "",
        changed_at=time_of(row.changed_at) or "",
        digest=row.request_sha256,
        draft=reviews.draft(row) if reviews.readable(row) else None,
        remark=reviews.remark(row),
    )


def acts_of(connection: Connection, row: Row[Any]) -> list[ActView]:
    """Its trail."""
    trail = review_rows.trail(connection, row.source, row.id)
    return [ActView(act=one.act, by=one.name, at=time_of(one.at) or "") for one in trail]


def held_view(held: Held) -> AcceptedView:
    """The answer to a post that waits."""
    return AcceptedView(id=held.id, source=held.source, subject=held.subject, state="to-validate")


def waiting_view(reviews: Reviews, row: Row[Any]) -> MessageView:
    """A notice that is not sealed, or never was, among its body's own."""
    state: State = row.state
    state_fr, state_en = STATES[state]
    said = code(row.code) if row.code else None
    return MessageView(
        id=row.id,
        source=row.source,
        subject=row.subject,
        type=row.type,
        state=state,
        state_fr=state_fr,
        state_en=state_en,
        sequence=None,
        digest=None,
        created_at=time_of(row.created_at),
        answered_at=time_of(row.changed_at) if said else None,
        code=said.name if said else None,
        fr=said.fr if said else None,
        en=said.en if said else None,
        detail=reviews.remark(row) or None,
    )
