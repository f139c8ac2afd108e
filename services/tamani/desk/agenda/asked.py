"""Which meetings a reader asks for, by body, country, profile and theme: the same for a page, a feed and mail."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

from tamani.core.errors import RefusedError
from tamani.desk.agenda.meetings import Meeting

MOST_VALUES = 20
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """No value means any. Within one of them any value will do; between them all must hold."""

    body: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """From the pairs of an address; other names are left alone.

        Raises:
            RefusedError: `refused.request`: more or longer values than any page offers.
        """
        given = list(pairs)
        found = {}
        for name in NAMES:
            values = tuple(dict.fromkeys(value for key, value in given if key == name and value))
            if len(values) > MOST_VALUES or any(len(value) > LONGEST or "\0" in value for value in values):
                raise RefusedError("refused.request", name)
            found[name] = values
        return cls(**found)

    def query(self) -> list[tuple[str, str]]:
        """As pairs for an address."""
        return [(name, value) for name in NAMES for value in getattr(self, name)]

    def match(self, meeting: Meeting) -> bool:
        """Whether this meeting is among those asked for."""
        return (
            (not self.body or not meeting.parties.isdisjoint(self.body))
            and (not self.origin or not meeting.countries.isdisjoint(self.origin))
            and (not self.profile or meeting.notice.row.profile in self.profile)
            and (not self.theme or not meeting.themes.isdisjoint(self.theme))
        )


NAMES = tuple(field.name for field in fields(Asked))
