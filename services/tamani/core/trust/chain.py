"""The roots, from the first to the newest: three keys, one a country, two needed; each root vouches for the next.

TUF §5.3: root N+1 carries the thresholds of N and of its own, and its version is N+1. Each also names the one before
it by fingerprint, so that whoever trusts any one of them knows the whole line, and who ever held an office.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.trust.metadata import fingerprint, holders_of, read_metadata, require
from tamani.core.trust.standing import Holder
from tamani.core.trust.tuf import Metadata, Root

CHARTER = "x-tamani"
STATES = frozenset({Country.BF, Country.ML, Country.NE})
ROOT_KEYS_NEEDED = OFFICERS_NEEDED = 2
OFFICES = {
    "root": {"root"},
    "targets": {"officer", "deputy"},
    "snapshot": {"online"},
    "timestamp": {"online"},
}


class Charter(BaseModel):
    """What the roots fix for ever, beside keys.

    `genesis`: the document's version that began this line: its keys are taken over as they were. `delay_seconds`: how
    long a new key waits. `previous`: the fingerprint of the root before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    genesis: int = Field(ge=1)
    delay_seconds: int = Field(ge=0)
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The roots that hold."""

    roots: tuple[Metadata[Root], ...]
    fingerprints: tuple[str, ...]
    holders: dict[str, Holder]
    past: dict[str, Holder]
    charter: Charter

    @property
    def root(self) -> Root:
        """The newest."""
        return self.roots[-1].signed


def open_chain(texts: Sequence[str], trusted: Sequence[str]) -> Chain:
    """The roots of a bundle, if one of them is trusted (fingerprints, hex) and each vouches for the next.

    Raises:
        RefusedError: `refused.registry.root`, `refused.registry.signature`, `refused.key…`, `refused.registry`.
    """
    roots = [read_metadata(text, Root) for text in texts]
    prints = [fingerprint(root) for root in roots]
    if not set(prints) & set(trusted):
        raise RefusedError("refused.registry.root", prints[0])
    past: dict[str, Holder] = {}
    holders: dict[str, Holder] = {}
    charter: Charter | None = None
    for number, root in enumerate(roots, 1):
        before, before_holders = (roots[number - 2], holders) if number > 1 else (root, None)
        holders = holders_of(root.signed)
        charter = _charter(root, charter, prints[number - 2] if number > 1 else "")
        _check_version(root.signed, number)
        _check_offices(root.signed, holders)
        require(root, root.signed.roles["root"], holders, countries=ROOT_KEYS_NEEDED)
        require(root, before.signed.roles["root"], before_holders or holders, countries=ROOT_KEYS_NEEDED)
        _check_roles(past, holders)
        past |= holders
    assert charter is not None  # noqa: S101 - a bundle has a root
    return Chain(tuple(roots), tuple(prints), holders, past, charter)


def _check_version(root: Root, number: int) -> None:
    if root.version != number:
        raise RefusedError("refused.registry.root", f"version {root.version}, not {number}")


def _charter(root: Metadata[Root], before: Charter | None, previous: str) -> Charter:
    try:
        charter = Charter.model_validate(root.signed.unrecognized_fields.get(CHARTER), strict=True)
    except ValidationError as error:
        raise RefusedError("refused.registry.root", "charter") from error
    same = before is None or charter.model_copy(update={"previous": before.previous}) == before
    if charter.previous != previous or not same:
        raise RefusedError("refused.registry.root", "charter")
    return charter


def _check_offices(root: Root, holders: dict[str, Holder]) -> None:
    """Each role has the keys of its office alone; a root and an officer for each country, a deputy at most."""
    for name, offices in OFFICES.items():
        role = root.roles[name]
        of = [holders.get(keyid) for keyid in role.keyids]
        if not of or any(held is None or held.office not in offices for held in of):
            raise RefusedError("refused.registry.root", f"keys of {name}")
        if name in {"root", "targets"} and role.threshold < OFFICERS_NEEDED:
            raise RefusedError("refused.registry.root", f"threshold of {name}")
    if set(holders) != {keyid for role in root.roles.values() for keyid in role.keyids}:
        raise RefusedError("refused.registry.root", "a key without a role")
    seats = [(held.office, held.country) for held in holders.values() if held.office != "online"]
    whole = {(office, country) for office in ("root", "officer") for country in STATES}
    if len(seats) != len(set(seats)) or not whole <= set(seats) or not {country for _, country in seats} <= STATES:
        raise RefusedError("refused.registry.root", "one key a country and office")


def _check_roles(past: dict[str, Holder], holders: dict[str, Holder]) -> None:
    """A key that ever had an office has no other, and no other country's."""
    for keyid, held in holders.items():
        if (before := past.get(keyid)) is not None and before != held:
            raise RefusedError("refused.key.reused", keyid[:16])
