"""The settings of each service of a test's bus, as the environment variables that a real deployment would give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.conninfo import make_conninfo

from tamani.core.log.note import Kind
from tamani.core.names import Country
from tamani.embedded.attest import ORIGIN, WITNESS
from tamani.runtime.note_keys import make_note_key
from tamani.runtime.sealed_key import LIGHT
from tests.support.notices import TRUSTED

if TYPE_CHECKING:
    from tests.support.bus import Bus

LOG_PASSPHRASE = b"une phrase pour le journal"
BASE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}


def site(bus: Bus, country: Country) -> dict[str, str]:
    """A node and a desk at one address."""
    folder, port = bus.site_folder(country), bus.ports[f"site-{country}"]
    both = {"country": country.value, "host": "127.0.0.1", "port": str(port)}
    node = both | {"passphrase_file": str(folder / "passphrase"), "log_policy": str(_log(bus)[1])}
    node["log_check_seconds"] = "1"
    desk = both | {
        "database": _without_password(bus, f"desk_{country}"),
        "database_password_file": str(bus.databases[f"desk_{country}"].password_file),
        "passphrase_file": str(folder / "passphrase"),
        "archive_url": bus.archive_url,
        "archive_token_file": str(bus.archive_token_file(country)),
    }
    if bus.voice is not None:
        desk["log_policy"] = node["log_policy"]
    if bus.mail is not None:
        desk |= {"mail_host": "127.0.0.1", "mail_port": str(bus.mail), "mail_security": "none"}
        desk |= {"mail_sender": "agenda@example.org", "public_url": bus.url(country)}
        desk |= {"mail_quiet_from": "0", "mail_quiet_until": "0"}  # never quiet
    settings = _prefixed("NODE", node | _common(bus, f"node.{country}", folder, bus.site_kafka.get(country)))
    return BASE | settings | _prefixed("DESK", desk | _common(bus, f"desk.{country}", folder))


def osc(bus: Bus) -> dict[str, str]:
    """The second node of Mali: it posts, and has no desk."""
    own = {"country": "ml", "node": "osc", "host": "127.0.0.1", "port": str(bus.ports["node-osc"])}
    own |= {"passphrase_file": str(bus.osc_folder / "passphrase"), "log_policy": str(_log(bus)[1])}
    return BASE | _prefixed("NODE", own | _common(bus, "node.ml-osc", bus.osc_folder))


def archive(bus: Bus, name: str) -> dict[str, str]:
    """One archive worker."""
    folder = bus.folder / name
    key, policy = _log(bus)
    own = {
        "log_key": str(key),
        "log_policy": str(policy),
        "passphrase_file": str(bus.folder / "log" / "passphrase"),
        "instance": name,
        "host": "127.0.0.1",
        "port": str(bus.ports[name]),
        "database": _without_password(bus, "archive"),
        "database_password_file": str(bus.databases["archive"].password_file),
    }
    if bus.voice is not None:
        own |= {"notice_key": str(bus.voice), "notice_passphrase_file": str(bus.voice.with_name("passphrase"))}
    return BASE | _prefixed("ARCHIVE", own | _common(bus, "archive", folder))


def router(bus: Bus, name: str) -> dict[str, str]:
    """One router worker."""
    own = {"instance": name, "host": "127.0.0.1", "port": str(bus.ports[name])}
    return BASE | _prefixed("ROUTER", own | _common(bus, "router", bus.folder / name))


def witness(bus: Bus, country: Country) -> dict[str, str]:
    """A country's witness."""
    own = {
        "country": country.value,
        "port": str(bus.ports[f"witness-{country}"]),
        "data_dir": str(_witness_folder(bus, country)),
        "log_policy": str(_log(bus)[1]),
        "passphrase_file": str(bus.folder / "log" / "passphrase"),
    }
    return BASE | _prefixed("WITNESS", own)


def _witness_folder(bus: Bus, country: Country) -> Path:
    return bus.folder / f"witness-{country}"


def _log(bus: Bus) -> tuple[Path, Path]:
    """The log's key and a policy that names its witnesses, made once a bus; who needs the witnesses starts them."""
    folder = bus.folder / "log"
    key, policy = folder / "log.key", folder / "policy"
    if not policy.exists():
        folder.mkdir(parents=True)
        (folder / "passphrase").write_bytes(LOG_PASSPHRASE + b"\n")
        lines = [f"log {make_note_key(key, ORIGIN, Kind.NOTE, LOG_PASSPHRASE, LIGHT)} {bus.archive_url}/log"]
        for country in (Country.BF, Country.ML, Country.NE):
            path = _witness_folder(bus, country) / "witness.key"
            public = make_note_key(path, f"{WITNESS}/{country}", Kind.COSIGNATURE, LOG_PASSPHRASE, LIGHT)
            lines.append(f"witness {country} {public} http://127.0.0.1:{bus.ports[f'witness-{country}']}")
        policy.write_text("\n".join([*lines, "group states 2 bf ml", "quorum states", ""]))
    return key, policy


def _common(bus: Bus, principal: str, folder: Path, bootstrap: str | None = None) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    kafka = {name: str(value) for name, value in bus.kafka.settings(principal).items()}
    if bootstrap is not None:
        kafka["kafka_bootstrap"] = bootstrap
    trust = json.dumps(TRUSTED)
    return kafka | {"registry_trust": trust, "data_dir": str(folder), "log_level": "INFO"}


def _without_password(bus: Bus, name: str) -> str:
    database = bus.databases[name]
    return make_conninfo(
        host="127.0.0.1", port=str(bus.postgres.postgres.port), dbname=database.name, user=database.name
    )


def _prefixed(service: str, settings: dict[str, str]) -> dict[str, str]:
    return {f"TAMANI_{service}_{name}".upper(): value for name, value in settings.items()}
