"""`tamani witness …`: a witness's key, what it has seen, and the proof of it, for whoever must be told."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.say import Say
from tamani.core.errors import DefectError, OutageError
from tamani.core.names import Country

if TYPE_CHECKING:
    from tamani.witness.settings import WitnessSettings

NAME = "tamani.localhost/witness"


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    witness = typer.Typer(no_args_is_help=True, help=say("Témoin du journal.", "Witness of the log."))
    root.add_typer(witness, name="witness")
    _keys(witness, say)
    _seen(witness, say)


def _keys(witness: typer.Typer, say: Say) -> None:
    country = typer.Option(None, help=say("Pays : bf, ml ou ne.", "Country: bf, ml or ne."))
    data = typer.Option(None, "--data-dir", help=say("Dossier du témoin.", "Folder of the witness."))
    secret = typer.Option(None, help=say("Fichier de la phrase secrète.", "File of the passphrase."))

    @witness.command(help=say("Faire la clé du témoin.", "Make the witness's key."))
    def init(
        country: Country | None = country,
        data_dir: Path | None = data,
        passphrase: Path | None = secret,
        name: str | None = typer.Option(None, help=say("Nom public du témoin.", "Public name of the witness.")),
    ) -> None:
        from tamani.core.log.note import Kind
        from tamani.runtime.note_keys import make_note_key
        from tamani.runtime.sealed_key import read_passphrase

        settings = _settings(country=country, data_dir=data_dir, passphrase_file=passphrase)
        if settings.passphrase_file is None:
            raise DefectError("failed.settings", "TAMANI_WITNESS_PASSPHRASE_FILE, --passphrase")
        secret = read_passphrase(settings.passphrase_file)
        public = make_note_key(settings.key_path, name or f"{NAME}/{settings.country}", Kind.COSIGNATURE, secret)
        say.out(f"witness {settings.country} {public}")
        say.note(
            "Donnez cette ligne, suivie de l'adresse du témoin, à qui tient le fichier de politique.",
            "Give this line, followed by the witness's address, to whoever keeps the policy file.",
        )

    @witness.command(help=say("Montrer la clé publique, pour la politique.", "Show the public key, for the policy."))
    def show(country: Country | None = country, data_dir: Path | None = data) -> None:
        from tamani.runtime.note_keys import read_verifier

        settings = _settings(country=country, data_dir=data_dir)
        say.out(f"witness {settings.country} {read_verifier(settings.key_path)}")


def _seen(witness: typer.Typer, say: Say) -> None:
    url = typer.Option("http://127.0.0.1:8421", help=say("Adresse du témoin.", "Address of the witness."))

    @witness.command(help=say("Jusqu'où il a co-signé, et ses alarmes.", "How far it cosigned, and its alarms."))
    def status(url: str = url) -> None:
        found = _ask(f"{url.rstrip('/')}/v1/status").json()
        say.out(f"{found['country']}: {found['size']} · {found['cosigned'] or '-'} · {found['root'][:16]}")
        for name, look in found["looks"].items():
            say.out(
                f"  {name:<4} {look['at']} {look['size'] if look['size'] is not None else '-'} {look['wrong'] or ''}"
            )
        for alarm in found["alarms"]:
            say.out(f"! {alarm['number']} {alarm['code']} · {alarm['since']} · {alarm['detail']}")
            say.out(f"  {say(alarm['fr'], alarm['en'])}")
        if found["alarms"]:
            raise typer.Exit(1)
        say.note("Aucune alarme.", "No alarm.")

    @witness.command(help=say("La preuve d'une alarme, en un fichier.", "The proof of an alarm, in one file."))
    def evidence(
        number: int = typer.Argument(help=say("Numéro donné par « status ».", "Number given by 'status'.")),
        url: str = url,
    ) -> None:
        say.out(_ask(f"{url.rstrip('/')}/v1/evidence/{number}").text)

    @witness.command(help=say("Vérifier une telle preuve, sans réseau.", "Verify such a proof, without a network."))
    def verify(
        file: Path = typer.Argument(help=say("Le fichier de preuve.", "The proof's file.")),
        policy: Path = typer.Option(help=say("Fichier de politique.", "Policy file.")),
    ) -> None:
        from tamani.core.log.conflict import Conflict
        from tamani.core.log.policy import parse_policy

        liars = Conflict.parse(_content(file)).verify(parse_policy(_content(policy)))
        smaller, larger = liars.smaller.checkpoint, liars.larger.checkpoint
        say.out(f"{' '.join(liars.names)}: {smaller.size} {smaller.root.hex()} ≠ {larger.size} {larger.root.hex()}")
        say.note(
            "La preuve tient : ceux qui sont nommés ont signé deux passés qui se contredisent.",
            "The proof holds: those named have signed two pasts that contradict each other.",
        )


def _settings(**given: Any) -> "WitnessSettings":
    from tamani.cli.serve import load
    from tamani.witness.settings import WitnessSettings

    return load(WitnessSettings, **given)


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise DefectError("failed.settings", f"{file}: {error.strerror}") from error


def _ask(url: str) -> Any:
    import httpx

    from tamani.cli.http import failure

    try:
        answer = httpx.get(url, timeout=10, trust_env=False)
    except httpx.TransportError as error:
        raise OutageError("failed.witness.away", f"{url}: {error}") from error
    if not answer.is_success:
        raise failure(answer)
    return answer
