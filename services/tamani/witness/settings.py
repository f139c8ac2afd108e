"""What a witness must be told: whose it is, which log and witnesses it knows, where its key and its copy are."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from tamani.core.names import Country

PORTS = {Country.BF: 8421, Country.ML: 8422, Country.NE: 8423}


class WitnessSettings(BaseSettings):
    """Settings of a witness (`TAMANI_WITNESS_…`)."""

    model_config = SettingsConfigDict(env_prefix="TAMANI_WITNESS_", frozen=True, extra="ignore")

    country: Country = Field(Country.BF, description="The country that runs it, its name in the policy: bf, ml or ne")
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8421, description="Port to listen on", ge=0, le=65535)
    log_policy: Path = Field(
        Path(".tamani/registry/log-policy"),
        description="File (C2SP tlog-policy) with the log, its address, the witnesses",
    )
    data_dir: Path = Field(Path(".tamani"), description="Where it keeps its key and its copy of the log")
    passphrase_file: Path | None = Field(None, description="File that holds the passphrase of its key")
    mirror_seconds: float = Field(
        20.0, description="How long a request may wait for entries to be copied before it is told to come again", gt=0
    )
    watch_seconds: float = Field(60.0, description="Interval of its looks at the log and at the other witnesses", gt=0)
    metrics_open: bool = Field(False, description="Serve /metrics to other machines too, not only to this one")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(False, description="One JSON object a line instead of text")

    @property
    def key_path(self) -> Path:
        """Its encrypted key."""
        return self.data_dir / "witness.key"

    @property
    def database_path(self) -> Path:
        """What it cosigned last, and its copy of the log."""
        return self.data_dir / "witness.sqlite"
