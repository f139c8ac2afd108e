"""A notice as its poster sees it: where it stands, in words, and why it was refused if it was."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Row

from tamani.core.codes import code
from tamani.core.event import format_time
from tamani.node.elsewhere import ALARM
from tamani.node.promises import ALARMS, ATTESTED
from tamani.node.publish import Accepted

State = Literal["to-validate", "sent-back", "waiting", "sent", "archived", "refused", "erased"]
LogState = Literal["included", "attested", "missing", "otherwise"]
STATES = {
    "to-validate": ("à valider", "to be validated"),
    "sent-back": ("renvoyé à l'auteur", "sent back"),
    "waiting": ("en attente", "waiting"),
    "sent": ("envoyé", "sent"),
    "archived": ("archivé", "archived"),
    "refused": ("refusé", "refused"),
    "erased": ("effacé", "erased"),
}


class AcceptedView(BaseModel):
    """The answer to a post: the node has it, and will not lose it."""

    id: str
    source: str
    subject: str
    state: Literal["waiting", "to-validate"] = Field(
        "waiting",
        description="`to-validate` if a second person of the body must release it; how it goes on is asked by its id",
    )
    sequence: str | None = Field(None, description="Its number; none before it is sealed")
    digest: str | None = Field(None, description="SHA-256 of the signed event, in hex; none before it is sealed")


class MessageView(BaseModel):
    """One notice and where it stands."""

    id: str
    source: str
    subject: str | None
    type: str | None = None
    state: State
    state_fr: str
    state_en: str
    sequence: str | None
    digest: str | None
    created_at: str | None = None
    sent_at: str | None = None
    answered_at: str | None = None
    code: str | None = Field(None, description="The region's answer")
    fr: str | None = None
    en: str | None = None
    detail: str | None = None
    log_index: int | None = None
    epoch: int | None = None
    leaf_index: int | None = Field(None, description="The entry of the log that the region has promised")
    log_state: LogState | None = Field(None, description="How that entry stands in the log")
    log_size: int | None = Field(None, description="The checkpoint under which it was proved")
    alarm: str | None = Field(None, description="Code of a promise that was not kept")
    alarm_fr: str | None = None
    alarm_en: str | None = None


class StrayView(BaseModel):
    """A notice that was archived under a key of the body and that this node never sealed."""

    id: str
    source: str
    keyid: str
    log_index: int
    answered_at: str


class StraysView(BaseModel):
    """The latest of them, and what they mean."""

    code: str
    fr: str
    en: str
    notices: list[StrayView]


class PageView(BaseModel):
    """Notices, newest first; `next` goes into `before` for the page after."""

    messages: list[MessageView]
    next: int | None = None


def accepted_view(accepted: Accepted) -> AcceptedView:
    """The answer to a post."""
    return AcceptedView(
        id=accepted.id,
        source=accepted.source,
        subject=accepted.subject,
        state="waiting",
        sequence=accepted.sequence,
        digest=accepted.digest,
    )


def message_view(row: Row[Any]) -> MessageView:
    """A row of the outbox, or what is left of one that is gone."""
    facts = row._asdict()
    said = code(facts["code"]) if facts["code"] else None
    log_state = facts.get("log_state")
    attested = facts["state"] == "archived" and log_state == ATTESTED
    state_fr, state_en = ("attesté", "attested") if attested else STATES[facts["state"]]
    alarm = code(ALARMS[log_state]) if log_state in ALARMS else None
    return MessageView(
        **{name: facts.get(name) for name in ("id", "source", "subject", "type", "state", "digest", "detail")},
        **{name: facts.get(name) for name in ("answered_at", "code", "log_index", "epoch")},
        **{name: facts.get(name) for name in ("leaf_index", "log_state", "log_size")},
        alarm=alarm.name if alarm else None,
        alarm_fr=alarm.fr if alarm else None,
        alarm_en=alarm.en if alarm else None,
        state_fr=state_fr,
        state_en=state_en,
        sequence=None if facts["sequence"] is None else str(facts["sequence"]),
        created_at=time_of(facts.get("created_at")),
        sent_at=time_of(facts.get("sent_at")),
        fr=said.fr if said else None,
        en=said.en if said else None,
    )


def strays_view(found: Sequence[Row[Any]]) -> StraysView:
    """What a body's keys have said elsewhere."""
    alarm = code(ALARM)
    notices = [StrayView(**{name: row._mapping[name] for name in StrayView.model_fields}) for row in found]
    return StraysView(code=alarm.name, fr=alarm.fr, en=alarm.en, notices=notices)


def time_of(milliseconds: int | None) -> str | None:
    """A moment of the tables as the API writes it."""
    return None if milliseconds is None else format_time(datetime.fromtimestamp(milliseconds / 1000, UTC))
