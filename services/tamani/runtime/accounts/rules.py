"""What a body asks of its own officers: that a second person sees all that it says, and not only what must have one.

A body can ask for more than the catalogue, never for less. The head decides; the trail keeps it.
"""

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from tamani.core.roles import Role, check_role
from tamani.runtime.accounts.book import Book, Officer, officer_of, row_of
from tamani.runtime.accounts.tables import body_rule

ALWAYS, USUAL = "second-person-always", "second-person-usual"


class Rules:
    """The rules of the bodies of one site."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def always_two(self, source: str) -> bool:
        """Whether this body wants a second person for all that it says."""
        with self._book.reading() as connection:
            found = connection.scalar(select(body_rule.c.always_two).where(body_rule.c.source == source))
        return bool(found)

    def set_always_two(self, by: Officer, wanted: bool) -> None:
        """Say so for the head's own body.

        Raises:
            RefusedError: `refused.auth.role`.
        """
        with self._book.writing() as connection:
            check_role(officer_of(row_of(connection, by.id)).roles, Role.HEAD)
            row = {"source": by.source, "always_two": wanted}
            said = insert(body_rule).values(row).on_conflict_do_update(index_elements=["source"], set_=row)
            connection.execute(said)
            self._book.note(connection, by.id, ALWAYS if wanted else USUAL, by.id)
