"""Meetings that stand in each other's way: two that overlap and need the same people."""

from collections.abc import Sequence
from dataclasses import dataclass

from tamani.core.registry import Registry
from tamani.desk.agenda.meetings import Hours, Meeting

# What the registry calls the commissions and their common framework: their members are wanted at one table.
COUNCILS = frozenset({"commission", "secretariat", "framework"})


@dataclass(frozen=True, slots=True)
class Clash:
    """Two meetings, the hours that they have in common, and the bodies that are wanted at both."""

    one: Meeting
    other: Meeting
    hours: Hours
    shared: frozenset[str]


def find_clashes(meetings: Sequence[Meeting], registry: Registry) -> list[Clash]:
    """Every pair that overlaps and shares a body, or is convened by commissions of the same kind, by hour."""
    standing = sorted((m for m in meetings if not m.off), key=lambda m: (m.hours.start, m.hours.end, m.uid))
    wanted = [(meeting, meeting.parties, _is_council(meeting, registry)) for meeting in standing]
    found = []
    for number, (one, parties, council) in enumerate(wanted):
        for other, others, councils in wanted[number + 1 :]:
            if other.hours.start >= one.hours.end:
                break
            shared = parties & others
            if one.hours.overlap(other.hours) and (shared or (council and councils)):
                common = Hours(max(one.hours.start, other.hours.start), min(one.hours.end, other.hours.end))
                found.append(Clash(one, other, common, shared))
    return found


def _is_council(meeting: Meeting, registry: Registry) -> bool:
    body = registry.body(meeting.notice.row.source)
    return body is not None and body.kind in COUNCILS
