"""What a node must be told: whose it is, where it listens, where its keys and their passphrase are."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from tamani.core.names import Country
from tamani.runtime.settings import ServiceSettings


class NodeSettings(ServiceSettings):
    """Settings of a node (`TAMANI_NODE_…`)."""

    model_config = SettingsConfigDict(env_prefix="TAMANI_NODE_", frozen=True, extra="ignore")

    country: Country = Field(Country.RG, description="Origin of the bodies that post here: bf, ml, ne or rg")
    node: str | None = Field(
        None, description="Second part of the name where a country has several nodes (osc)", pattern="^[a-z0-9]{1,20}$"
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8400, description="Port to listen on", ge=0, le=65535)
    passphrase_file: Path | None = Field(None, description="File that holds the passphrase of the keys")
    heartbeat_seconds: float = Field(300.0, description="Interval of the sign of life", gt=0)
    log_policy: Path | None = Field(None, description="File (C2SP tlog-policy) that names the log and its witnesses")
    log_check_seconds: float = Field(30.0, description="Interval at which our notices are looked up in the log", gt=0)
    log_deadline_seconds: float = Field(
        3600.0, description="How long after its receipt a notice may be missing from the log without an alarm", gt=0
    )
    desk_url: str | None = Field(
        None, description="Desk of this country that has no node beside it: its erasures are confirmed by this node"
    )
    desk_token_file: Path | None = Field(
        None, description="File that holds a token of that desk, of the role `confirmer`"
    )
    metrics_open: bool = Field(False, description="Serve /metrics to other machines too, not only to this one")

    @property
    def name(self) -> str:
        """The node's name in the registry: `ml`, or `ml-osc`."""
        return f"{self.country}-{self.node}" if self.node else self.country.value

    @property
    def outbox_path(self) -> Path:
        """The outbox."""
        return self.data_dir / "outbox.sqlite"

    @property
    def tokens_path(self) -> Path:
        """The site's tokens, shared with its desk."""
        return self.data_dir / "tokens.sqlite"

    @property
    def keys_path(self) -> Path:
        """The encrypted keys."""
        return self.data_dir / "keys"

    @property
    def registry_path(self) -> Path:
        """The last good registry."""
        return self.data_dir / "registry.json"
