"""Where the embedded platform keeps what, below its data folder."""

from dataclasses import dataclass
from pathlib import Path

from tamani.core.names import Country
from tamani.embedded.secrets import Secrets


@dataclass(frozen=True, slots=True)
class Layout:
    """The data folder of one `tamani up`."""

    data: Path

    @property
    def secrets(self) -> Secrets:
        """Passwords and passphrases."""
        return Secrets(self.data / "secrets")

    @property
    def kafka(self) -> Path:
        """The broker's configuration and log segments."""
        return self.data / "kafka"

    @property
    def postgres(self) -> Path:
        """PostgreSQL (or its stand-in elsewhere, see `place`)."""
        return self.data / "postgres"

    @property
    def registry(self) -> Path:
        """The registry's document and signing key: the office of this one-machine region."""
        return self.data / "registry"

    def site(self, country: Country) -> Path:
        """A site's outbox, tokens, keys and its copy of the registry."""
        return self.data / "sites" / country.value

    def witness(self, country: Country) -> Path:
        """A witness's key and its copy of the log."""
        return self.data / "witnesses" / country.value

    def worker(self, name: str) -> Path:
        """What a worker of the region keeps beside Kafka and PostgreSQL."""
        return self.data / "workers" / name

    def log(self, name: str) -> Path:
        """The log of one part."""
        return self.data / "logs" / f"{name}.log"
