"""`tamani registry propose …`: one change after another is added to what officers will sign."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.ceremony import holder_of, now, tell
from tamani.cli.places import country_of_body
from tamani.cli.proposed_rows import (
    change_of,
    changed_key,
    key_row,
    moment,
    new_key,
    policy_text,
    proof_of,
    rows_of_file,
    steps_of,
    with_more,
)
from tamani.cli.say import Say
from tamani.core.errors import RefusedError

if TYPE_CHECKING:
    from tamani.runtime.ceremony import Ceremony, Change


def add(registry: typer.Typer, say: Say) -> None:
    """Add the proposals."""
    propose = typer.Typer(no_args_is_help=True, help=say("Proposer un changement.", "Propose a change."))
    registry.add_typer(propose, name="propose")
    _add_bodies(propose, say)
    _add_names(propose, say)
    _add_keys(propose, say)
    _add_rotation(propose, say)
    _add_offices(propose, registry, say)


def _propose(say: Say, steps: "Ceremony", change: "Change") -> None:
    tell(say, steps, steps.propose(change, now()))


def _options(say: Say) -> tuple[Any, Any, Any]:
    """Where the registry lies, and why it changes."""
    data = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform."))
    where = typer.Option(None, "--folder", help=say("Dossier du registre.", "Folder of the registry."))
    return data, where, typer.Option("", help=say("Motif.", "Reason."))


def _key(say: Say) -> tuple[Any, Any]:
    """A new key, and that somebody holds it."""
    public = typer.Option(..., help=say("Clé publique (hex).", "Public key (hex)."))
    return public, typer.Option(..., help=say("Preuve de « keys new ».", "Proof from 'keys new'."))


def _add_bodies(propose: typer.Typer, say: Say) -> None:
    data, where, why = _options(say)
    public, proof = _key(say)

    @propose.command(help=say("Inscrire un organisme et sa clé.", "Enrol a body and its key."))
    def enrol(
        body: str = typer.Argument(help="/ml/commission-defense"),
        *,
        kind: str = typer.Option("secretariat", help=say("Genre d'organisme.", "Kind of body.")),
        fr: str = typer.Option(..., help=say("Nom en français.", "Name in French.")),
        en: str = typer.Option(..., help=say("Nom en anglais.", "Name in English.")),
        right: list[str] = typer.Option(..., help=say("Type:profil permis.", "Type:profile allowed.")),
        tlp_max: str = typer.Option("AMBER", help="CLEAR, GREEN, AMBER"),
        node: str | None = typer.Option(None, help=say("Nœud (ml, ml-osc).", "Node (ml, ml-osc).")),
        enrols: str | None = typer.Option(None, help=say("Préfixe d'un ministère.", "Prefix of a ministry.")),
        public: str = public,
        proof: str = proof,
        reason: str = why,
        data: Path = data,
        folder: Path | None = where,
    ) -> None:
        from tamani.core.registry import Node

        steps, country, at = steps_of(data, folder), country_of_body(body), now()
        names = {"fr": fr, "en": en}
        row = {"source": body, "kind": kind, "names": names, "valid_from": at, "enrols": enrols}
        key = {"body": body, "node": node or country.value, "rights": tuple(right), "tlp_max": tlp_max}
        change = change_of(steps, bodies=[row], keys=[new_key(steps, key, public, at)], reason=reason)
        more = (Node(name=node, country=country),) if node else ()
        _propose(say, steps, with_more(change, nodes=more, signatures=proof_of(body, public, proof)))


def _add_names(propose: typer.Typer, say: Say) -> None:
    data, where, why = _options(say)

    @propose.command(help=say("Changer les noms d'un organisme.", "Change a body's names."))
    def rename(
        body: str,
        *,
        fr: str = typer.Option(..., help=say("Nom en français.", "Name in French.")),
        en: str = typer.Option(..., help=say("Nom en anglais.", "Name in English.")),
        reason: str = why,
        data: Path = data,
        folder: Path | None = where,
    ) -> None:
        steps = steps_of(data, folder)
        found = steps.published()[0].body(body)
        if found is None:
            raise RefusedError("refused.request.body", body)
        row = found.model_dump() | {"names": {"fr": fr, "en": en}}
        _propose(say, steps, change_of(steps, bodies=[row], reason=reason))


def _add_keys(propose: typer.Typer, say: Say) -> None:
    data, where, why = _options(say)

    @propose.command(help=say("Retirer une clé.", "Retire a key."))
    def retire(keyid: str, reason: str = why, data: Path = data, folder: Path | None = where) -> None:
        steps = steps_of(data, folder)
        row = changed_key(steps, keyid, state="retired", retired_at=now())
        _propose(say, steps, change_of(steps, keys=[row], reason=reason))

    @propose.command(help=say("Déclarer une clé compromise.", "Declare a key compromised."))
    def compromise(
        keyid: str,
        *,
        since: str = typer.Option(..., help="2026-12-02T09:00:00Z"),
        reason: str = typer.Option(..., help=say("Motif.", "Reason.")),
        reply: str = typer.Option("", help=say("Réponse de l'organisme.", "The body's reply.")),
        data: Path = data,
        folder: Path | None = where,
    ) -> None:
        steps = steps_of(data, folder)
        row = changed_key(steps, keyid, state="compromised", compromised_since=moment(since), reply=reply)
        _propose(say, steps, change_of(steps, keys=[row], reason=reason))


def _add_rotation(propose: typer.Typer, say: Say) -> None:
    data, where, why = _options(say)
    public, proof = _key(say)

    @propose.command(help=say("Remplacer une clé, avec recouvrement.", "Replace a key, with an overlap."))
    def rotate(
        keyid: str,
        public: str = public,
        proof: str = proof,
        reason: str = why,
        *,
        at_once: bool = typer.Option(False, "--at-once", help=say("L'ancienne signe.", "The old one signs.")),
        data: Path = data,
        folder: Path | None = where,
    ) -> None:
        steps, at = steps_of(data, folder), now()
        old = key_row(steps, keyid)
        same = {name: getattr(old, name) for name in ("body", "node", "rights", "tlp_max")}
        new = new_key(steps, same, public, at, at_once=at_once)
        rows = [changed_key(steps, keyid, superseded_by=new["keyid"]), new]
        change = change_of(steps, keys=rows, reason=reason)
        _propose(say, steps, with_more(change, signatures=proof_of(old.body, public, proof)))


def _add_offices(propose: typer.Typer, registry: typer.Typer, say: Say) -> None:
    data, where, why = _options(say)

    @propose.command(help=say("Changer officiers, racines, publicateur.", "Change officers, roots, publisher."))
    def offices(
        holder: list[str] = typer.Option(..., help="deputy:ml:HEX"), data: Path = data, folder: Path | None = where
    ) -> None:
        steps = steps_of(data, folder)
        _propose(say, steps, with_more(change_of(steps), holders=tuple(map(holder_of, holder))))

    @propose.command("log-policy", help=say("Changer de journal ou de témoins.", "Change the log or its witnesses."))
    def log_policy(path: Path, data: Path = data, folder: Path | None = where) -> None:
        steps = steps_of(data, folder)
        _propose(say, steps, with_more(change_of(steps), log_policy=policy_text(path)))

    @propose.command("file", help=say("Lignes d'un fichier JSON.", "Rows of a JSON file."))
    def from_file(path: Path, reason: str = why, data: Path = data, folder: Path | None = where) -> None:
        steps = steps_of(data, folder)
        _propose(say, steps, change_of(steps, **rows_of_file(path), reason=reason))

    @registry.command(help=say("Lever une suspension : deux officiers.", "Lift a suspension: two officers."))
    def restore(
        keyid: str,
        reason: str = typer.Option(..., help=say("Motif.", "Reason.")),
        data: Path = data,
        folder: Path | None = where,
    ) -> None:
        steps = steps_of(data, folder)
        found = steps.published()[0]
        row = key_row(steps, keyid)
        names = tuple(s.name for s in found.standing.suspended if s.keyid == row.keyid) if found.standing else ()
        lifted = {"lifts": (*row.lifts, *names), "state": "active" if row.state == "suspended" else row.state}
        _propose(say, steps, change_of(steps, keys=[changed_key(steps, keyid, **lifted)], reason=reason))
