"""`tamani erase propose|sign|submit|show`: officers have a notice erased; each step passes one file on."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.ceremony import folder_of
from tamani.cli.http import bearer, failure
from tamani.cli.say import Say
from tamani.core.errors import OutageError, RefusedError

if TYPE_CHECKING:
    from tamani.core.erasure.order import SignedOrder
    from tamani.core.registry import Registry

ENDING = ".ordre.json"
BASES = ("consentement-retire", "protection", "erreur", "decision")


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    erase = typer.Typer(
        no_args_is_help=True,
        help=say("Effacer un avis : deux officiers et un motif.", "Erase a notice: two officers and a reason."),
    )
    root.add_typer(erase, name="erase")
    _add_proposing(erase, say)
    _add_signing(erase, say)
    _add_submitting(erase, say)


def _add_proposing(erase: typer.Typer, say: Say) -> None:
    @erase.command(help=say("Établir un ordre, sans le signer.", "Draw up an order, unsigned."))
    def propose(
        id_: str = typer.Argument(metavar="ID", help=say("Identifiant de l'avis.", "Id of the notice.")),
        *,
        basis: str = typer.Option(..., help=", ".join(BASES)),
        reason: str = typer.Option(..., help=say("Motif, que tous liront.", "Reason, which all will read.")),
        site: str = typer.Option("http://127.0.0.1:8400", help=say("Adresse d'un site.", "Address of a site.")),
        token_file: Path | None = typer.Option(None, help=say("Fichier du jeton.", "File of the token.")),
        envelope: Path | None = typer.Option(
            None, help=say("Enveloppe signée, au lieu d'un site.", "Signed envelope, instead of a site.")
        ),
        recorded: str = typer.Option("", help=say("Son heure d'archivage (Z).", "When it was archived (Z).")),
        output: Path | None = typer.Option(None, "--output", "-o", help=f"ID{ENDING}"),
    ) -> None:
        from tamani.core.erasure.order import draw_up

        if envelope is not None:
            found = _enclosed(envelope, recorded)
        else:
            found = _ask("GET", f"{site.rstrip('/')}/v1/erasures/{id_}", headers=bearer(token_file))
        if found["state"] != "present":
            raise RefusedError("refused.erased", id_)
        signed = draw_up(found["facts"], basis, reason, datetime.now(UTC).replace(microsecond=0))
        file = output or Path(f"{id_}{ENDING}")
        _write(file, signed)
        _show(say, signed, None)
        for other in found["thread"]:
            say.note(
                f"Cet ordre n'atteint pas l'autre avis du fil : {other['id']} ({other['type']}) {other['title']}",
                f"This order does not reach the other notice of the thread: {other['id']} ({other['type']})",
            )
        say.note(f"Ordre écrit : {file}. À signer : tamani erase sign {file}", f"Order written: {file}.")


def _add_signing(erase: typer.Typer, say: Say) -> None:
    @erase.command(help=say("Lire un ordre, et le signer.", "Read an order, and sign it."))
    def sign(
        file: Path = typer.Argument(help=say("Fichier de l'ordre.", "File of the order.")),
        key: Path = typer.Option(..., "--key", help=say("Clé d'officier.", "Officer's key.")),
        passphrase: Path = typer.Option(..., help=say("Fichier de la phrase secrète.", "File of the passphrase.")),
        *,
        yes: bool = typer.Option(False, "--yes", help=say("Sans demander.", "Without asking.")),
        data: Path = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform.")),
        folder: Path | None = typer.Option(None, "--folder", help=say("Dossier du registre.", "Registry's folder.")),
    ) -> None:
        from tamani.node.keystore import open_key, read_passphrase

        signed, registry = _read(file), folder_of(data, folder).opened()
        _show(say, signed, registry)
        if not yes and not typer.confirm(say("Les empreintes concordent ; signer ?", "The fingerprints agree; sign?")):
            raise typer.Exit(1)
        signed = signed.signed(open_key(key, read_passphrase(passphrase)))
        _write(file, signed)
        for one in signed.approvals:
            say.out(f"{say('signé', 'signed')} {one.keyid[:16]}")


def _add_submitting(erase: typer.Typer, say: Say) -> None:
    archive = typer.Option("http://127.0.0.1:8410", help=say("Adresse de l'archive.", "Address of the archive."))

    @erase.command(help=say("Remettre un ordre signé à l'archive.", "Hand a signed order to the archive."))
    def submit(
        file: Path = typer.Argument(help=say("Fichier de l'ordre.", "File of the order.")), archive: str = archive
    ) -> None:
        signed = _read(file)
        done = _ask("POST", f"{archive.rstrip('/')}/v1/erasures", content=signed.encode())
        say.out(f"order={done['order']} leaf={done['leaf_index']} at={done['recordedtime']}")
        if done["again"]:
            say.note("Cet avis était déjà effacé : rien n'a changé.", "This notice was erased before: nothing changed.")

    @erase.command(help=say("Où en est un effacement.", "How an erasure stands."))
    def show(
        id_: str = typer.Argument(metavar="ID", help=say("Identifiant de l'avis.", "Id of the notice.")),
        site: str = typer.Option("http://127.0.0.1:8400", help=say("Adresse d'un site.", "Address of a site.")),
        token_file: Path | None = typer.Option(None, help=say("Fichier du jeton.", "File of the token.")),
    ) -> None:
        found = _ask("GET", f"{site.rstrip('/')}/v1/erasures/{id_}", headers=bearer(token_file))
        if found["state"] == "present":
            say.out(say("Cet avis n'est pas effacé.", "This notice is not erased."))
            raise typer.Exit(1)
        say.out(f"{say('effacé', 'erased')} {found['recorded']} · {found['basis']} · {found['reason']}")
        for one in found["confirmations"]:
            say.out(f"{say('confirmé', 'confirmed')} {one['part']} {one['recorded']}")
        for part in found["waiting"]:
            say.out(f"{say('attendu', 'waited for')} {part}")


def _enclosed(file: Path, recorded: str) -> dict[str, Any]:
    """What a signed envelope says of itself: evidence of an equivocation is on no page."""
    from tamani.core.envelope import decode_envelope
    from tamani.core.erasure.order import facts_of
    from tamani.core.event import decode_event
    from tamani.core.strict_json import BadJson

    try:
        envelope = decode_envelope(file.read_bytes().strip())
        event = decode_event(envelope.payload)
    except OSError as error:
        raise RefusedError("refused.request", f"{file}: {error.strerror}") from error
    except BadJson as error:
        raise RefusedError(error.code, error.detail) from error
    return {"state": "present", "facts": facts_of(envelope, event, recorded), "thread": []}


def _show(say: Say, signed: "SignedOrder", registry: "Registry | None") -> None:
    from tamani.core.erasure.sheet import sheet

    say.out(sheet(signed, registry, say.lang))


def _ask(method: str, url: str, **more: Any) -> dict[str, Any]:
    import httpx

    try:
        answer = httpx.request(method, url, timeout=30, **more)
    except httpx.HTTPError as error:
        raise OutageError("failed.node", type(error).__name__) from error
    if not answer.is_success:
        raise failure(answer)
    found: dict[str, Any] = answer.json()
    return found


def _read(file: Path) -> "SignedOrder":
    from tamani.core.erasure.order import decode_order

    try:
        return decode_order(file.read_bytes().strip())
    except OSError as error:
        raise RefusedError("refused.request", f"{file}: {error.strerror}") from error


def _write(file: Path, signed: "SignedOrder") -> None:
    try:
        file.write_bytes(signed.encode() + b"\n")
    except OSError as error:
        raise RefusedError("refused.request", f"{file}: {error.strerror}") from error
