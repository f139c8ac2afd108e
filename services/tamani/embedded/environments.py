"""The environment variables that tell each child what it is: the same that a real deployment would set."""

import json
from collections.abc import Mapping
from typing import Any

from tamani.core.names import Country
from tamani.embedded.archive_voice import PASSPHRASE, ensure_voice
from tamani.embedded.attest import ORIGIN, Attestation
from tamani.embedded.enrol import Office
from tamani.embedded.layout import Layout
from tamani.embedded.settings import UpSettings

# Nothing of the caller's environment: what a child does follows from the data folder and the options alone.
BASE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"}


class Environments:
    """Writes the settings of each service out."""

    def __init__(self, options: UpSettings, layout: Layout, office: Office) -> None:
        self._options = options
        self._layout = layout
        self._office = office
        self._attestation = Attestation(layout, options)

    def site(self, country: Country) -> dict[str, str]:
        """A node and a desk at one address, with the credentials of each."""
        secrets, options = self._layout.secrets, self._options
        both = {"country": country, "host": options.host, "port": options.site_ports[country]}
        node = both | {"passphrase_file": self._office.passphrase_file(country)}
        node |= {"log_policy": self._attestation.policy}
        desk = both | self._database(f"desk_{country}")
        desk |= {
            "archive_url": f"http://127.0.0.1:{options.archive_port}",
            "archive_token_file": secrets.path(archive_token(country)),
            "demo": options.demo,
            "passphrase_file": self._office.passphrase_file(country),
            "log_policy": self._attestation.policy,
        }
        folder = {"data_dir": self._layout.site(country)}
        return (
            BASE
            | prefixed("NODE", node | folder | self.kafka(f"node.{country}") | self._trust())
            | prefixed("DESK", desk | folder | self.kafka(f"desk.{country}") | self._trust())
        )

    def archive(self) -> dict[str, str]:
        """The archive worker."""
        own = {"host": self._options.host, "port": self._options.archive_port, **self._database("archive")}
        own |= {"log_origin": ORIGIN, "log_key": self._attestation.log_key, "log_policy": self._attestation.policy}
        own |= {"passphrase_file": self._attestation.passphrase_file("log")}
        voice = ensure_voice(self._layout, self._office)
        own |= {"notice_key": voice.path, "notice_passphrase_file": self._layout.secrets.path(PASSPHRASE)}
        return BASE | prefixed("ARCHIVE", own | self._worker("archive"))

    def witness(self, country: Country) -> dict[str, str]:
        """A country's witness; it needs no bus and no database server."""
        own = {
            "country": country,
            "host": "127.0.0.1",
            "port": self._options.witness_ports[country],
            "log_policy": self._attestation.policy,
            "data_dir": self._layout.witness(country),
            "passphrase_file": self._attestation.passphrase_file(f"witness.{country}"),
        }
        return BASE | prefixed("WITNESS", own)

    def router(self) -> dict[str, str]:
        """The router worker."""
        own = {"host": "127.0.0.1", "port": self._options.router_port}
        return BASE | prefixed("ROUTER", own | self._worker("router"))

    def kafka(self, principal: str) -> dict[str, Any]:
        """How a principal comes in to the broker."""
        return {
            "kafka_bootstrap": f"127.0.0.1:{self._options.kafka_port}",
            "kafka_username": principal,
            "kafka_password_file": self._layout.secrets.path(principal),
        }

    def _worker(self, name: str) -> dict[str, Any]:
        return {"data_dir": self._layout.worker(name), **self.kafka(name), **self._trust()}

    def _trust(self) -> dict[str, Any]:
        return {"registry_trust": json.dumps(self._office.trust)}

    def _database(self, name: str) -> dict[str, Any]:
        return {
            "database": f"host=127.0.0.1 port={self._options.postgres_port} dbname={name} user={name} sslmode=disable",
            "database_password_file": self._layout.secrets.path(f"postgres.{name}"),
        }


def archive_token(country: Country) -> str:
    """The name of the secret with which a desk reads the archive's past."""
    return f"archive-token.{country}"


def prefixed(service: str, values: Mapping[str, Any]) -> dict[str, str]:
    """`{"port": 8400}` of the service NODE becomes `{"TAMANI_NODE_PORT": "8400"}`. Paths are made absolute."""
    return {f"TAMANI_{service}_{name}".upper(): str(value) for name, value in values.items()}
