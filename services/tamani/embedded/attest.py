"""The log's key, the keys of its three witnesses, and the policy that names them, on one machine.

In a real region each country makes its witness's key on a machine of its own, and hands over one line of text. Here all
are made at the first start: what is shown is real, but whoever has this machine is all three states.
"""

from pathlib import Path

from tamani.core.log.note import Kind, VerifierKey
from tamani.core.names import Country
from tamani.embedded.layout import Layout
from tamani.embedded.secrets import write_private
from tamani.embedded.settings import UpSettings
from tamani.runtime.note_keys import make_note_key, read_verifier
from tamani.runtime.sealed_key import LIGHT, read_passphrase

ORIGIN = "tamani.localhost/log"
WITNESS = "tamani.localhost/witness"


class Attestation:
    """Who signs and who witnesses in one data folder."""

    def __init__(self, layout: Layout, options: UpSettings) -> None:
        self._layout, self._options = layout, options

    @property
    def log_key(self) -> Path:
        """The log's key, kept with the registry: it must outlive the archive's host."""
        return self._layout.registry / "log.key"

    @property
    def policy(self) -> Path:
        """The policy file (C2SP tlog-policy), written anew at each start."""
        return self._layout.registry / "log-policy"

    @property
    def policy_text(self) -> str:
        """The policy file's text: the registry names it, so that its root vouches for it."""
        return self.policy.read_text()

    def passphrase_file(self, name: str) -> Path:
        """Of the key of the log (`log`), or of a country's witness (`witness.bf`)."""
        return self._layout.secrets.path(name)

    def url(self, country: Country) -> str:
        """Where a witness listens."""
        return f"http://127.0.0.1:{self._options.witness_ports[country]}"

    def prepare(self) -> None:
        """Make the keys that are missing, and write the policy.

        Raises:
            DefectError: `failed.keystore`.
        """
        write_private(self.policy, self._policy().encode())

    def _policy(self) -> str:
        """Enough are those that do not host: any two of three would allow a host to show two pasts."""
        options = self._options
        lines = [f"log {self._key(self.log_key, ORIGIN, Kind.NOTE, 'log')} http://127.0.0.1:{options.archive_port}/log"]
        for country in options.witness_ports:
            path = self._layout.witness(country) / "witness.key"
            key = self._key(path, f"{WITNESS}/{country}", Kind.COSIGNATURE, f"witness.{country}")
            lines.append(f"witness {country} {key} {self.url(country)}")
        others = [country for country in options.witness_ports if country is not options.log_host]
        return "\n".join([*lines, f"group states {len(others)} {' '.join(others)}", "quorum states", ""])

    def _key(self, path: Path, name: str, kind: Kind, secret: str) -> VerifierKey:
        passphrase = read_passphrase(self.passphrase_file(secret))
        return read_verifier(path) if path.exists() else make_note_key(path, name, kind, passphrase, LIGHT)
