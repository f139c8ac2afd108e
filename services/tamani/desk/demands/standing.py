"""Who has answered what was asked, as one reader of the thread sees it. Pure."""

from dataclasses import dataclass

from tamani.core.event import parse_time
from tamani.desk.demands.asking import COMING, CONVOCATION, DECIDED, ENDED, SETTLING, Demand, demands_of, is_follow_up
from tamani.desk.rows import Notice
from tamani.desk.threads import Story

# States in which a notice still wants the answers that it has not got: a request once considered or closed does not.
OPEN = frozenset({"asked", "acknowledged", "answered", "declined", "tentative", "confirmed", "postponed"}) | DECIDED


@dataclass(frozen=True, slots=True)
class Party:
    """A body that is asked: its last word (`answered`, `partial`, `will-attend` …; none yet: empty), and the notice."""

    body: str
    word: str = ""
    answer: Notice | None = None

    @property
    def settled(self) -> bool:
        """Whether its answer is no longer waited for."""
        return self.word in SETTLING | COMING | ENDED


def asks(story: Story, notice: Notice) -> bool:
    """Whether this version still asks something: in force, not taken back, and its thread open."""
    state = story.state
    return state.state == "open" and state.status in OPEN and story.is_current(notice) and not story.hides(notice)


def parties(story: Story, notice: Notice) -> tuple[Party, ...]:
    """The bodies that this version asks, each with its last word; once for each thing that is asked of it."""
    return tuple(party for demand in demands_of(notice.event) for party in parties_to(story, notice, demand))


def parties_to(story: Story, notice: Notice, demand: Demand) -> tuple[Party, ...]:
    """The bodies of which this one thing is asked."""
    return tuple(_party(story, notice, body, demand.what) for body in demand.asked)


def owes(story: Story, notice: Notice, body: str) -> bool:
    """Whether this body has yet to answer."""
    return asks(story, notice) and any(one.body == body and not one.settled for one in parties(story, notice))


def _party(story: Story, notice: Notice, body: str, what: str) -> Party:
    if notice.row.type == CONVOCATION:
        return _attendance(story, notice, body)
    if what:
        return _in_charge(story, body, what)
    given = next(((word, index) for source, word, index in story.state.answers if source == body), None)
    # Asked anew after it was declined: what was said before is no answer to that.
    if given is None or (given[0] == "declined" and given[1] < notice.row.feed_index):
        return Party(body)
    return Party(body, given[0], _at(story, given[1]))


def _attendance(story: Story, notice: Notice, body: str) -> Party:
    """An answer given to an earlier version stands as long as the hour has not changed since."""
    given = [one for one in story.notices if one.row.type == "ack" and one.row.source == body and not story.hides(one)]
    level = str(given[-1].event.data.get("level")) if given else ""
    if level not in COMING:
        return Party(body)
    answered = str(given[-1].event.data["target"]["id"])
    hours = [parse_time(str(one.event.data["start"])) for one in story.notices if one.row.id == answered]
    same = hours == [parse_time(str(notice.event.data["start"]))]
    return Party(body, level, given[-1]) if same else Party(body)


def _in_charge(story: Story, body: str, what: str) -> Party:
    """The last word of this body on this action."""
    said = [one for one in story.notices if is_follow_up(one.event) and one.row.source == body and not story.hides(one)]
    said = [one for one in said if one.event.data["action"] == what and one.row.feed_index not in story.state.no_effect]
    last = next(reversed(said), None)
    return Party(body, str(last.event.data["level"]), last) if last else Party(body)


def _at(story: Story, index: int) -> Notice | None:
    return next((one for one in story.notices if one.row.feed_index == index), None)
