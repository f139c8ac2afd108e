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

    @property
    def conninfo(self) -> str:
        """How to connect to the database, with its password."""
        return with_password(self.database, self.database_password_file)

    @property
    def registry_path(self) -> Path:
        """The last good registry."""
        return self.data_dir / "registry.json"
