"""The log's policies that the registry has named, each with its time: so an old proof is held against those who counted
then, and no key of a log or a witness is anybody's key besides.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from tamani.core.errors import RefusedError
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.registry import LogPolicy, Registry
from tamani.core.signing import keyid_of
from tamani.core.trust.standing import Holder

# What one policy named may be signed under it this long after the next is named: services change one after the other.
OVERLAP = timedelta(days=35)
# Witnesses' clocks and the officers' may differ.
EARLY = timedelta(minutes=5)


def check_policies(document: Registry, past: Mapping[str, Holder]) -> None:
    """Each policy is one, they follow each other, the last is in force, and each of their keys has that one role.

    Raises:
        RefusedError: `refused.log.policy`, `refused.log.key`, `refused.registry`, `refused.key.reused`.
    """
    named = document.log_policies
    if not named:
        return
    if named[-1].sha256 != document.log_policy or named[-1].since > document.issued:
        raise RefusedError("refused.registry", "log_policy")
    if any(earlier.since > later.since for earlier, later in pairwise(named)):
        raise RefusedError("refused.registry", "log_policies")
    roles: dict[str, str] = {}
    for policy in named:
        for keyid, role in _roles(parse_policy(policy.text.encode())).items():
            if roles.setdefault(keyid, role) != role:
                raise RefusedError("refused.key.reused", f"{role}: {roles[keyid]}")
    for keyid, role in roles.items():
        if (held := past.get(keyid)) is not None:
            raise RefusedError("refused.key.reused", f"{role}: {held.office} {held.country}")
        if (row := document.key(keyid)) is not None:
            raise RefusedError("refused.key.reused", f"{role}: {row.body}")


def _roles(policy: Policy) -> dict[str, str]:
    """Whose each key of a policy is: the name under which it signs notes."""
    parties = (*policy.logs, *policy.witnesses.values())
    return {keyid_of(party.key.public): party.key.name for party in parties}


def held_at(registry: Registry, text: str, at: datetime) -> bool:
    """Whether this policy was the one that counted at that time, or the one before it that still did."""
    named = registry.log_policies
    for number, policy in enumerate(named):
        over = named[number + 1].since + OVERLAP if number + 1 < len(named) else None
        if policy.text == text and policy.since - EARLY <= at and (over is None or at < over):
            return True
    return False


def with_policy(named: tuple[LogPolicy, ...], text: str | None, at: datetime) -> tuple[LogPolicy, ...]:
    """The same with this one in force from `at` on; nothing changes if it is, or if there is none to add."""
    if text is None or (named and named[-1].text == text):
        return named
    return (*named, LogPolicy(since=at, text=text))
