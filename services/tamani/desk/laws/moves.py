"""The way of a file: each stage that a country reached, since when, what shows it, and who said so. Pure."""

from dataclasses import dataclass

from tamani.core.names import Country
from tamani.desk.rows import Notice
from tamani.desk.threads import Story


@dataclass(frozen=True, slots=True)
class Move:
    """A country at a stage, as a version of the file told it first."""

    country: Country
    stage: str
    since: str
    evidence: str
    said: Notice


def moves_of(story: Story) -> list[Move]:
    """Each country's stages, in the order in which they were told; by versions that count and were not taken back."""
    found: list[Move] = []
    last: dict[str, str] = {}
    by_index = {notice.row.feed_index: notice for notice in story.notices}
    for notice in (by_index[index] for index in story.state.history if index not in story.state.no_effect):
        if story.hides(notice):
            continue
        for step in notice.event.data.get("steps", ()):
            if last.get(step["country"]) != step["stage"]:
                last[step["country"]] = step["stage"]
                found.append(_move(step, notice))
    return found


def _move(step: dict[str, str], said: Notice) -> Move:
    since, evidence = step.get("since") or "", step.get("evidence") or ""
    return Move(Country(step["country"]), step["stage"], since, evidence, said)
