"""`tamani proof export|verify`: the file that proves a notice, fetched from a site, checked without any network."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.files import read_file, write_file
from tamani.cli.http import bearer, failure
from tamani.cli.say import Say
from tamani.core.errors import OutageError, RefusedError

if TYPE_CHECKING:
    from tamani.core.proven import Outcome, Proven, Trust

FINGERPRINT_DIGITS = 64
SIGNS = {True: "✓", False: "✗", None: "–"}


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    proof = typer.Typer(no_args_is_help=True, help=say("Preuves d'un avis.", "Proofs of a notice."))
    root.add_typer(proof, name="proof")
    _add_export(proof, say)
    _add_verify(proof, say)


def _add_export(proof: typer.Typer, say: Say) -> None:
    @proof.command(help=say("Demander à un site la preuve d'un avis.", "Ask a site for the proof of a notice."))
    def export(
        id_: str = typer.Argument(metavar="ID", help=say("Identifiant de l'avis.", "Id of the notice.")),
        site: str = typer.Option("http://127.0.0.1:8400", help=say("Adresse du site.", "Address of the site.")),
        token_file: Path | None = typer.Option(None, help=say("Fichier du jeton.", "File of the token.")),
        output: Path | None = typer.Option(
            None, "--output", "-o", help=say("Fichier (sinon ID.preuve.json).", "File (else ID.preuve.json).")
        ),
    ) -> None:
        from tamani.core.bundle import ENDING, ProofBundle

        content = _fetch(site, id_, token_file)
        ProofBundle.parse(content)
        file = output or Path(f"{id_}{ENDING}")
        write_file(file, content)
        say.note(f"Preuve écrite : {file}. Vérifiez-la : tamani proof verify {file}", f"Proof written: {file}.")


def _add_verify(proof: typer.Typer, say: Say) -> None:
    @proof.command(help=say("Vérifier une preuve, sans réseau.", "Check a proof, without a network."))
    def verify(
        file: Path = typer.Argument(help=say("Fichier de preuve.", "Proof file.")),
        *,
        policy: Path | None = typer.Option(
            None,
            help=say("Politique que vous croyez (C2SP tlog-policy).", "Policy that you believe (C2SP tlog-policy)."),
        ),
        root: list[str] = typer.Option(
            None, "--root", help=say("Empreinte de la racine du registre.", "Fingerprint of the registry's root.")
        ),
        registry: Path | None = typer.Option(
            None,
            help=say(
                "Registre d'aujourd'hui (GET /v1/registry d'un site), s'il a changé de politique depuis.",
                "Today's registry (GET /v1/registry of a site), if its policy has changed since.",
            ),
        ),
        against: Path | None = typer.Option(
            None,
            help=say(
                "Autre preuve : l'organisme a-t-il signé deux contenus sous cet identifiant ?",
                "Another proof: has the body signed two contents under this id?",
            ),
        ),
        as_json: bool = typer.Option(False, "--json", help=say("En JSON.", "As JSON.")),
    ) -> None:
        from tamani.core.proving import prove

        trust = _trust(policy, root or [], registry)
        proofs = [prove(read_file(one), trust) for one in (file, against) if one is not None]
        if not _said(say, proofs, as_json=as_json):
            raise typer.Exit(1)


def _said(say: Say, proofs: "Sequence[Proven]", *, as_json: bool) -> bool:
    """Tell the verdict; whether the one proof holds, or the two contradict each other."""
    good = proofs[0].contradicts(proofs[1]) if proofs[1:] else proofs[0].holds
    if as_json:
        told = [shown(one, say.lang) for one in proofs]
        made = {"two_contents": good, "proofs": told} if proofs[1:] else told[0]
        say.out(json.dumps(made, ensure_ascii=False, indent=2))
    else:
        _tell_all(say, proofs)
    return good


def _tell_all(say: Say, proofs: Sequence["Proven"]) -> None:
    for proven in proofs:
        for outcome in proven.outcomes:
            _tell(say, outcome)
        _conclude(say, proven)
    if len(proofs) < 2 or not all(proven.holds for proven in proofs):
        return
    if proofs[0].contradicts(proofs[1]):
        body, facts = _body(say, proofs[0]), _facts(proofs[0])
        said = f"Deux contenus signés : {body} en a signé deux sous l'identifiant {facts['id']}."
        say.out(say(said, f"Two signed contents: {body} signed two under id {facts['id']}."))
    else:
        one = say("Les deux preuves ne se contredisent pas", "The two proofs do not contradict each other")
        why = say("même contenu, ou un autre identifiant", "the same content, or another id")
        say.out(f"{one} ({why}).")


def _trust(policy: Path | None, roots: list[str], registry: Path | None) -> "Trust":
    """What the verifier brings.

    Raises:
        RefusedError: `refused.request`: a fingerprint that is none, a registry without a root to believe it by;
            `refused.proof.policy`: nothing was brought.
    """
    from tamani.core.proven import Trust

    plain = tuple("".join(text.split()).replace(":", "").lower() for text in roots)
    for text in plain:
        if len(text) != FINGERPRINT_DIGITS or set(text) - set("0123456789abcdef"):
            raise RefusedError("refused.request", f"--root {text[:20]}…")
    if policy is None and not plain:
        raise RefusedError("refused.proof.policy")
    if registry is not None and not plain:
        raise RefusedError("refused.request", "--registry: --root")
    own, today = (None if path is None else read_file(path) for path in (policy, registry))
    return Trust(own, plain, today)


def shown(proven: "Proven", lang: str) -> dict[str, Any]:
    """The verdict for programs. What was learnt is told only where all of it holds."""
    steps = [
        {"step": o.step.value, "name": o.step.name.lower(), "holds": o.holds, "code": o.name or None}
        | {"detail": o.detail or None, "says": o.sentence(lang)}
        for o in proven.outcomes
    ]
    return {"holds": proven.holds, "steps": steps} | (_facts(proven) if proven.holds else {})


def _facts(proven: "Proven") -> dict[str, Any]:
    event, leaf, seen = proven.event, proven.leaf, proven.seen
    if event is None or leaf is None or seen is None or proven.witnessed is None or proven.registry is None:
        return {}
    return {
        "kind": leaf.kind,
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "tlp": event.tlp,
        "recorded": leaf.rt,
        "promised": proven.promised,
        "witnessed": proven.witnessed.isoformat().replace("+00:00", "Z"),
        "witnesses": sorted(seen.witnesses),
        "log": seen.checkpoint.origin,
        "index": proven.index,
        "size": seen.checkpoint.size,
        "registry": proven.registry.version,
        "event": json.loads(proven.envelope.payload) if proven.envelope else None,
    }


def _tell(say: Say, outcome: "Outcome") -> None:
    more = f" [{outcome.name}] {outcome.detail}".rstrip() if outcome.name else ""
    say.out(f"{SIGNS[outcome.holds]} {outcome.step.value} {outcome.sentence(say.lang)}{more}")


def _conclude(say: Say, proven: "Proven") -> None:
    facts = _facts(proven)
    if not proven.holds or proven.registry is None:
        say.out(say("La preuve NE TIENT PAS : ne vous y fiez pas.", "The proof DOES NOT HOLD: do not rely on it."))
        return
    body, what = _body(say, proven), f"{facts['id']} ({facts['type']})"
    fr, en = f"{body} a dit l'avis {what}, archivé", f"{body} said notice {what}, archived"
    if proven.second:
        fr = f"{body} a signé sous l'identifiant {what} un second contenu, gardé comme preuve"
        en = f"{body} signed a second content under id {what}, kept as evidence"
    recorded, seen, witnessed = facts["recorded"], ", ".join(facts["witnesses"]), facts["witnessed"]
    say.out(
        say(
            f"La preuve tient : {fr} le {recorded}, vu au journal par {seen} le {witnessed}.",
            f"The proof holds: {en} {recorded}, seen in the log by {seen} on {witnessed}.",
        )
    )


def _body(say: Say, proven: "Proven") -> str:
    if proven.registry is None or proven.event is None:
        return ""
    return f"{proven.registry.name(proven.event.source, say.lang)} ({proven.event.source})"


def _fetch(site: str, id_: str, token_file: Path | None) -> bytes:
    import httpx

    try:
        answer = httpx.get(f"{site.rstrip('/')}/v1/proofs/{id_}", headers=bearer(token_file), timeout=30)
    except httpx.HTTPError as error:
        raise OutageError("failed.node", type(error).__name__) from error
    if answer.status_code != httpx.codes.OK:
        raise failure(answer)
    return answer.content
