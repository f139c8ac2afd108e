"""`tamani registry show|enrol`: the registry of a one-machine region (`tamani up`): who may speak, with which key."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tamani.cli.places import country_of_body
from tamani.cli.say import Say

if TYPE_CHECKING:
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

    @registry.command(help=say("Montrer qui est inscrit.", "Show who is enrolled."))
    def show(data: Path = data) -> None:
        current = _office(data).current
        say.out(f"version {current.version}")
        for body in current.bodies:
            keys = [f"{row.keyid[:16]} {row.state}" for row in current.keys if row.body == body.source]
            say.out(f"{body.source} · {body.names.said(say.lang)} · {', '.join(keys)}")

    @registry.command(help=say("Inscrire un organisme et sa clé.", "Enrol a body and its key."))
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
            "Relancez « tamani up » : le site ouvrira la clé et le bus recevra le registre.",
            "Restart 'tamani up': the site will open the key and the bus will get the registry.",
        )


def _office(data: Path) -> "Office":
    from tamani.embedded.enrol import Office
    from tamani.embedded.layout import Layout

    return Office(Layout(data.resolve()))
