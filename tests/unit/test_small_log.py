"""The log that tests are made with is itself a real one: what it serves verifies, and its lies do not."""

import httpx
import pytest

from tamani.core.errors import RefusedError
from tamani.core.log.merkle import verify_consistency
from tamani.core.log.proof import Proof
from tamani.core.log.tiles import hashes_of, tiles_needed, unbundle
from tests.support.small_log import SmallLog, leaf, serving


def test_it_serves_what_a_log_serves() -> None:
    """Checkpoint, tiles, entries and proofs, over HTTP, all in agreement."""
    log = SmallLog().append(300)
    log.publish("bf", "ml")
    with serving(log) as url, httpx.Client() as client:
        seen = log.policy().see(client.get(f"{url}/checkpoint").content)
        proof = Proof.parse(client.get(f"{url}/proof/{leaf(7).env.hex()}").content)
        entries = unbundle(client.get(f"{url}/tile/entries/001.p/44").content)
        many = client.post(f"{url}/proofs", json={"env": [leaf(7).env.hex(), "00" * 32]}).json()
        unknown = client.get(f"{url}/proof/{'00' * 32}").status_code
    assert seen.attested
    assert proof.verify(proof.extra or b"", log.policy()).checkpoint.size == 300
    assert entries == log.entries[256:]
    assert (many["proofs"][0]["index"], many["proofs"][1], unknown) == (7, None, 404)


def test_its_tiles_make_its_proofs() -> None:
    """From the tiles alone, the same root."""
    log = SmallLog().append(600)
    with serving(log) as url, httpx.Client() as client:
        hashes = hashes_of(600, lambda tile: client.get(f"{url}/{tile.path}").content)
        assert hashes(0, 599) == log.hashes(0, 599)
        assert hashes(9, 0) == log.hashes(9, 0)
    assert tiles_needed(600, lambda given: given(9, 0))


def test_a_fork_agrees_up_to_its_beginning_and_no_further() -> None:
    """Same key, same first entries, another future."""
    log = SmallLog().append(20)
    fork = log.fork(15).append(10, mark="gap")
    proof = fork.consistency(15)
    assert verify_consistency(15, 25, proof, log.checkpoint(15).root, fork.checkpoint().root)
    assert fork.checkpoint(20) != log.checkpoint(20)


def test_a_lie_is_served_as_told() -> None:
    """`answers` replaces one path; a note signed by nobody we know is not believed."""
    log = SmallLog().append(3)
    log.answers["checkpoint"] = SmallLog(key=log.key).note().replace(b"\n0\n", b"\n9\n")
    with serving(log) as url, pytest.raises(RefusedError, match="signature"):
        log.policy().see(httpx.get(f"{url}/checkpoint").content)
