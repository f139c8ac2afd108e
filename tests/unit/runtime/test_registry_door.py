"""The registry over HTTP: the exact bytes, or an outage; how it stands, in health and in figures."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest

from tamani.core.registry import Registry
from tamani.core.trust.opening import open_registry
from tamani.core.trust.writing import FRESH, LIFE
from tamani.runtime.problems import install_problems
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.registry_door import registry_facts, registry_routes, watch_registry
from tamani.runtime.settings import ServiceSettings
from tests.support.notices import START, TRUSTED, registry_value
from tests.support.registries import SIGNED

EMPTY = Registry.model_validate({"version": 0, "issued": START})


@pytest.fixture
def holder(tmp_path: Path) -> RegistryHolder:
    settings = ServiceSettings(registry_trust=TRUSTED, data_dir=tmp_path, kafka_bootstrap="127.0.0.1:1")
    return RegistryHolder(settings, tmp_path / "registry.json")


async def test_what_is_held_is_handed_out_byte_for_byte(holder: RegistryHolder) -> None:
    """Before the first, 503 with its code; unchanged, 304; whoever takes it can open it."""
    app = FastAPI()
    install_problems(app)
    app.include_router(registry_routes(holder))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site") as client:
        before = await client.get("/v1/registry")
        assert holder.offer(registry_value(version=3))
        found = await client.get("/v1/registry")
        again = await client.get("/v1/registry", headers={"If-None-Match": found.headers["etag"]})
        assert holder.offer(registry_value(version=4))
        newer = await client.get("/v1/registry", headers={"If-None-Match": found.headers["etag"]})
    assert (before.status_code, before.json()["code"]) == (503, "failed.registry")
    assert (found.status_code, found.content) == (200, registry_value(version=3))
    assert open_registry(found.content, TRUSTED).version == 3
    assert (again.status_code, again.content) == (304, b"")
    assert (newer.status_code, newer.content) == (200, registry_value(version=4))


@pytest.mark.parametrize(("days", "due"), [(61, ""), (30, "30"), (6, "7"), (-1, "over")])
def test_health_says_which_reminder_is_due(days: int, due: str) -> None:
    known = open_registry(registry_value(), TRUSTED)
    facts = registry_facts(known, SIGNED + LIFE - timedelta(days=days))
    assert facts == {"registry": 1, "registry_expires": "2100-01-01T00:00:00Z", "registry_warning": due}


def test_a_registry_without_dates_has_none() -> None:
    assert registry_facts(EMPTY, SIGNED) == {"registry": 0, "registry_expires": None, "registry_warning": ""}


def test_figures_follow_the_registry() -> None:
    held = [EMPTY]
    metrics = CollectorRegistry()
    watch_registry(metrics, "node", lambda: held[-1])
    assert b"tamani_node_registry_version 0.0" in generate_latest(metrics)
    held.append(open_registry(registry_value(version=5), TRUSTED))
    text = generate_latest(metrics).decode()
    assert "tamani_node_registry_version 5.0" in text
    values = dict(line.split() for line in text.splitlines() if not line.startswith("#"))
    assert float(values["tamani_node_registry_expires_seconds"]) == (SIGNED + LIFE).timestamp()
    assert float(values["tamani_node_registry_fresh_until_seconds"]) == (SIGNED + FRESH).timestamp()
