"""What a router worker must be told, beyond what every service is."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from tamani.router.limit import Limit
from tamani.runtime.settings import ServiceSettings


class RouterSettings(ServiceSettings):
    """Settings of a router worker (`TAMANI_ROUTER_…`)."""

    model_config = SettingsConfigDict(env_prefix="TAMANI_ROUTER_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address of /healthz and /metrics")
    port: int = Field(0, description="Port of /healthz and /metrics; 0 takes a free one")
    metrics_open: bool = Field(False, description="Serve /metrics to other machines too, not only to this one")
    limit_window: int = Field(1000, description="Refusals: how many of an origin's last notices are looked at", ge=10)
    limit_share: float = Field(0.95, description="Refusals: the share of one code that counts as all", gt=0, le=1)
    limit_origins: int = Field(2, description="Refusals: from how many origins at once before we stop", ge=1, le=4)

    @property
    def limit(self) -> Limit:
        """When refusals are our fault."""
        return Limit(self.limit_window, self.limit_share, self.limit_origins)

    @property
    def registry_path(self) -> Path:
        """The last good registry."""
        return self.data_dir / "registry.json"
