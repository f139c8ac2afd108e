"""The registry as a service holds it: no version back, no unsound document, the last good copy after a restart."""

from pathlib import Path

import pytest

from tamani.runtime.registry import RegistryHolder
from tamani.runtime.settings import ServiceSettings
from tests.support.mutations import weak_registries
from tests.support.notices import COMMISSION_ML, SOURCES, TRUSTED, key_row, registry_value


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "site" / "registry.json"


def holder(cache: Path, trust: tuple[str, ...] = TRUSTED) -> RegistryHolder:
    """One that trusts this root; it is not started, so it meets no broker."""
    return RegistryHolder(
        ServiceSettings(registry_trust=trust, data_dir=cache.parent, kafka_bootstrap="127.0.0.1:1"), cache
    )


def test_before_the_first_document_nobody_is_known(cache: Path) -> None:
    assert holder(cache).current.version == 0
    assert holder(cache).current.keys == ()


def test_a_version_never_goes_back_and_is_never_said_twice(cache: Path) -> None:
    """Whoever replays the document of before a suspension gains nothing."""
    held = holder(cache)
    suspended = [key_row(s, state="suspended" if s == COMMISSION_ML else "active") for s in SOURCES]
    offers = [(registry_value(version=3), True), (registry_value(version=4, keys=suspended), True)]
    offers += [
        (registry_value(version=3), False),
        (registry_value(version=4), False),
        (registry_value(version=1), False),
    ]
    assert [held.offer(value) for value, _ in offers] == [taken for _, taken in offers]
    assert held.current.version == 4
    assert {row.body for row in held.current.keys if row.state == "suspended"} == {COMMISSION_ML}


def test_no_unsound_document_is_taken_however_new(cache: Path) -> None:
    held = holder(cache)
    assert held.offer(registry_value())
    for value in (*weak_registries(first_version=50), b"", b"{}", b"[" * 100_000, registry_value(version=99)[:-9]):
        assert held.offer(value) is False
    assert held.current.version == 1
    assert held.value == registry_value()


def test_another_root_is_not_ours(cache: Path) -> None:
    assert holder(cache, ("0" * 64,)).offer(registry_value()) is False
    assert not cache.exists()


def test_the_last_good_copy_is_there_after_a_restart(cache: Path) -> None:
    assert holder(cache).offer(registry_value(version=8))
    again = holder(cache)
    assert again.current.version == 8
    assert again.value == registry_value(version=8)
    assert again.offer(registry_value(version=7)) is False


@pytest.mark.parametrize("kept", [b"", b"x", registry_value()[:200]], ids=["empty", "noise", "cut"])
def test_a_spoilt_copy_is_as_none(cache: Path, kept: bytes) -> None:
    """It is read with the same care as what comes from the bus: who can write the disk is still not the root."""
    cache.parent.mkdir(parents=True)
    cache.write_bytes(kept)
    held = holder(cache)
    assert held.current.version == 0
    assert held.offer(registry_value())
