"""What a reader of the README types into a browser: the ports of `tamani up` when nothing is said."""

import pytest

from tamani.core.names import Country
from tamani.embedded.settings import UpSettings
from tests.support.readme import README


def test_the_default_ports_are_those_that_are_written_down() -> None:
    """Every port of the embedded default, in one table; the README names each."""
    settings = UpSettings()
    ports = {f"site {country}": port for country, port in settings.site_ports.items()}
    ports |= {f"witness {country}": port for country, port in settings.witness_ports.items()}
    ports |= {name: getattr(settings, f"{name}_port") for name in ("archive", "router", "kafka", "postgres")}
    assert ports == {
        "site rg": 8400,
        "site bf": 8401,
        "site ml": 8402,
        "site ne": 8403,
        "archive": 8410,
        "router": 8411,
        "witness bf": 8421,
        "witness ml": 8422,
        "witness ne": 8423,
        "kafka": 19092,
        "postgres": 15432,
    }
    (table,) = [part for part in README.read_text("utf-8").split("\n\n") if part.startswith("| what | where |")]
    assert [port for port in ports.values() if str(port) not in table] == []
    assert settings.host == "127.0.0.1"


def test_a_port_from_the_environment_moves_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each can be set; the others stay."""
    monkeypatch.setenv("TAMANI_UP_KAFKA_PORT", "29092")
    monkeypatch.setenv("TAMANI_UP_SITE_PORTS", '{"ml": 9402}')
    settings = UpSettings()
    assert (settings.kafka_port, settings.postgres_port) == (29092, 15432)
    assert settings.site_ports == {Country.ML: 9402}
