"""`tamani up` without the demo: from the first body enrolled to a backup put back elsewhere."""

import os
import shutil
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tamani.core.names import Country
from tamani.embedded.demo.notices import notices
from tests.support.cluster import wait_until
from tests.support.demo_run import DemoRun
from tests.support.notices import api_body
from tests.support.operators_commands import try_operators_commands
from tests.support.up_run import UpRun, fails, run_tamani
from tests.support.up_secrets import nothing_shows_a_secret

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
BODY = "/ml/commission-defense"
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


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


def tells_every_address(run: UpRun) -> None:
    """As each part answers, and once more in a table with its log: at these addresses somebody answers."""
    http = {f"site-{cc}": run.url(cc) for cc in Country} | {
        name: f"http://127.0.0.1:{port}" for name, port in run.ports.items() if name.startswith("witness-")
    }
    plain = {name: f"127.0.0.1:{run.ports[name]}" for name in ("kafka", "postgres")}
    for name, address in (http | plain).items():
        told = [line.split() for line in run.screen.splitlines() if name in line.split()[:2]]
        assert [address in words for words in told] == [True, True], (name, address, told)


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
        tells_every_address(run)
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


@pytest.mark.timeout(600)
def test_without_any_network_but_loopback_the_demo_is_told(folder: Path) -> None:
    """In a network namespace of its own, where nothing but `lo` is up: it starts, posts, counts and ends."""
    alone = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    if os.geteuid() != 0 or shutil.which("ip") is None or fails("unshare", "--net", "true"):
        pytest.skip("a network namespace needs root, iproute2 and a kernel that allows it")
    run = DemoRun(folder / "data", before=alone)
    with run.up():
        assert "DÉMO : organismes et avis inventés" in run.screen
        assert "DEMO: invented" in run.screen
        assert run.figures[0].startswith(f"archived={len(notices())} ")
