"""`tamani up` without the demo: from the first body enrolled to a backup put back elsewhere."""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tamani.core.errors import DefectError
from tamani.core.names import Country
from tamani.embedded.demo.notices import notices
from tamani.embedded.instance import owned
from tamani.embedded.place import place_for
from tamani.runtime.sealed_key import open_seed, read_key
from tests.support import showing
from tests.support.cluster import roomy_folder, wait_until
from tests.support.demo_run import DemoRun
from tests.support.notices import api_body
from tests.support.operators_commands import try_operators_commands
from tests.support.up_run import PORTS, UpRun, free_up_ports, run_tamani

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
BODY = "/ml/commission-defense"
GUESS = "jeton-que-personne-n-a-donne-9024"
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.fixture
def folder(jars: Path) -> Iterator[Path]:
    """Room for data folders."""
    with roomy_folder() as roomy:
        yield roomy


def enrol(data: Path) -> str:
    """Inscribe a body, whether the platform runs or not; its token."""
    names = ("--fr", "Secrétariat d'essai", "--en", "Test secretariat")
    done = run_tamani("registry", "enrol", BODY, *names, "--data", str(data))
    assert done.returncode == 0, done.stderr
    made = run_tamani("token", "new", BODY, "--role", "validated", "--data", str(data))
    return made.stdout.strip()


def post(run: UpRun, token: str) -> dict[str, Any]:
    """A public notice, over HTTP; a restored site reads the region's answers first, a new body must reach it."""
    answers: list[httpx.Response] = []

    def taken() -> bool:
        answers.append(say(run, token))
        unknown = answers[-1].json().get("code") in {"refused.request.body", "refused.key.unknown"}
        return answers[-1].status_code != httpx.codes.SERVICE_UNAVAILABLE and not unknown

    wait_until(taken, "the site takes notices", 60)
    assert answers[-1].status_code == 202, answers[-1].text
    found: dict[str, Any] = answers[-1].json()
    return found


def say(run: UpRun, token: str) -> httpx.Response:
    """One attempt."""
    return httpx.post(
        f"{run.url(Country.ML)}/v1/messages",
        json=api_body(tlp="CLEAR"),
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )


def shown(run: UpRun, country: Country) -> list[str]:
    """The ids that everybody can read at a site."""
    page = httpx.get(f"{run.url(country)}/v1/records", timeout=20).json()
    return [record["event"]["id"] for record in page["records"]]


def archived(run: UpRun, id_: str, token: str) -> bool:
    """What the poster sees."""
    address = f"{run.url(Country.ML)}/v1/messages/{id_}"
    return bool(
        httpx.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=20).json()["state"] == "archived"
    )


def crosses(run: UpRun, id_: str, token: str) -> None:
    """Archived, and shown at every site."""
    wait_until(lambda: archived(run, id_, token), "the notice is archived", 60)
    for country in Country:
        wait_until(lambda site=country: id_ in shown(run, site), f"the notice is shown at {country}", 60)  # type: ignore[misc]


def gone(processes: list[psutil.Process]) -> bool:
    """None of them runs any more."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@pytest.mark.timeout(900)
def test_a_region_on_one_machine(folder: Path) -> None:
    """Start, enrol, post, operate, lose a part, back up, be killed, start again, end, restore elsewhere."""
    data = folder / "data"
    run = UpRun(data)
    restored = UpRun(folder / "restored")
    try:
        run.start()
        assert "tamani registry enrol" in run.screen
        assert "tamani token new" in run.screen
        token = enrol(data)
        first = post(run, token)["id"]
        crosses(run, first, token)
        try_operators_commands(run, first)
        nothing_listens_beyond_this_machine(run)
        a_killed_part_comes_back(run)
        nothing_shows_a_secret(run, token)

        backup = run_tamani(
            "backup", str(folder / "all.backup"), "--data", str(data), "--port-postgres", str(run.ports["postgres"])
        )
        assert backup.returncode == 0, backup.stderr
        second = post(run, token)["id"]
        crosses(run, second, token)

        left = run.processes()
        run.kill()
        wait_until(lambda: gone(left), "no orphan is left", 15)

        run.start()
        assert {first, second} <= set(shown(run, Country.NE))
        left = run.processes()
        run.stop()
        assert gone(left)
        assert "stopped" in run.screen

        put_back = run_tamani(
            "restore",
            str(folder / "all.backup"),
            *("--data", str(restored.data), "--port-postgres", str(restored.ports["postgres"])),
        )
        assert put_back.returncode == 0, put_back.stderr
        restored.start()
        crosses(restored, first, token)
        third = post(restored, token)["id"]
        crosses(restored, third, token)
    finally:
        run.end()
        restored.end()


def nothing_listens_beyond_this_machine(run: UpRun) -> None:
    """Every listening socket of every process is on loopback."""
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for process in run.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {port for _, port in listening} >= set(run.ports.values())
    assert {address for address, _ in listening} <= LOOPBACK


def a_killed_part_comes_back(run: UpRun) -> None:
    """The router, by SIGKILL: another process takes its place, and the screen says so."""
    router = run.part("router")
    router.kill()
    health = f"http://127.0.0.1:{run.ports['router']}/healthz"

    def back() -> bool:
        try:
            return httpx.get(health, timeout=5).is_success and run.part("router").pid != router.pid
        except (httpx.TransportError, ValueError):
            return False

    wait_until(back, "the router is back", 60)
    assert "signal 9" in run.screen


def nothing_shows_a_secret(run: UpRun, token: str) -> None:
    """Neither seeds nor passphrases, passwords, tokens: in no log, answer, command line or environment of any part."""
    phrases = {path.name: path.read_bytes().strip() for path in (run.data / "secrets").glob("*.password")}
    folders = [run.data / name for name in ("registry", "sites", "witnesses", "workers")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".key", ".reading"}]
    seeds = {path: seed_of(path, phrases.values()) for path in files}
    named = {path.name for path in seeds} | {path.parent.name for path in seeds}
    assert named >= {"log.key", "witness.key", "keys", "reading"}, "what is looked for is there"
    texts = answers_of(run) | {path.name: path.read_bytes() for path in (run.data / "logs").glob("*.log")}
    assert run.process is not None
    texts |= {"screen": run.screen.encode(), **showing.of_process(run.process.pid)}
    assert len([name for name in texts if name.startswith("environ")]) > len(Country), "every part has an environment"
    secrets = [*seeds.values(), *phrases.values(), token.encode(), GUESS.encode()]
    assert showing.shown(texts, secrets) == []
    log_key = next(seed for path, seed in seeds.items() if path.name == "log.key")
    assert showing.shown(texts | {"planted": log_key.hex().encode()}, secrets) == ["planted"]


def seed_of(path: Path, phrases: Iterable[bytes]) -> bytes:
    """The secret in a key file, by whichever passphrase opens it."""
    for phrase in phrases:
        with contextlib.suppress(DefectError):
            return open_seed(path, read_key(path), phrase)
    raise AssertionError(f"{path} opens with none of the passphrases")


def answers_of(run: UpRun) -> dict[str, bytes]:
    """What every part says when it is well, and when somebody guesses."""
    guess = {"Authorization": f"Bearer {GUESS}"}
    found = {}
    for name in PORTS[: PORTS.index("kafka")]:
        with httpx.Client(base_url=f"http://127.0.0.1:{run.ports[name]}", headers=guess, timeout=20) as part:
            for path in ("/healthz", "/metrics", "/v1/status", "/v1/records", "/v1/feed?cc=ml", "/v1/messages/x"):
                found[f"{name} {path}"] = part.get(path).content
            for path in ("/v1/erasures", "/add-checkpoint", "/v1/messages"):
                found[f"{name} POST {path}"] = part.post(path, content=b"\xff?").content
    return found


@pytest.mark.timeout(600)
def test_without_any_network_but_loopback_the_demo_is_told(folder: Path) -> None:
    """In a network namespace of its own, where nothing but `lo` is up: it starts, posts, counts and ends."""
    alone = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    if os.geteuid() != 0 or shutil.which("ip") is None or _fails("unshare", "--net", "true"):
        pytest.skip("a network namespace needs root, iproute2 and a kernel that allows it")
    run = DemoRun(folder / "data", before=alone)
    with run.up():
        assert "DÉMO : organismes et avis inventés" in run.screen
        assert "DEMO: invented" in run.screen
        assert run.figures[0].startswith(f"archived={len(notices())} ")


def _fails(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode != 0


def refused(data: Path, ports: dict[str, int]) -> str:
    """Start it and read why it does not."""
    words = [word for name, port in ports.items() for word in (f"--port-{name}", str(port))]
    done = run_tamani("up", "--data", str(data), *words)
    assert done.returncode == 1, done.stdout
    return done.stdout


@pytest.mark.parametrize("left", [0, 8], ids=["none", "too-little"])
def test_a_full_disk_is_told(folder: Path, left: int) -> None:
    """A disk of 16 MB with nothing left, or too little to begin: the sentence, and nothing is started."""
    if os.geteuid() != 0 or _fails("unshare", "--mount", "true"):
        pytest.skip("a disk of one's own needs root and a kernel that allows mount namespaces")
    disk = folder / "disk"
    disk.mkdir()
    other = f"(head -c {16 - left}m /dev/zero > {disk}/other || true)"
    fill = f'mount -t tmpfs -o size=16m none {disk} && {other} && exec "$@"'
    words = ("--data", str(disk / "data"))
    said = run_tamani("up", *words, before=("unshare", "--mount", "sh", "-c", fill, "sh"))
    assert said.returncode == 1, said.stdout
    assert "failed.disk" in said.stdout, said.stderr
    assert "Disque plein : libérez de la place" in said.stdout
    assert "Disk full: free some space" in said.stdout
    assert "démarre" not in said.stdout


def test_a_second_instance_on_the_same_data_is_refused(folder: Path) -> None:
    """With the code, a sentence in each language, and the pid of the first."""
    with owned(folder / "data"):
        said = refused(folder / "data", free_up_ports())
    assert "failed.instance" in said
    assert "Une autre instance utilise déjà ces données." in said
    assert "Another instance already uses this data." in said
    assert str(os.getpid()) in said


def test_a_taken_port_is_refused_by_name(folder: Path) -> None:
    """Nothing was started; the sentence says which part wanted it."""
    ports = free_up_ports()
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports["ml"]))
        other.listen()
        said = refused(folder / "data", ports)
    assert "failed.port" in said
    assert f"{ports['ml']} (site-ml)" in said
    assert "Un port est déjà pris." in said
    assert "A port is already taken." in said
    assert not place_for(folder / "data" / "postgres").folder.exists()
