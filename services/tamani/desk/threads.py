"""A thread as one reader sees it: its notices, folded by `core.thread` into what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tamani.core.thread import Entry, ThreadState, fold
from tamani.desk.rows import Notice

Thread = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """A thread as one reader sees it: its notices in order, and the state they make."""

    notices: tuple[Notice, ...]
    state: ThreadState

    @classmethod
    def of(cls, notices: Sequence[Notice]) -> "Story":
        """Fold what this reader may see."""
        return cls(tuple(notices), fold(map(entry_of, notices)))

    def withdrawn(self) -> frozenset[str]:
        """The ids of the versions that were taken back by their own body."""
        return frozenset(
            str(notice.event.data.get("target", {}).get("id", ""))
            for notice in self.notices
            if notice.row.type == "withdrawal" and notice.row.feed_index not in self.state.no_effect
        )

    def hides(self, notice: Notice) -> bool:
        """Whether the content of this notice is no longer shown."""
        return notice.row.type != "withdrawal" and notice.row.id in self.withdrawn()

    def is_current(self, notice: Notice) -> bool:
        """Whether this version is the one in force."""
        current = self.state.current
        return current is not None and current.index == notice.row.feed_index


def entry_of(notice: Notice) -> Entry:
    """The entry of a notice."""
    return Entry(notice.row.feed_index, notice.event, frozenset(notice.row.marks), notice.envelope.keyid)


def stories(notices: Sequence[Notice]) -> dict[Thread, Story]:
    """The threads that these notices make."""
    parts: dict[Thread, list[Notice]] = {}
    for notice in notices:
        parts.setdefault(notice.thread, []).append(notice)
    return {thread: Story.of(part) for thread, part in parts.items()}
