"""The archive's database is gone for good: witnesses and nodes make the same log again, and it goes on from there."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from tamani.core.names import Country
from tamani.embedded.place import place_for
from tests.e2e.test_tamani_up import crosses, enrol, post
from tests.support.cluster import wait_until
from tests.support.up_run import UpRun, run_tamani

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def log_of(run: UpRun) -> dict[str, Any]:
    """What the archive says of its log."""
    answer = httpx.get(f"http://127.0.0.1:{run.ports['archive']}/v1/status", timeout=20)
    found: dict[str, Any] = answer.json()["log"] if answer.is_success else {"attested": 0, "leaves": 1}
    return found


def witnessed(run: UpRun, country: Country) -> dict[str, Any]:
    """What a witness has cosigned, and what alarms it."""
    found: dict[str, Any] = httpx.get(
        f"http://127.0.0.1:{run.ports[f'witness-{country}']}/v1/status", timeout=20
    ).json()
    return found


def attested(run: UpRun) -> int:
    """Wait until all that is archived is attested; how much that is."""
    wait_until(lambda: log_of(run)["attested"] == log_of(run)["leaves"], "the log is attested", 90)
    return int(log_of(run)["attested"])


def rebuild(run: UpRun) -> str:
    """The command; what it says."""
    port = str(run.ports["postgres"])
    done = run_tamani("--lang", "en", "archive", "rebuild", "--data", str(run.data), "--port-postgres", port)
    assert done.returncode == 0, done.stderr
    assert "signs from here on" in done.stderr
    return done.stdout


@pytest.mark.timeout(900)
def test_an_archive_is_made_again_from_its_witnesses(folder: Path) -> None:
    """Post, attest, lose PostgreSQL's data, rebuild to the same root, post again: attested, and no alarm."""
    data = folder / "data"
    data.mkdir(mode=0o711)
    token = enrol(data)
    run = UpRun(data)
    try:
        run.start()
        said = [post(run, token)["id"] for _ in range(3)]
        for id_ in said:
            crosses(run, id_, token)
        before = attested(run)
        root = witnessed(run, Country.BF)["root"]
        run.stop()

        shutil.rmtree(place_for(data / "postgres").folder)
        assert rebuild(run).strip() == f"size={before} root={root} witnesses=bf,ml,ne missing=0"

        run.start()
        crosses(run, post(run, token)["id"], token)
        assert attested(run) == before + 1
        for country in (Country.BF, Country.ML, Country.NE):
            found = witnessed(run, country)
            assert (found["size"], found["alarms"]) == (before + 1, [])
        run.stop()
    finally:
        run.end()
