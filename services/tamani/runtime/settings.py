"""The settings that every service shares. One frozen class a service; only settings files read the environment."""

import base64
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Where Kafka and the registry are, where data is kept, how loud the log is. Secrets are paths to files."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    kafka_bootstrap: str = Field("127.0.0.1:19092", description="Kafka brokers, host:port, comma between")
    kafka_username: str | None = Field(None, description="SASL user; none means an open listener")
    kafka_password_file: Path | None = Field(None, description="File that holds the SASL password")
    kafka_ca_file: Path | None = Field(None, description="CA certificate; given, the connection is TLS")
    registry_trust: tuple[str, ...] = Field(
        (), description="Public keys (base64) whose registry is believed (JSON list)"
    )
    data_dir: Path = Field(Path(".tamani"), description="Where this service keeps its files")
    instance: str = Field("1", description="Name of this worker among its kind; stable over restarts")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(False, description="One JSON object a line instead of text")

    @property
    def kafka_password(self) -> str | None:
        """The SASL password, read from its file."""
        return self.kafka_password_file.read_text("utf-8").strip() if self.kafka_password_file else None

    @property
    def trusted(self) -> tuple[bytes, ...]:
        """The registry's trusted public keys as 32 bytes each."""
        return tuple(base64.b64decode(key, validate=True) for key in self.registry_trust)
