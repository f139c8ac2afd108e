"""What an archive worker must be told: where the ledger's PostgreSQL is, and where it answers desks."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from tamani.runtime.database import with_password
from tamani.runtime.settings import ServiceSettings


class ArchiveSettings(ServiceSettings):
    """Settings of an archive worker (`TAMANI_ARCHIVE_…`)."""

    model_config = SettingsConfigDict(env_prefix="TAMANI_ARCHIVE_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8410, description="Port to listen on; a second worker on one machine needs its own")
    database: str = Field(
        "host=127.0.0.1 port=15432 dbname=archive user=archive",
        description="The ledger's PostgreSQL (a libpq connection string), without the password",
    )
    database_password_file: Path | None = Field(None, description="File that holds the database password")
    lease_seconds: int = Field(10, description="How long a silent publisher keeps its turn", ge=2, le=300)
    most_held: int = Field(20, description="Notices in a row that the database may refuse before we stop", ge=1)
    metrics_open: bool = Field(False, description="Serve /metrics and /v1/status to other machines too")
    log_origin: str = Field("tamani.localhost/log", description="The log's name, the same for ever; its key bears it")
    log_key: Path | None = Field(None, description="Encrypted file of the log's key; none: nothing is signed")
    passphrase_file: Path | None = Field(None, description="File that holds the passphrase of the log's key")
    log_policy: Path | None = Field(None, description="File (C2SP tlog-policy) that names the log and its witnesses")
    notice_key: Path | None = Field(
        None, description="Key file of the body in whose name the archive tells what it finds; none: it tells nothing"
    )
    notice_passphrase_file: Path | None = Field(None, description="File that holds the passphrase of that key")
    gap_seconds: int = Field(3600, description="How long a number of a series may lack before its body is told", ge=1)
    silence_seconds: int = Field(
        86400,
        description="How long a node may give no sign of life before it is told: several of its heartbeats",
        ge=10,
    )
    checkpoint_seconds: float = Field(2.0, description="Interval of the log's checkpoints", gt=0, le=3600)

    @property
    def conninfo(self) -> str:
        """How to connect to the database, with its password."""
        return with_password(self.database, self.database_password_file)

    @property
    def log_state_path(self) -> Path:
        """What the log remembers of its own signatures."""
        return self.data_dir / "log-state.json"

    @property
    def registry_path(self) -> Path:
        """The last good registry."""
        return self.data_dir / "registry.json"
