"""`tamani registry …`: who may speak, who decided it, and the ceremony by which officers change it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli import ceremony, proposing
from tamani.cli.places import country_of_body
from tamani.cli.say import Say
from tamani.core.errors import RefusedError

if TYPE_CHECKING:
    from tamani.core.registry import Registry
    from tamani.embedded.enrol import Office

RIGHTS = (
    "agenda.meeting:*",
    "agenda.item:*",
    "law.item:*",
    "monitor.report:*",
    "monitor.alert:*",
    "roadmap.progress:*",
)


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    registry = typer.Typer(no_args_is_help=True, help=say("Registre des organismes.", "Registry of bodies."))
    root.add_typer(registry, name="registry")
    data = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform."))
    _add_reading(registry, say, data)
    _add_enrol(registry, say, data)
    ceremony.add(registry, say)
    proposing.add(registry, say)


def _add_reading(registry: typer.Typer, say: Say, data: Any) -> None:
    """What the registry says, and how it came to say it."""
    where = typer.Option(None, "--folder", help=say("Dossier du registre.", "Folder of the registry."))

    @registry.command(help=say("Qui est inscrit, et l'empreinte.", "Who is enrolled, and the fingerprint."))
    def show(data: Path = data, folder: Path | None = where) -> None:
        current = ceremony.folder_of(data, folder).opened()
        if current is None:
            raise RefusedError("refused.registry.proposal", str(folder or data))
        _show_standing(say, current)
        for body in current.bodies:
            keys = [f"{row.keyid[:16]} {row.state}" for row in current.keys if row.body == body.source]
            say.out(f"{body.source} · {body.names.said(say.lang)} · {', '.join(keys)}")

    @registry.command(help=say("Ce que chaque version a changé.", "What each version changed."))
    def history(data: Path = data, folder: Path | None = where) -> None:
        from tamani.core.trust.describing import changes

        before: Registry | None = None
        for found in ceremony.folder_of(data, folder).history():
            document = found.as_signed or found
            by = ceremony.names_of(say, found, found.standing.signed_by if found.standing else ())
            say.out(f"{found.version} · {document.issued:%Y-%m-%d %H:%M} · {by}")
            if before is None or before.version < document.version:
                for line in changes(before, document, say.lang):
                    say.out(f"    {line}")
            for entry in found.standing.suspended if found.standing else ():
                say.out(f"    {say('suspendue', 'suspended')} {entry.keyid[:16]} · {entry.reason}")
            before = document


def _add_enrol(registry: typer.Typer, say: Say, data: Any) -> None:
    """Enrolling in one step, where one machine holds all offices."""

    @registry.command(help=say("Inscrire un organisme (« tamani up »).", "Enrol a body ('tamani up')."))
    def enrol(
        body: str = typer.Argument(help="/ml/commission-defense"),
        *,
        kind: str = typer.Option("secretariat", help=say("Genre d'organisme.", "Kind of body.")),
        fr: str = typer.Option(..., help=say("Nom en français.", "Name in French.")),
        en: str = typer.Option(..., help=say("Nom en anglais.", "Name in English.")),
        right: list[str] = typer.Option(list(RIGHTS), help=say("Type:profil permis.", "Type:profile allowed.")),
        tlp_max: str = typer.Option("AMBER", help="CLEAR, GREEN, AMBER, AMBER+STRICT, RED"),
        data: Path = data,
    ) -> None:
        from tamani.core.registry import Body, KeyRow, Names, Recipient

        office, country, now = _office(data), country_of_body(body), datetime.now(UTC).replace(microsecond=0)
        key, reading = office.ensure_key(country, body), office.ensure_identity(country, body)
        row = {"keyid": key.keyid, "public": key.public.hex(), "body": body, "node": country.value}
        fresh = office.enrol(
            [Body(source=body, kind=kind, names=Names(fr=fr, en=en), valid_from=now)],
            [KeyRow.model_validate(row | {"rights": tuple(right), "tlp_max": tlp_max, "not_before": now})],
            [Recipient(body=body, recipient=reading.recipient, not_before=now)],
            proofs={key.keyid: office.proof_of(key)},
        )
        say.out(f"{body} {key.keyid} · version {fresh.version}")
        say.note(
            "« tamani up », s'il tourne, transmet le registre et ouvre la clé de lui-même.",
            "'tamani up', if it runs, passes the registry on and opens the key by itself.",
        )


def _show_standing(say: Say, current: "Registry") -> None:
    """Version, fingerprint, dates and holders."""
    from tamani.core.trust.standing import days_left
    from tamani.core.trust.words import grouped, spoken

    standing = current.standing
    if standing is None:
        return
    left = days_left(standing.expires, datetime.now(UTC))
    say.out(f"version {current.version} · {say('racine', 'root')} {len(standing.roots)}")
    say.out(f"{say('empreinte', 'fingerprint')} {grouped(standing.roots[0])}\n  {spoken(standing.roots[0])}")
    say.out(f"{say('à renouveler avant le', 'to be renewed before')} {standing.expires:%Y-%m-%d} ({left})")
    for held in standing.holders:
        say.out(f"{held.office:<8} {held.country} {held.keyid[:16]}")
    for entry in standing.suspended:
        say.out(f"{say('suspendue', 'suspended')} {entry.keyid[:16]} {entry.name} · {entry.reason}")


def _office(data: Path) -> "Office":
    from tamani.embedded.enrol import Office
    from tamani.embedded.layout import Layout

    return Office(Layout(data.resolve()))
