"""The settings that every service shares. One frozen class a service; only settings files read the environment."""

import re
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class ServiceSettings(BaseSettings):
    """Where Kafka and the registry are, where data is kept, how loud the log is. Secrets are paths to files."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    kafka_bootstrap: str = Field("127.0.0.1:19092", description="Kafka brokers, host:port, comma between")
    kafka_username: str | None = Field(None, description="SASL user; none means an open listener")
    kafka_password_file: Path | None = Field(None, description="File that holds the SASL password")
    kafka_ca_file: Path | None = Field(None, description="CA certificate; given, the connection is TLS")
    registry_trust: tuple[str, ...] = Field(
        (), description="Fingerprints (hex) of the registry's root that are believed (JSON list)"
    )
    data_dir: Path = Field(Path(".tamani"), description="Where this service keeps its files")
    instance: str = Field("1", description="Name of this worker among its kind; stable over restarts")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(False, description="One JSON object a line instead of text")

    @property
    def kafka_password(self) -> str | None:
        """The SASL password, read from its file."""
        return self.kafka_password_file.read_text("utf-8").strip() if self.kafka_password_file else None

    @field_validator("registry_trust")
    @classmethod
    def _are_fingerprints(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        """Spaces and colons are for reading."""
        plain = tuple(re.sub(r"[\s:]", "", text).lower() for text in given)
        for text in plain:
            if not FINGERPRINT.fullmatch(text):
                raise ValueError(f"{text[:20]}…: 64 hexadecimal digits (tamani registry show)")
        return plain


class RegistrySettings(ServiceSettings):
    """How `tamani registry publish --send` comes in to the broker (`TAMANI_REGISTRY_…`)."""

    model_config = SettingsConfigDict(env_prefix="TAMANI_REGISTRY_", frozen=True, extra="ignore")
