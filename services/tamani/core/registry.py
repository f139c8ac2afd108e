"""Who may speak: bodies, their keys with rights and windows, and nodes, in one signed document with a version.

Names, institutions and predecessors are data with dates (they change); a slug never does. How the document is governed
(roots, officers, thresholds, signatures) is the matter of `core.trust`; a registry that it has opened says how it
stands (`standing`).
"""

import hashlib
from collections import Counter
from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.types import AwareDatetime

from tamani.core.errors import RefusedError
from tamani.core.names import SOURCE, Country, country_of
from tamani.core.recipients import is_recipient
from tamani.core.signing import is_weak_key, keyid_of
from tamani.core.trust.standing import Standing

Tlp = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]


def _is_source(text: str) -> str:
    if not SOURCE.fullmatch(text):
        raise ValueError("a source reads /<cc>/<body>")
    return text


Source = Annotated[str, AfterValidator(_is_source)]
# The kind of the body in whose name the archive tells what it finds: it speaks, and reads at no desk.
ARCHIVE = "archive"
# `monitor.alert:*` or `monitor.alert:a-confirmer`: a right with a slip in it would silently be none.
Right = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z]+)?:(\*|[a-z][a-z0-9-]*)$")]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(_Row):
    """A name in French and in English."""

    fr: str
    en: str

    def said(self, lang: str) -> str:
        """The name in the language asked for."""
        return self.en if lang.startswith("en") else self.fr


class Moment(_Row):
    """When a row came in: the document's version and time."""

    version: int = Field(ge=1)
    at: AwareDatetime


class Decision(Moment):
    """When and why a row became what it is. `by` is filled in when the registry is opened: whose signatures held."""

    reason: Annotated[str, Field(max_length=500)] = ""
    by: tuple[str, ...] = ()


class _Decided(_Row):
    """A row that officers decide."""

    decision: Decision | None = None


class Body(_Decided):
    """An institution that speaks on the bus. `enrols` is the prefix under which it may enrol others (a ministry)."""

    source: Source
    kind: str
    names: Names
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None
    predecessor: Source | None = None
    enrols: Annotated[str, Field(pattern=r"^/(bf|ml|ne)/[a-z0-9][a-z0-9-]*-$")] | None = None

    @property
    def country(self) -> Country:
        """Its origin."""
        return country_of(self.source)

    @property
    def name(self) -> str:
        """What tells it from other rows."""
        return self.source

    @property
    def reads(self) -> bool:
        """Whether anybody reads in its name, so that it makes sense to address it."""
        return self.kind != ARCHIVE

    def stands(self, at: datetime) -> bool:
        """Whether the body is enrolled at that instant."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


class KeyRow(_Decided):
    """One signing key: whose, on which node, for what, and since and until when.

    `superseded_by` names the key that follows it; `lifts` the suspensions that this row ends; `reply` is what the body
    says to a decision about its key, signed by the body.
    """

    keyid: str
    public: str
    body: Source
    node: str
    rights: tuple[Right, ...]
    tlp_max: Tlp = "AMBER"
    not_before: AwareDatetime
    not_after: AwareDatetime | None = None
    state: Literal["active", "suspended", "retired", "compromised"] = "active"
    retired_at: AwareDatetime | None = None
    compromised_since: AwareDatetime | None = None
    superseded_by: str | None = None
    lifts: tuple[str, ...] = ()
    reply: Annotated[str, Field(max_length=2000)] = ""
    enrolled: Moment | None = None

    @property
    def name(self) -> str:
        """What tells it from other rows."""
        return self.keyid

    @cached_property
    def public_bytes(self) -> bytes:
        """The 32 bytes of the key."""
        return bytes.fromhex(self.public)

    @cached_property
    def _rights(self) -> frozenset[str]:
        return frozenset(self.rights)

    def may(self, kind: str, profile: str) -> bool:
        """Whether this key may sign this profile of this type."""
        return f"{kind}:{profile}" in self._rights or f"{kind}:*" in self._rights


class Recipient(_Decided):
    """A reading key of a body: what is sealed for it is wrapped to this age recipient (X25519), within its window.

    The secret half never leaves the body's own site.
    """

    body: Source
    recipient: str
    not_before: AwareDatetime
    not_after: AwareDatetime | None = None

    @property
    def name(self) -> str:
        """What tells it from other rows."""
        return self.recipient

    def counts(self, at: datetime) -> bool:
        """Whether something may be sealed to it at that instant."""
        return self.not_before <= at and (self.not_after is None or at < self.not_after)


Row = Body | KeyRow | Recipient


class Node(_Row):
    """A machine that posts for bodies of one origin."""

    name: str
    country: Country


class LogPolicy(_Row):
    """Which log and whose witnesses count from `since` on, until the next: a policy file (C2SP tlog-policy), whole."""

    since: AwareDatetime
    text: Annotated[str, Field(max_length=16 * 1024)]

    @property
    def sha256(self) -> str:
        """Its name (hex)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Registry(_Row):
    """The whole document. An empty one (version 0) knows nobody."""

    version: int = Field(ge=0)
    issued: AwareDatetime
    bodies: tuple[Body, ...] = ()
    keys: tuple[KeyRow, ...] = ()
    nodes: tuple[Node, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    demo: bool = False
    # SHA-256 of the policy file that says which log and whose witnesses count: so the root vouches for it too.
    log_policy: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    # That file and all before it, oldest first (`core.trust.policies`); documents of earlier versions have none.
    log_policies: tuple[LogPolicy, ...] = ()
    standing: Standing | None = Field(None, exclude=True)
    # Before suspensions were laid over it; none if this is that document itself.
    as_signed: "Registry | None" = Field(None, exclude=True)

    @property
    def expires(self) -> datetime | None:
        """When its officers should have signed again; nothing stops then, but everybody is told."""
        return self.standing.expires if self.standing else None

    @property
    def fresh_until(self) -> datetime | None:
        """Until when the publisher has said that this is the newest."""
        return self.standing.fresh_until if self.standing else None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All that officers decide, one by one."""
        return (*self.bodies, *self.keys, *self.recipients)

    @cached_property
    def _keys(self) -> dict[str, KeyRow]:
        return {row.keyid: row for row in self.keys}

    @cached_property
    def _bodies(self) -> dict[str, Body]:
        return {body.source: body for body in self.bodies}

    def key(self, keyid: str) -> KeyRow | None:
        """The row of a key."""
        return self._keys.get(keyid)

    def body(self, source: str) -> Body | None:
        """The body of a source."""
        return self._bodies.get(source)

    def bodies_of(self, country: Country) -> tuple[Body, ...]:
        """The bodies of one origin."""
        return tuple(body for body in self.bodies if body.country == country)

    def recipients_of(self, source: str, at: datetime) -> tuple[str, ...]:
        """The age recipients to which what this body may read is sealed at that instant; none: it cannot read it."""
        return tuple(row.recipient for row in self.recipients if row.body == source and row.counts(at))

    def name(self, source: str, lang: str) -> str:
        """What people call this body; its source where the registry does not know it."""
        body = self.body(source)
        return body.names.said(lang) if body else source


def check_registry(registry: Registry) -> None:
    """What a document must hold beyond its shape.

    Raises:
        RefusedError: `refused.key.weak`, `refused.key.reused` or `refused.registry`.
    """
    if len(registry._keys) != len(registry.keys):
        raise RefusedError("refused.key.reused", "two rows of one key")
    if len(registry._bodies) != len(registry.bodies):
        raise RefusedError("refused.registry", "two rows of one body")
    for row in registry.keys:
        _check_key(registry, row)
    _check_recipients(registry)


def _check_recipients(registry: Registry) -> None:
    for row in registry.recipients:
        if registry.body(row.body) is None:
            raise RefusedError("refused.policy.body", row.body)
        if not is_recipient(row.recipient):
            raise RefusedError("refused.key.weak", f"recipient of {row.body}")
    if any(count > 1 for count in Counter(row.recipient for row in registry.recipients).values()):
        raise RefusedError("refused.key.reused", "two rows of one recipient")


def _check_key(registry: Registry, row: KeyRow) -> None:
    try:
        public = row.public_bytes
    except ValueError as error:
        raise RefusedError("refused.registry", f"public key of {row.body}") from error
    if is_weak_key(public):
        raise RefusedError("refused.key.weak", row.body)
    if keyid_of(public) != row.keyid:
        raise RefusedError("refused.registry", f"keyid of {row.body}")
    if registry.body(row.body) is None:
        raise RefusedError("refused.policy.body", row.body)
