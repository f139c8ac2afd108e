"""What `tamani up` may be told: where data are kept, on which ports to listen, where Kafka's jars are."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from tamani.core.names import Country

WITNESS_PORTS = {Country.BF: 8421, Country.ML: 8422, Country.NE: 8423}
SITE_PORTS = {Country.RG: 8400, Country.BF: 8401, Country.ML: 8402, Country.NE: 8403}


def default_jars() -> Path:
    """Where `deploy/up` puts Kafka's jars: beside the lock, in the checkout that this package belongs to."""
    return Path(__file__).resolve().parents[3] / "deploy" / "downloads" / "kafka"


class UpSettings(BaseSettings):
    """The embedded default. Command-line options win over the environment."""

    model_config = SettingsConfigDict(env_prefix="TAMANI_UP_", frozen=True, extra="ignore")

    data: Path = Field(Path(".tamani"), description="Folder of everything the platform keeps")
    host: str = Field("127.0.0.1", description="Address that the sites and the archive listen on")
    jars: Path = Field(default_factory=default_jars, description="Folder of Kafka's jars")
    kafka_port: int = Field(19092, description="Kafka, loopback")
    kafka_controller_port: int = Field(19093, description="Kafka's controller, loopback")
    postgres_port: int = Field(15432, description="PostgreSQL, loopback")
    archive_port: int = Field(8410, description="The archive's HTTP API")
    router_port: int = Field(8411, description="The router's health and figures")
    site_ports: dict[Country, int] = Field(SITE_PORTS, description="One port a site (JSON object)")
    witness_ports: dict[Country, int] = Field(WITNESS_PORTS, description="One port a witness (JSON object)")
    log_host: Country = Field(
        Country.NE, description="The country that hosts the archive: its own witness does not attest"
    )
    demo: bool = Field(False, description="Invented bodies, keys and notices, with a banner on every page")
    start_seconds: float = Field(120.0, description="How long a part may take to answer before we say so")
