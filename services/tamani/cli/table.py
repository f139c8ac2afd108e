"""`tamani import FILE`: the rows of a table become notices at a node, each once however often the file is given.

What a page does for an officer (`desk.imports`), for a program: cells are read with the same words, faults are told by
row and column, and a row's id follows from the file's bytes, so that what was cut off is simply said again.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tamani.cli.http import bearer
from tamani.cli.post import insist
from tamani.cli.say import Say
from tamani.core.errors import RefusedError

if TYPE_CHECKING:
    from tamani.core.registry import Registry
    from tamani.desk.imports.rows import Row

# The time part of a row's id: the same for a file at any hour, so it tells no time (2026-01-01, in milliseconds).
BEGINNING = 1_767_225_600_000
TELL_EVERY = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said of a file: of which profile its rows are, whose, under which label and for whom."""

    kind: str
    profile: str
    body: str
    tlp: str
    lang: str
    audience: tuple[str, ...]

    def draft(self, row: "Row", ident: str) -> bytes:
        """The body of `POST /v1/messages`."""
        said = {"type": self.kind, "profile": self.profile, "id": ident, "tlp": self.tlp, "lang": self.lang}
        return json.dumps(said | {"audience": list(self.audience), "data": row.data}, ensure_ascii=False).encode()


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""

    @root.command("import", help=say("Publier un tableau, un avis par ligne.", "Post a table, one notice a row."))
    def import_(
        file: Path = typer.Argument(help=say("XLSX ou CSV, comme le modèle du site.", "XLSX or CSV, as the template.")),
        *,
        kind: str = typer.Option(..., "--type", help="law.provision, training.session…"),
        profile: str = typer.Option(..., help=say("Profil.", "Profile.")),
        body: str = typer.Option(..., help="/ml/commission-defense"),
        registry: Path = typer.Option(help=say("Registre signé (registry.json).", "Signed registry (registry.json).")),
        trust: list[str] = typer.Option(help=say("Empreinte de la racine (hex).", "Fingerprint of the root (hex).")),
        tlp: str = typer.Option("GREEN", help="CLEAR, GREEN, AMBER"),
        lang: str = typer.Option("fr", "--text-lang", help=say("Langue du texte.", "Language of the text.")),
        audience: list[str] = typer.Option([], help=say("Organisme lecteur.", "Body that reads.")),
        url: str = typer.Option("http://127.0.0.1:8400", help=say("Adresse du site.", "Address of the site.")),
        token_file: Path | None = typer.Option(None, help=say("Fichier du jeton.", "File of the token.")),
        check: bool = typer.Option(False, "--check", help=say("Vérifier, sans rien publier.", "Check, post nothing.")),
        patience: float = typer.Option(300.0, help=say("Secondes d'essais.", "Seconds to keep trying.")),
    ) -> None:
        raw = _read(file)
        asked = Asked(kind, profile, body, tlp, lang, tuple(sorted(set(audience))))
        rows = rows_of(raw, asked, _registry(registry, trust))
        if _told(say, rows) or check:
            raise typer.Exit(1 if any(row.wrong for row in rows) else 0)
        if token_file is None:
            raise RefusedError("refused.auth.token", "--token-file")
        door = _Door(f"{url.rstrip('/')}/v1/messages", bearer(token_file), patience)
        if _post(say, raw, asked, rows, door):
            raise typer.Exit(1)


def rows_of(raw: bytes, asked: Asked, registry: "Registry") -> "list[Row]":
    """What the rows say, without those that say nothing.

    Raises:
        RefusedError: `refused.import.…`, `refused.profile`.
    """
    from tamani.core.names import country_of
    from tamani.desk.forms.reading import Hand
    from tamani.desk.imports.cells import CellReader
    from tamani.desk.imports.columns import columns_of, importable
    from tamani.desk.imports.file import read_table
    from tamani.desk.imports.headings import find_heading
    from tamani.desk.imports.rows import Table, Verdict
    from tamani.desk.pages.publish import ZONES
    from tamani.runtime.clock import system_clock

    if not _known(asked.kind, asked.profile) or not importable(asked.kind, asked.profile):
        raise RefusedError("refused.profile", f"{asked.kind}:{asked.profile}")
    hand = Hand(asked.body, ZONES.get(country_of(asked.body), "Africa/Ouagadougou"))
    table = Table(asked.kind, asked.profile, hand, CellReader(registry, system_clock()))
    heading = find_heading(read_table(raw), columns_of(asked.kind, asked.profile))
    found = [row for row in table.rows(heading, []) if row.verdict is not Verdict.EMPTY]
    if not found:
        raise RefusedError("refused.import.empty")
    return found


def ident_of(raw: bytes, row: int) -> str:
    """The id of a row of a file (UUIDv7, RFC 9562 §5.7): the same for the same bytes and the same place."""
    from uuid import UUID

    digest = hashlib.sha256(hashlib.sha256(raw).digest() + row.to_bytes(4, "big")).digest()
    low = int.from_bytes(digest[:10], "big")
    return str(UUID(int=(BEGINNING << 80) | (7 << 76) | ((low >> 62 & 0xFFF) << 64) | (2 << 62) | (low & (2**62 - 1))))


def _known(kind: str, profile: str) -> bool:
    from tamani.core.catalogue import catalogue

    return kind in catalogue() and profile in catalogue()[kind].profiles


def _told(say: Say, rows: "list[Row]") -> bool:
    """Print what is to be mended, a line each: row, column, fault. Whether there is anything."""
    for row in rows:
        for one in row.wrong:
            heading = say(one.heading_fr, one.heading_en)
            say.out(f"{row.number}\t{heading or '–'}\t{say(one.fr, one.en)}")
    wrong = sum(bool(row.wrong) for row in rows)
    say.note(f"{len(rows)} lignes, {wrong} à corriger", f"{len(rows)} rows, {wrong} to mend")
    return wrong > 0


@dataclass(frozen=True, slots=True)
class _Door:
    """Where rows are said, as whom, and how long a node that is away is waited for."""

    url: str
    headers: dict[str, str]
    patience: float


def _post(say: Say, raw: bytes, asked: Asked, rows: "list[Row]", door: _Door) -> int:
    """Say each; how many the node has refused. An outage that lasts ends it, to be gone on with by the same command."""
    refused = 0
    for count, row in enumerate(rows, 1):
        ident = ident_of(raw, row.number)
        try:
            insist(say, door.url, asked.draft(row, ident), door.headers, door.patience)
            say.out(f"{row.number}\t{ident}")
        except RefusedError as error:
            if error.code.name.startswith("refused.auth."):
                raise
            refused += 1
            say.out(f"{row.number}\t{error.code.name}\t{error.detail}")
        if count % TELL_EVERY == 0 or count == len(rows):
            say.note(f"{count} / {len(rows)}", f"{count} / {len(rows)}")
    return refused


def _read(file: Path) -> bytes:
    from tamani.desk.imports import limits

    try:
        with file.open("rb") as found:
            return found.read(limits.FILE + 1)
    except OSError as error:
        raise RefusedError("refused.request", f"{file}: {error.strerror}") from error


def _registry(path: Path, trust: list[str]) -> "Registry":
    from tamani.core.trust.opening import open_registry

    try:
        return open_registry(path.read_bytes(), [text.replace(" ", "").lower() for text in trust])
    except OSError as error:
        raise RefusedError("refused.registry", str(error)) from error
