"""What an officer of a body may do at their site. Whoever can change something must show a second factor."""

from collections.abc import Iterable
from enum import StrEnum

from tamani.core.errors import RefusedError


class Role(StrEnum):
    """A role; an officer has one or several. Every active officer reads."""

    READER = "reader"
    POSTER = "poster"
    VALIDATOR = "validator"
    HEAD = "head"


Roles = frozenset[Role]


def read_roles(names: Iterable[str]) -> Roles:
    """The roles of these names.

    Raises:
        RefusedError: `refused.officer.roles`: none, or one that does not exist.
    """
    given = list(names)
    if not given or not set(given) <= {role.value for role in Role}:
        raise RefusedError("refused.officer.roles", " ".join(given)[:80])
    return frozenset(Role(name) for name in given)


def needs_second_factor(roles: Roles) -> bool:
    """Whether these roles open anything but reading."""
    return bool(roles - {Role.READER})


def check_role(roles: Roles, needed: Role) -> None:
    """Let nobody act without the role.

    Raises:
        RefusedError: `refused.auth.role`.
    """
    if needed not in roles:
        raise RefusedError("refused.auth.role", needed.value)
