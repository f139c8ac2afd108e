"""`tamani message sign|show|verify|open FILE`: an envelope made, read and checked, without any service or network."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.say import Say
from tamani.core.errors import RefusedError

if TYPE_CHECKING:
    from tamani.core.event import Event
    from tamani.core.recipients import Identity
    from tamani.core.registry import Registry


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    message = typer.Typer(no_args_is_help=True, help=say("Avis signés.", "Signed notices."))
    root.add_typer(message, name="message")
    _add_sign(message, say)
    _add_show(message, say)
    _add_verify(message, say)
    _add_open(message, say)


def _add_sign(message: typer.Typer, say: Say) -> None:
    @message.command(help=say("Signer un avis avec sa propre clé.", "Sign a notice with one's own key."))
    def sign(
        file: str = typer.Argument(help=say("Avis (JSON, comme pour « post »).", "Notice (JSON, as for 'post').")),
        key: Path = typer.Option(help=say("Fichier de la clé.", "File of the key.")),
        passphrase: Path = typer.Option(help=say("Fichier de la phrase secrète.", "File of the passphrase.")),
        sequence: int = typer.Option(help=say("Numéro dans votre série.", "Number in your series."), min=1),
    ) -> None:
        from tamani.core.envelope import encode_envelope
        from tamani.core.event import encode_event
        from tamani.node.keystore import list_keys, open_key
        from tamani.runtime.sealed_key import read_passphrase

        body = next(found.body for found in list_keys(key.parent) if found.path.name == key.name)
        event = _event(_json(_read(file)), body, sequence)
        sealed = encode_envelope(open_key(key, read_passphrase(passphrase)).sign(encode_event(event)))
        say.out(sealed.decode())


def _add_show(message: typer.Typer, say: Say) -> None:
    @message.command(help=say("Montrer ce que dit une enveloppe, sans la vérifier.", "Show an envelope, unverified."))
    def show(file: str = typer.Argument(help=say("Enveloppe.", "Envelope."))) -> None:
        from tamani.core.envelope import decode_envelope

        envelope = _strict(lambda: decode_envelope(_read(file).strip()))
        said = {"keyid": envelope.keyid, "event": _json(envelope.payload)}
        say.out(json.dumps(said, ensure_ascii=False, indent=2))
        say.note("Rien n'a été vérifié : voir « message verify ».", "Nothing was verified: see 'message verify'.")


def _add_verify(message: typer.Typer, say: Say) -> None:
    @message.command(help=say("Vérifier une enveloppe hors ligne.", "Verify an envelope offline."))
    def verify(
        file: str = typer.Argument(help=say("Enveloppe.", "Envelope.")),
        registry: Path = typer.Option(help=say("Registre signé (registry.json).", "Signed registry (registry.json).")),
        trust: list[str] = typer.Option(help=say("Empreinte de la racine (hex).", "Fingerprint of the root (hex).")),
    ) -> None:
        from tamani.core.judge import verify_again
        from tamani.core.verdict import Refuse

        known = _registry(registry, trust)
        verdict = verify_again(_read(file).strip(), known)
        if isinstance(verdict, Refuse):
            raise RefusedError(verdict.name, verdict.detail)
        event = verdict.event
        say.out(f"{event.source} {known.name(event.source, say.lang)}\n{event.type} {event.id}\n{event.subject}")
        say.note(
            f"Signature valable (registre version {known.version}).",
            f"The signature holds (registry version {known.version}).",
        )


def _add_open(message: typer.Typer, say: Say) -> None:
    @message.command("open", help=say("Ouvrir un avis scellé, hors ligne.", "Open a sealed notice, offline."))
    def open_(
        file: str = typer.Argument(help=say("Enveloppe.", "Envelope.")),
        *,
        capsule: Path = typer.Option(help=say("Capsule (.age), donnée par votre site.", "Capsule, from your site.")),
        identity: Path = typer.Option(help=say("Clé de lecture.", "Reading key.")),
        registry: Path = typer.Option(help=say("Registre signé (registry.json).", "Signed registry (registry.json).")),
        trust: list[str] = typer.Option(help=say("Clé de confiance (base64).", "Trusted key (base64).")),
        passphrase: Path = typer.Option(None, help=say("Fichier de la phrase secrète.", "File of the passphrase.")),
    ) -> None:
        from tamani.core.catalogue.sealed import TYPE
        from tamani.core.event import encode_event
        from tamani.core.judge import verify_again
        from tamani.core.sealing import open_sealed
        from tamani.core.verdict import Refuse

        verdict = verify_again(_read(file).strip(), _registry(registry, trust))
        if isinstance(verdict, Refuse):
            raise RefusedError(verdict.name, verdict.detail)
        if verdict.event.kind != TYPE.name:
            raise RefusedError("refused.type.unknown", f"{verdict.event.kind} != {TYPE.name}")
        within = open_sealed(verdict.event, _read(str(capsule)), [_identity(identity, passphrase)])
        say.out(encode_event(within).decode())
        say.note("Ne pas transmettre.", "Do not pass on.")


def _identity(path: Path, passphrase: Path | None) -> "Identity":
    """A site's encrypted file, or a plain age identity (its first line that is no comment)."""
    from tamani.core.recipients import Identity
    from tamani.desk.identities import open_identity
    from tamani.runtime.sealed_key import read_passphrase

    if passphrase is not None:
        return open_identity(path, read_passphrase(passphrase))
    lines = [line for line in _read(str(path)).decode("ascii", "replace").split() if line.startswith("AGE-SECRET-KEY-")]
    try:
        return Identity.from_secret(lines[0] if lines else "")
    except ValueError as error:
        raise RefusedError("refused.request", f"{path.name}: {error}") from error


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise RefusedError("refused.request", f"{file}: {error.strerror}") from error


def _strict(work: Any) -> Any:
    from tamani.core.strict_json import BadJson

    try:
        return work()
    except BadJson as error:
        raise RefusedError(error.code, error.detail) from error


def _json(raw: bytes) -> Any:
    from tamani.core.strict_json import loads

    return _strict(lambda: loads(raw))


def _event(body: Any, source: str, sequence: int) -> "Event":
    from datetime import UTC, datetime

    from uuid_utils import uuid7

    from tamani.core.event import format_time
    from tamani.node.drafts import make_event, read_draft, type_of

    draft = read_draft(body)
    kind = type_of(draft)
    id_ = draft.id or str(uuid7())
    return make_event(
        draft,
        kind,
        id=id_,
        source=source,
        subject=draft.subject or f"{kind.family}/{id_}",
        time=format_time(datetime.now(UTC)),
        sequence=str(sequence),
    )


def _registry(path: Path, trust: list[str]) -> "Registry":
    from tamani.core.trust.opening import open_registry

    try:
        return open_registry(path.read_bytes(), [text.replace(" ", "").lower() for text in trust])
    except OSError as error:
        raise RefusedError("refused.registry", str(error)) from error
