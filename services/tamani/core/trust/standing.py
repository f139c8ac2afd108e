"""How a registry that was opened stands: under which roots, with whose signatures, until when."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.types import AwareDatetime

from tamani.core.names import Country

Office = Literal["root", "officer", "deputy", "online"]


class Holder(BaseModel):
    """Who holds a key of the registry's own: a country's root, its officer, the officer's deputy, or the publisher."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keyid: str
    public: str
    country: Country
    office: Office


class Suspension(BaseModel):
    """One officer's word that a key must not count from now on. It stands until a row of the registry lifts it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    keyid: str
    at: AwareDatetime
    reason: str
    by: str


class Standing(BaseModel):
    """What the signatures around a registry said. Versions are those of each file (TUF §4.3)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roots: tuple[str, ...]
    document: int
    suspensions: int
    timestamp: int
    # of all that a version fixes: two contents under one version are a fork
    digest: str
    expires: AwareDatetime
    fresh_until: AwareDatetime
    genesis: int
    delay_seconds: int
    holders: tuple[Holder, ...]
    # everybody who ever held an office, for old signatures and for the rule of one key, one role
    past: tuple[Holder, ...]
    signed_by: tuple[str, ...]
    suspended: tuple[Suspension, ...]
    # keys that count only once this has lain in the log for `delay_seconds`: new, and not named by the key before them
    fresh: tuple[str, ...] = ()

    def holder(self, keyid: str) -> Holder | None:
        """Who holds, or once held, this key of the registry's own."""
        return next((held for held in (*self.holders, *self.past) if held.keyid == keyid), None)


def days_left(expires: datetime, now: datetime) -> int:
    """Whole days until then; negative once it is past."""
    return (expires - now).days


def warning(expires: datetime, now: datetime) -> Literal["", "60", "30", "7", "over"]:
    """Which reminder is due: at 60, 30 and 7 days, and when it is over."""
    left = (expires - now).total_seconds() / 86_400
    if left <= 0:
        return "over"
    if left <= 7:
        return "7"
    if left <= 30:
        return "30"
    return "60" if left <= 60 else ""
