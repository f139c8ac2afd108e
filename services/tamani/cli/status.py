"""`tamani status`: what is up, what waits, how far behind the desks are, what was archived last."""

import json
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.say import Say

if TYPE_CHECKING:
    import httpx

# Figures of /metrics that an operator asks for first.
FIGURES = (
    "tamani_node_outbox_queued",
    "tamani_node_outbox_open",
    "tamani_node_outbox_oldest_queued_seconds",
    "tamani_node_log_",
    "tamani_node_key_elsewhere",
    "tamani_desk_behind_seconds",
    "tamani_desk_unreadable",
    "tamani_desk_mail_",
    "tamani_desk_pieces_",
    "tamani_archive_",
    "tamani_router_",
    "tamani_witness_size",
    "tamani_witness_alarms",
)

_MAIL = {
    "off": ("éteint : aucun serveur réglé", "off: no server set"),
    "starting": ("rien à envoyer encore", "nothing to send yet"),
    "ok": ("en marche", "up"),
    "away": ("serveur injoignable, les courriels attendent", "server out of reach, letters wait"),
}


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""

    @root.command(help=say("Ce qui tourne et ce qui attend.", "What is up and what waits."))
    def status(
        host: str = typer.Option("127.0.0.1", help=say("Machine des services.", "Machine of the services.")),
        site: list[str] = typer.Option(
            None, help=say("Site, par exemple ml=http://10.0.0.2:8402.", "Site, for instance ml=http://10.0.0.2:8402.")
        ),
        archive: str | None = typer.Option(None, help=say("Adresse de l'archive.", "Address of the archive.")),
        router: str | None = typer.Option(None, help=say("Adresse du routeur.", "Address of the router.")),
        as_json: bool = typer.Option(False, "--json", help=say("En JSON.", "As JSON.")),
    ) -> None:
        found = {name: _ask(url) for name, url in _services(host, site or [], archive, router).items()}
        if as_json:
            say.out(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            for name, facts in found.items():
                _show(say, name, facts)
        if any(not facts["up"] for facts in found.values()):
            raise typer.Exit(1)


def _services(host: str, sites: list[str], archive: str | None, router: str | None) -> dict[str, str]:
    """Those of `tamani up` here, unless addresses are given: then only these."""
    from tamani.cli.serve import load
    from tamani.embedded.settings import UpSettings

    settings = load(UpSettings)
    named = dict(entry.partition("=")[::2] for entry in sites)
    if named or archive or router:
        region = {"router": router, "archive": archive}
        return {f"site {name}": url for name, url in named.items()} | {name: url for name, url in region.items() if url}
    usual = {f"site {country}": port for country, port in settings.site_ports.items()}
    usual |= {"router": settings.router_port, "archive": settings.archive_port}
    usual |= {f"witness {country}": port for country, port in settings.witness_ports.items()}
    return {name: f"http://{host}:{port}" for name, port in usual.items()}


def _ask(url: str) -> dict[str, Any]:
    import httpx

    facts: dict[str, Any] = {"url": url, "up": False}
    try:
        with httpx.Client(base_url=url, timeout=5) as client:
            answer = client.get("/healthz")
            facts |= {"up": answer.status_code == httpx.codes.OK, "health": answer.json()}
            facts["figures"] = figures(client.get("/metrics"))
            if facts["health"].get("service") == "archive":
                facts["ledger"] = client.get("/v1/status").json()
    except (httpx.TransportError, ValueError) as error:
        facts["error"] = str(error) or type(error).__name__
    return facts


def figures(answer: "httpx.Response") -> dict[str, float]:
    """The figures that matter here, from the exposition text."""
    from prometheus_client.parser import text_string_to_metric_families

    if answer.status_code != 200:
        return {}
    samples = (sample for family in text_string_to_metric_families(answer.text) for sample in family.samples)
    wanted = (sample for sample in samples if sample.name.startswith(FIGURES) and not sample.name.endswith("_created"))
    return {f"{sample.name}{_labels(sample.labels)}": sample.value for sample in wanted}


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f"{name}={value}" for name, value in labels.items()) + "}" if labels else ""


def _show(say: Say, name: str, facts: dict[str, Any]) -> None:
    word = say("en marche", "up") if facts["up"] else say("arrêté", "down")
    say.out(f"{name:<10} {word:<10} {facts['url']}  {facts.get('error', '')}".rstrip())
    for figure, value in facts.get("figures", {}).items():
        say.out(f"    {figure} {value:g}")
    ledger = facts.get("ledger", {})
    if "size" in ledger:
        say.out(
            f"    {say('archivés', 'archived')} {ledger['size']} · {say('dernier', 'last')} {ledger['last_recorded']}"
        )
        say.out(f"    {say('retard', 'lag')} {ledger['lag']} · epoch {ledger['epoch']}")
        _show_log(say, ledger["log"])
    _show_registry(say, facts.get("health", {}))
    desk = facts.get("health", {}).get("desk", {})
    if desk.get("mail"):
        say.out(f"    {say('courriel', 'mail')} {say(*_MAIL[desk['mail']])}")
    if desk.get("complete_at"):
        say.out(f"    {say('complet au', 'complete at')} {desk['complete_at']}")


def _show_log(say: Say, log: dict[str, Any]) -> None:
    """The log's sizes; then, in words, what is wrong with it or with a witness."""
    say.out(
        f"    {say('journal', 'log')} {log['leaves']} · {say('signé', 'signed')} {log['signed']}"
        f" · {say('attesté', 'attested')} {log['attested']} ({log['attested_at'] or '–'})"
    )
    if log["state"] == "unsigned":
        say.out("    " + say("sans clé : rien n'est signé", "no key: nothing is signed"))
    elif log["state"] != "ok":
        say.out(f"    {say(log['fr'], log['en'])} ({log['state']}: {log['detail']})")
    for name, found in log.get("witnesses", {}).items():
        if found["state"] != "ok":
            say.out(f"    {say('témoin', 'witness')} {name} : {found['state']} ({found['detail']})")


def _show_registry(say: Say, health: dict[str, Any]) -> None:
    """The version held, and the reminder that is due."""
    found = health if "registry" in health else health.get("node", {})
    if not found.get("registry_expires"):
        return
    say.out(f"    {say('registre', 'registry')} {found['registry']} · {found['registry_expires']}")
    match found.get("registry_warning"):
        case "over":
            say.out(
                say(
                    "    le registre est échu : prévenez ses officiers",
                    "    the registry is past its date: tell its officers",
                )
            )
        case "" | None:
            pass
        case days:
            say.out(say(f"    à renouveler dans moins de {days} jours", f"    to be renewed within {days} days"))
