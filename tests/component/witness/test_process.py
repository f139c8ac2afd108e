"""A witness as its operator meets it: key, policy, process, what it says, and the proof that convicts."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tamani.cli.app import run
from tamani.core.log.note import Kind
from tamani.runtime.note_keys import make_note_key
from tests.support.cluster import wait_until
from tests.support.ports import free_ports
from tests.support.small_log import SmallLog, policy_text, serving
from tests.support.up_run import TAMANI


@pytest.fixture
def tamani(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The command line, in this process: status, output, errors."""

    def called(*words: str) -> tuple[int, str, str]:
        status = run(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    return called


def test_a_witness_from_its_key_to_its_proof(tmp_path: Path, tamani: Callable[..., tuple[int, str, str]]) -> None:
    """init, show, serve, cosign, be lied to, status, evidence, verify; a second life remembers."""
    log = SmallLog().append(40)
    secret, policy, proof = (tmp_path / name for name in ("secret", "log-policy", "proof"))
    secret.write_text("une phrase pour les essais\n")
    where = ("--country", "bf", "--data-dir", str(tmp_path / "bf"))
    _, made, _ = tamani("witness", "init", *where, "--passphrase", str(secret))
    assert tamani("witness", "show", *where)[1] == made
    assert "refused.key.reused" in tamani("witness", "init", *where, "--passphrase", str(secret))[2]
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    with serving(log) as url:
        rows = policy_text(log.key, url).split("\n")
        policy.write_text("\n".join(made.strip() if row.startswith("witness bf") else row for row in rows))
        with running(tmp_path, policy, port):
            assert httpx.post(f"{address}/add-checkpoint", content=log.request(0)).status_code == 200
            assert tamani("--lang", "en", "witness", "status", "--url", address)[::2] == (0, "No alarm.\n")
        with running(tmp_path, policy, port):
            assert httpx.post(f"{address}/add-checkpoint", content=log.request(0)).status_code == 409
            httpx.post(f"{address}/add-checkpoint", content=log.fork(3).append(37, mark="gap").request(0))
            status, said, _ = tamani("--lang", "fr", "witness", "status", "--url", address)
            assert (status, "deux autres pays" in said) == (1, True)
            proof.write_text(tamani("witness", "evidence", "1", "--url", address)[1])
            assert "refused.request.unknown" in tamani("witness", "evidence", "9", "--url", address)[2]
    assert log.key.name in tamani("witness", "verify", str(proof), "--policy", str(policy))[1]
    proof.write_text(proof.read_text().replace("40", "41", 1))
    assert "refused.log" in tamani("witness", "verify", str(proof), "--policy", str(policy))[2]
    assert "failed.settings" in tamani("witness", "verify", "/nowhere", "--policy", str(policy))[2]
    assert "failed.witness.away" in tamani("witness", "status", "--url", address)[2]


@contextmanager
def running(folder: Path, policy: Path, port: int) -> Iterator[None]:
    """The process, until it has ended in good order."""
    environment = {
        "TAMANI_WITNESS_COUNTRY": "bf",
        "TAMANI_WITNESS_DATA_DIR": str(folder / "bf"),
        "TAMANI_WITNESS_PASSPHRASE_FILE": str(folder / "secret"),
        "TAMANI_WITNESS_LOG_POLICY": str(policy),
        "TAMANI_WITNESS_PORT": str(port),
    }
    with (folder / "witness.log").open("ab") as said:
        process = subprocess.Popen([*TAMANI, "serve", "witness"], env=environment, stdout=said, stderr=said)
    try:
        wait_until(lambda: answers(port), "the witness answers", 60)
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    """Whether it is up."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TAMANI_WITNESS_LOG_POLICY": "/nowhere"}, "failed.settings"),
        ({"TAMANI_WITNESS_COUNTRY": "ml"}, "failed.witness.policy"),
        ({"TAMANI_WITNESS_PASSPHRASE_FILE": "/nowhere"}, "failed.keystore"),
        ({"TAMANI_WITNESS_PASSPHRASE_FILE": None}, "failed.settings"),
    ],
)
def test_a_witness_that_is_not_itself_does_not_start(tmp_path: Path, change: dict[str, str | None], code: str) -> None:
    """No policy, another country's key, no passphrase: it says which, and ends."""
    (tmp_path / "secret").write_text("une phrase pour les essais\n")
    key = make_note_key(
        tmp_path / "witness.key", "tamani.test/witness/bf", Kind.COSIGNATURE, b"une phrase pour les essais"
    )
    (tmp_path / "log-policy").write_text(
        f"log {SmallLog().key.verifier} http://127.0.0.1:1/log\nwitness bf {key}\nquorum bf\n"
    )
    environment = {
        "TAMANI_WITNESS_DATA_DIR": str(tmp_path),
        "TAMANI_WITNESS_PASSPHRASE_FILE": str(tmp_path / "secret"),
        "TAMANI_WITNESS_LOG_POLICY": str(tmp_path / "log-policy"),
        "TAMANI_WITNESS_PORT": str(free_ports(1)[0]),
    } | change
    given = {name: value for name, value in environment.items() if value is not None}
    ended = subprocess.run(
        [*TAMANI, "serve", "witness"], env=given, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, code in ended.stderr) == (1, True), ended.stderr
