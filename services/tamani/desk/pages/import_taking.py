"""Taking a file in: which tables an officer may fill, what they say of one, and what it would publish."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile

from tamani.core.codelists import terms
from tamani.core.errors import RefusedError
from tamani.core.policy import SEALED_ONLY
from tamani.core.rights import may_mark
from tamani.core.roles import Role
from tamani.desk.forms.sealing import marks_for
from tamani.desk.gate import Visitor
from tamani.desk.imports import limits
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.columns import columns_of, importable
from tamani.desk.imports.file import read_table
from tamani.desk.imports.grid import Line
from tamani.desk.imports.headings import Heading, find_heading
from tamani.desk.imports.pasting import read_pasted
from tamani.desk.imports.rows import Row, Table, There, Verdict
from tamani.desk.imports.standing import what_stands
from tamani.desk.imports.store import LONGEST_NAME, TO_POST, Given, digest_of
from tamani.desk.pages.publish import hand_of, publishable
from tamani.desk.service import Desk

# The text with pasted cells, and the button that asks for it to be read.
CELLS, PASTE = "cellules", "coller"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form says beside the table; `cells`: those that were pasted, to come back if they cannot be taken."""

    kind: str
    profile: str
    tlp: str
    lang: str
    audience: tuple[str, ...]
    cells: str = ""

    @classmethod
    def of(cls, kind: str, form: FormData) -> "Asked":
        """From the form."""

        def one(name: str, otherwise: str = "") -> str:
            value = form.get(name, otherwise)
            return value if isinstance(value, str) else otherwise

        audience = {value for value in form.getlist("audience") if isinstance(value, str)}
        return cls(kind, one("profil"), one("tlp"), one("lang", "fr"), tuple(sorted(audience)), one(CELLS))


@dataclass(frozen=True, slots=True)
class Brought:
    """A table as it came: a file, or cells that were copied from a spreadsheet; and what its person calls it."""

    name: str
    read: Callable[[], list[Line]]

    @classmethod
    async def of_file(cls, sent: object) -> "Brought":
        """A file of the form.

        Raises:
            RefusedError: `refused.import.none`.
        """
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise RefusedError("refused.import.none")
        raw = await sent.read(limits.FILE + 1)
        return cls("".join(c for c in sent.filename if c.isprintable())[:LONGEST_NAME], lambda: read_table(raw))

    @classmethod
    def of_cells(cls, text: str, name: str) -> "Brought":
        """Cells in a text.

        Raises:
            RefusedError: `refused.import.none`.
        """
        if not text.strip():
            raise RefusedError("refused.import.none")
        return cls(name, lambda: read_pasted(text))


async def take_table(desk: Desk, visitor: Visitor, asked: Asked, brought: Brought) -> str:
    """Read a table, keep what it would publish, and give its number.

    Raises:
        RefusedError: `refused.import.…`: why the table as a whole cannot be taken.
    """
    there = await what_stands(desk.queries, visitor.reader, asked.kind, asked.profile)
    table = Table(asked.kind, asked.profile, hand_of(desk, visitor), CellReader(desk.registry.current, desk.clock()))
    # A thousand rows take a second: other readers must not wait for them.
    heading, rows = await asyncio.to_thread(_read, brought, table, there)
    texts = {line.number: line.texts for line in heading.rows}
    who = visitor.as_officer()
    headings = {"headings": heading.texts, "strange": heading.strange}
    about: dict[str, Any] = {"tlp": asked.tlp, "audience": asked.audience, "lang": asked.lang}
    about |= {"name": brought.name} | headings
    given = Given(who.source, who.id, asked.kind, asked.profile, **about)
    rows = await _not_twice(desk, given, rows)
    return await desk.imports.add(given, [(row, texts[row.number]) for row in rows])


def _read(brought: Brought, table: Table, there: list[There]) -> tuple[Heading, list[Row]]:
    heading = find_heading(brought.read(), columns_of(table.kind, table.profile))
    if not heading.rows:
        raise RefusedError("refused.import.empty")
    if len(heading.rows) > limits.ROWS:
        raise RefusedError("refused.import.rows", f"> {limits.ROWS}")
    return heading, table.rows(heading, there)


async def _not_twice(desk: Desk, given: Given, rows: list[Row]) -> list[Row]:
    """What the node has taken from an earlier file is there, though the mirror may not show it yet."""
    digests = {row.number: digest_of(given, row.data) for row in rows if row.verdict in TO_POST}
    taken = await desk.imports.taken(set(digests.values()))
    return [
        Row(row.number, Verdict.SAME, row.title, by=given.body) if digests.get(row.number) in taken else row
        for row in rows
    ]


def check_readers(desk: Desk, visitor: Visitor, asked: Asked) -> None:
    """What the node would refuse of every row alike.

    Raises:
        RefusedError: `refused.policy.tlp`, `refused.policy.audience`.
    """
    if asked.tlp not in marks_of(desk, visitor, asked.kind, asked.profile):
        raise RefusedError("refused.policy.tlp", asked.tlp)
    if asked.tlp == "AMBER" and not asked.audience:
        raise RefusedError("refused.policy.audience", "TLP:AMBER")
    if any(desk.registry.current.body(one) is None for one in asked.audience) or asked.lang not in terms("languages"):
        raise RefusedError("refused.policy.audience", " ".join(asked.audience)[:80])


def marks_of(desk: Desk, visitor: Visitor, kind: str, profile: str) -> tuple[str, ...]:
    """Sealed notices are written one by one: a file waits in the desk's database until it is published."""
    marks = may_mark(desk.registry.current, visitor.as_officer().source, desk.clock())
    return tuple(mark for mark in marks_for(kind, profile, marks) if mark not in SEALED_ONLY)


def kinds_of(desk: Desk, source: str) -> dict[str, tuple[str, ...]]:
    """Type → profiles of which this body may publish a table."""
    found = {
        kind: tuple(one for one in profiles if importable(kind, one))
        for kind, profiles in publishable(desk, source).items()
    }
    return {kind: profiles for kind, profiles in found.items() if profiles}


def importable_profiles(desk: Desk, visitor: Visitor, kind: str) -> tuple[str, ...]:
    """The profiles of this type of which the officer may publish a table.

    Raises:
        RefusedError: `refused.auth.session`, `refused.auth.role`, `refused.policy.type`.
    """
    found = kinds_of(desk, visitor.as_officer(Role.POSTER).source).get(kind)
    if not found:
        raise RefusedError("refused.policy.type", kind[:40])
    return found
