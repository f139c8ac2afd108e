"""`tamani registry key|init|sign|publish|suspend|sheet`: officers' keys and the steps of a ceremony in a folder."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tamani.cli.say import Say
from tamani.core.errors import RefusedError
from tamani.core.names import Country

if TYPE_CHECKING:
    from tamani.core.registry import Registry
    from tamani.core.signing import SigningKey
    from tamani.core.trust.proposal import Proposal
    from tamani.core.trust.standing import Holder
    from tamani.runtime.ceremony import Ceremony
    from tamani.runtime.registry_folder import RegistryFolder

OFFICES = ("root", "officer", "deputy", "online")
OFFICERS = ("officer", "deputy")


def folder_of(data: Path, folder: Path | None) -> "RegistryFolder":
    """The registry's folder: the one named, or that of a platform."""
    from tamani.runtime.registry_folder import RegistryFolder

    return RegistryFolder(folder or data / "registry")


class _Options:
    """What several steps ask for."""

    def __init__(self, say: Say) -> None:
        self.data = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform."))
        self.where = typer.Option(None, "--folder", help=say("Dossier du registre.", "Folder of the registry."))
        self.key = typer.Option(..., "--key", help=say("Fichier de la clé.", "File of the key."))
        self.secret = typer.Option(..., help=say("Fichier de la phrase secrète.", "File of the passphrase."))


def add(registry: typer.Typer, say: Say) -> None:
    """Add the steps."""
    options = _Options(say)
    _add_beginning(registry, say, options)
    _add_signing(registry, say, options)
    _add_suspending(registry, say, options)


def _add_beginning(registry: typer.Typer, say: Say, options: _Options) -> None:
    @registry.command(help=say("Faire la clé d'un office.", "Make the key of an office."))
    def key(
        office: str = typer.Argument(help="root, officer, deputy, online"),
        country: Country = typer.Argument(help="bf, ml, ne; rg: online"),
        keys: Path = typer.Option(..., "--keys", help=say("Dossier où l'écrire.", "Folder to write it to.")),
        passphrase: Path = options.secret,
    ) -> None:
        from tamani.core.signing import SigningKey
        from tamani.core.trust.words import spoken
        from tamani.embedded.office_keys import name_of
        from tamani.node.keystore import read_passphrase, save_key

        if office not in OFFICES:
            raise RefusedError("refused.request", f"{office}: {', '.join(OFFICES)}")
        name = name_of(office, country)  # type: ignore[arg-type]
        made = save_key(keys, name, SigningKey.generate(), read_passphrase(passphrase))
        say.out(f"holder: {office}:{country}:{made.public.hex()}\nkeyid: {made.keyid}\nfile: {made.path}")
        say.out(f"{say('mots', 'words')}: {spoken(made.keyid)}")

    @registry.command(help=say("Commencer un registre.", "Begin a registry."))
    def init(
        holder: list[str] = typer.Option(..., help="root:bf:HEX"),
        *,
        delay_hours: int = typer.Option(24, help=say("Attente d'une nouvelle clé.", "How long a new key waits.")),
        take_over: Path | None = typer.Option(None, "--from", help=say("Ancien registre.", "Registry of before.")),
        old_key: str = typer.Option("", help=say("Sa clé publique (hex).", "Its public key (hex).")),
        data: Path = options.data,
        folder: Path | None = options.where,
    ) -> None:
        document = _old(take_over, old_key) if take_over else _empty()
        steps = _ceremony(data, folder)
        proposal = steps.begin([holder_of(text) for text in holder], document, now(), delay_hours * 3600)
        tell(say, steps, proposal)


def _add_signing(registry: typer.Typer, say: Say, options: _Options) -> None:
    @registry.command(help=say("Lire ce qui attend, et le signer.", "Read what waits, and sign it."))
    def sign(
        key: Path = options.key,
        passphrase: Path = options.secret,
        *,
        yes: bool = typer.Option(False, "--yes", help=say("Sans demander.", "Without asking.")),
        data: Path = options.data,
        folder: Path | None = options.where,
    ) -> None:
        steps = _ceremony(data, folder)
        tell(say, steps, steps.proposal())
        if not yes and not typer.confirm(say("Les empreintes concordent ; signer ?", "The fingerprints agree; sign?")):
            raise typer.Exit(1)
        tell(say, steps, steps.sign(_open(key, passphrase)), brief=True)

    @registry.command(help=say("Publier ce qui est complet.", "Publish what is complete."))
    def publish(
        key: Path = options.key,
        passphrase: Path = options.secret,
        *,
        out: Path | None = typer.Option(None, help=say("Écrire le registre ici.", "Write the registry here.")),
        send: bool = typer.Option(False, "--send", help=say("L'envoyer au bus.", "Send it to the bus.")),
        data: Path = options.data,
        folder: Path | None = options.where,
    ) -> None:
        steps = _ceremony(data, folder)
        found = steps.publish(_open(key, passphrase), now())
        value = steps.folder.path.read_bytes()
        if out is not None:
            out.write_bytes(value)
        if send:
            _send(value)
        say.out(f"version {found.version} · {steps.folder.path}")


def _add_suspending(registry: typer.Typer, say: Say, options: _Options) -> None:
    @registry.command(help=say("Suspendre une clé : un officier suffit.", "Suspend a key: one officer is enough."))
    def suspend(
        keyid: str = typer.Argument(help="keyid"),
        reason: str = typer.Option(..., help=say("Motif.", "Reason.")),
        key: Path = options.key,
        passphrase: Path = options.secret,
        *,
        data: Path = options.data,
        folder: Path | None = options.where,
    ) -> None:
        steps = _ceremony(data, folder)
        steps.suspend(full_keyid(steps, keyid), reason, _open(key, passphrase), now())
        say.note(
            "Le publicateur la rend effective : tamani registry publish.",
            "The publisher makes it effective: tamani registry publish.",
        )

    @registry.command(help=say("Écrire la feuille de cérémonie.", "Write the sheet of the ceremony."))
    def sheet(data: Path = options.data, folder: Path | None = options.where) -> None:
        steps = _ceremony(data, folder)
        tell(say, steps, steps.proposal())


def tell(say: Say, steps: "Ceremony", proposal: "Proposal", *, brief: bool = False) -> None:
    """The sheet on screen and, in both languages, in the folder; briefly: what is still wanting."""
    from tamani.core.trust.sheet import html_sheet, text_sheet

    for lang in ("fr", "en"):
        (steps.folder.folder / f"sheet.{lang}.txt").write_text(text_sheet(proposal, lang), "utf-8")
        (steps.folder.folder / f"sheet.{lang}.html").write_text(html_sheet(proposal, lang), "utf-8")
    if not brief:
        say.out(text_sheet(proposal, say.lang))
        return
    for error in proposal.lacks():
        say.out(f"{say('il manque', 'still wanting')} : {error.code.sentence(say.lang)} ({error.detail})")


def names_of(say: Say, registry: "Registry", keyids: Sequence[str]) -> str:
    """Who these keys of office belong to."""
    held = (registry.standing.holder(keyid) if registry.standing else None for keyid in keyids)
    return ", ".join(f"{one.office} {one.country}" for one in held if one)


def full_keyid(steps: "Ceremony", begin: str) -> str:
    """The key of a body or of an officer that begins so.

    Raises:
        RefusedError: `refused.registry.proposal`: none does, or several.
    """
    registry = steps.published()[0]
    holders = registry.standing.holders if registry.standing else ()
    keyids = [row.keyid for row in registry.keys] + [held.keyid for held in holders if held.office in OFFICERS]
    found = [keyid for keyid in keyids if keyid.startswith(begin.lower())]
    if len(found) != 1 or len(begin) < 8:
        raise RefusedError("refused.registry.proposal", begin[:64])
    return found[0]


def holder_of(text: str) -> "Holder":
    """`root:bf:<hex>` as a holder.

    Raises:
        RefusedError: `refused.request`.
    """
    from pydantic import ValidationError

    from tamani.core.signing import keyid_of
    from tamani.core.trust.standing import Holder

    try:
        office, country, public = text.split(":")
        keyid = keyid_of(bytes.fromhex(public))
        return Holder.model_validate({"keyid": keyid, "public": public.lower(), "country": country, "office": office})
    except (ValueError, ValidationError) as error:
        raise RefusedError("refused.request", f"{text[:80]}: root|officer|deputy|online:bf|ml|ne|rg:HEX") from error


def now() -> datetime:
    """Whole seconds, as everything signed says them."""
    return datetime.now(UTC).replace(microsecond=0)


def _ceremony(data: Path, folder: Path | None) -> "Ceremony":
    from tamani.runtime.ceremony import Ceremony

    return Ceremony(folder_of(data, folder))


def _open(key: Path, passphrase: Path) -> "SigningKey":
    from tamani.node.keystore import open_key, read_passphrase

    return open_key(key, read_passphrase(passphrase))


def _empty() -> "Registry":
    from tamani.core.registry import Node, Registry

    nodes = tuple(Node(name=country.value, country=country) for country in Country)
    return Registry(version=1, issued=now(), nodes=nodes)


def _old(path: Path, public: str) -> "Registry":
    from tamani.core.trust.legacy import open_single

    try:
        before = open_single(path.read_bytes(), bytes.fromhex(public))
    except (OSError, ValueError) as error:
        raise RefusedError("refused.registry", str(error)) from error
    return before.model_copy(update={"version": before.version + 1})


def _send(value: bytes) -> None:
    import asyncio

    from tamani.cli.serve import load
    from tamani.core.names import REGISTRY
    from tamani.runtime.kafka import KafkaProducer
    from tamani.runtime.settings import RegistrySettings

    async def sent() -> None:
        producer = await KafkaProducer(load(RegistrySettings)).start()
        try:
            await producer.send(REGISTRY, b"registry", value)
        finally:
            await producer.stop()

    asyncio.run(sent())
