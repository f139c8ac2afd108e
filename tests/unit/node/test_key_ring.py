"""A node's keys while it runs: what appears is opened; what cannot be stops nobody."""

import asyncio
from pathlib import Path

import pytest

from tamani.core.errors import DefectError
from tamani.node.key_ring import KeyRing, open_ring
from tamani.node.keystore import LIGHT, save_key
from tests.support.notices import COMMISSION_ML, key_of
from tests.support.waiting import until

PASSPHRASE = b"une phrase pour les essais"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """One key, opened."""
    (tmp_path / "secret").write_bytes(PASSPHRASE + b"\n")
    save_key(tmp_path / "keys", COMMISSION_ML, key_of(COMMISSION_ML), PASSPHRASE, LIGHT)
    return open_ring(tmp_path / "keys", tmp_path / "secret")


def test_what_lies_there_at_the_start_is_open(ring: KeyRing) -> None:
    key = key_of(COMMISSION_ML)
    assert ring.keyids == {key.keyid}
    assert ring.get(key.keyid) == ring.keys[key.keyid] == key
    assert ring.open_new() == 0


async def test_a_file_that_appears_is_opened_while_it_runs(ring: KeyRing, tmp_path: Path) -> None:
    """The one before stays: that is the overlap."""
    stop = asyncio.Event()
    task = asyncio.create_task(ring.follow(stop))
    fresh = key_of(COMMISSION_ML, 1)
    save_key(tmp_path / "keys", COMMISSION_ML, fresh, PASSPHRASE, LIGHT)

    async def there() -> bool:
        return ring.get(fresh.keyid) == fresh

    await until(there, "the new key is open")
    stop.set()
    await task
    assert ring.keyids == {key_of(COMMISSION_ML).keyid, fresh.keyid}


def test_a_file_that_cannot_be_opened_is_told_once_and_stops_nobody(ring: KeyRing, tmp_path: Path) -> None:
    save_key(tmp_path / "keys", COMMISSION_ML, key_of(COMMISSION_ML, 1), b"une autre phrase", LIGHT)
    fresh = key_of(COMMISSION_ML, 2)
    save_key(tmp_path / "keys", COMMISSION_ML, fresh, PASSPHRASE, LIGHT)
    assert ring.open_new() == 1
    assert ring.open_new() == 0
    assert fresh.keyid in ring.keyids
    (tmp_path / "keys" / "x.key").write_bytes(b"{")
    assert ring.open_new() == 0
    assert fresh.keyid in ring.keyids


def test_without_a_passphrase_nothing_is_opened(tmp_path: Path) -> None:
    save_key(tmp_path / "keys", COMMISSION_ML, key_of(COMMISSION_ML), PASSPHRASE, LIGHT)
    ring = open_ring(tmp_path / "keys", None)
    assert ring.open_new() == 0
    assert ring.keyids == frozenset()


def test_a_wrong_passphrase_at_the_start_is_a_defect(ring: KeyRing, tmp_path: Path) -> None:
    assert ring.keyids
    (tmp_path / "secret").write_bytes(b"fausse\n")
    with pytest.raises(DefectError) as caught:
        open_ring(tmp_path / "keys", tmp_path / "secret")
    assert caught.value.code.name == "failed.keystore"
