"""A public notice is erased by two officers: nowhere left but in topics, proofs of the others hold, and it stays so.

Also after the host has burnt down, the desks' databases with it: witnesses and outboxes give the order back.
"""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tamani.core.names import Country
from tamani.embedded.place import place_for
from tests.e2e.test_tamani_up import BODY, crosses, enrol
from tests.e2e.test_the_host_burns_down import attested, rebuild, witnessed
from tests.support.cluster import wait_until
from tests.support.notices import api_body, data_of
from tests.support.searching import files_with
from tests.support.up_run import UpRun, run_tamani

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
CANARY = "canari5b1f0c77ad"
OTHERS = ("/bf/observatoire", "/ne/observatoire", "/rg/bureau")
# What Kafka still holds until its retention: the notice on its way in, through the region, and out to each country.
ON_THEIR_WAY = ("inbound.ml-", "regional.events-", "feed.")


def command(*words: str) -> str:
    """What it says."""
    done = run_tamani("--lang", "en", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def brought(run: UpRun, raw: bytes) -> dict[str, Any]:
    """A file at Mali's desk as a form leaves it there; what its notice says of it."""
    digest = hashlib.sha256(raw).hexdigest()
    secret = (run.data / "secrets" / "postgres.desk_ml.password").read_text().strip()
    where, row = (
        f"host=127.0.0.1 port={run.ports['postgres']} dbname=desk_ml user=desk_ml",
        (BODY, digest, len(raw), raw),
    )
    with psycopg.connect(where, password=secret) as connection:
        connection.execute("INSERT INTO piece VALUES (%s, %s, 'text/plain', %s, %s, now(), '{}', false)", row)
    return {"sha256": digest, "mime": "text/plain", "size": len(raw), "title": "Note"}


def piece(run: UpRun, country: Country, id_: str, named: dict[str, Any]) -> httpx.Response:
    """Somebody opens it at a site, having signed in nowhere."""
    return httpx.get(f"{run.url(country)}/avis{BODY}/{id_}/pieces/{named['sha256']}", timeout=30)


def say(run: UpRun, token: str, word: str, *pieces: dict[str, Any]) -> str:
    """A public meeting whose title and text say the word; its id."""
    data = data_of("agenda.meeting")
    data["head"] |= {"title": f"Séance {word}", "body": f"Du texte, {word}.", "attachments": list(pieces)}
    url, headers = f"{run.url(Country.ML)}/v1/messages", {"Authorization": f"Bearer {token}"}
    answer = httpx.post(url, json=api_body(tlp="CLEAR", data=data), headers=headers, timeout=20)
    assert answer.status_code == 202, answer.text
    crosses(run, found := str(answer.json()["id"]), token)
    return found


def erase(run: UpRun, id_: str, folder: Path) -> None:
    """As officers do it: one draws up, Mali's and Niger's sign, somebody hands it over."""
    order, registry = str(folder / "ordre.json"), run.data / "registry"
    reason = "La personne citée a retiré son consentement."
    facts = ("--basis", "consentement-retire", "--reason", reason, "--site", run.url(Country.ML), "-o", order)
    command("erase", "propose", id_, *facts)
    secret = ("--passphrase", str(run.data / "secrets" / "registry-keys.password"), "--folder", str(registry), "--yes")
    for country in ("ml", "ne"):
        (key,) = [
            path for path in (registry / "keys").iterdir() if path.name.startswith(f"{country}.registre-officier.")
        ]
        command("erase", "sign", order, "--key", str(key), *secret)
    command("erase", "submit", order, "--archive", f"http://127.0.0.1:{run.ports['archive']}")


def waiting(run: UpRun, id_: str) -> list[str] | None:
    """Who has not confirmed, as Burkina Faso's desk says it."""
    answer = httpx.get(f"{run.url(Country.BF)}/v1/erasures/{id_}", timeout=20).json()
    found: list[str] | None = answer["waiting"] if answer.get("state") == "erased" else None
    return found


def all_confirm(run: UpRun, id_: str) -> None:
    """Wait for the four desks and the node; who did not, and what was logged of it, is told."""
    try:
        wait_until(lambda: waiting(run, id_) == [], "all have confirmed", 120)
    except TimeoutError as error:
        logs = run.told("eras", "scrub", "heartbeat")
        raise AssertionError(f"not confirmed by {waiting(run, id_)}\n{logs}") from error


def is_gone_everywhere(run: UpRun, id_: str) -> None:
    """At each desk its page says that it was erased, and nothing of what it said."""
    for country in Country:
        page = f"{run.url(country)}/avis{BODY}/{id_}"
        answer = httpx.get(page, headers={"Accept": "text/html"}, timeout=20)
        assert (answer.status_code, CANARY in answer.text) == (410, False)


def only_topics_hold_it(data: Path) -> None:
    """Searched for in every file of the data folder."""
    left = files_with(CANARY, [data, place_for(data / "postgres").folder])
    assert [name for name in left if not Path(name).parent.name.startswith(ON_THEIR_WAY)] == []
    assert left, "the search finds what is there: topics that are not yet past their retention"


@pytest.mark.timeout(900)
def test_a_notice_is_erased_everywhere_and_stays_so(folder: Path) -> None:
    """Said, its piece opened abroad, erased, confirmed by four desks and its node; searched for; and an archive made
    again leaves it out.
    """
    data = folder / "data"
    data.mkdir(mode=0o711)
    token = enrol(data)
    for body in OTHERS:
        command("registry", "enrol", body, "--fr", body, "--en", body, "--data", str(data))
    run = UpRun(data)
    try:
        run.start()
        note = brought(run, f"Une pièce, {CANARY}.".encode())
        gone, kept = say(run, token, CANARY, note), say(run, token, "témoin")
        wait_until(lambda: piece(run, Country.BF, gone, note).is_success, "it is opened in another country", 60)
        erase(run, gone, folder)
        all_confirm(run, gone)
        is_gone_everywhere(run, gone)
        assert {piece(run, country, gone, note).status_code for country in Country} == {410}
        proof = str(folder / "kept.json")
        export = ("proof", "export", kept, "--site", run.url(Country.NE), "-o", proof)
        wait_until(lambda: run_tamani(*export).returncode == 0, "the other notice is proven", 90)
        command("proof", "verify", proof, "--policy", str(data / "registry" / "log-policy"))
        before, root = attested(run), witnessed(run, Country.BF)["root"]
        run.stop()
        only_topics_hold_it(data)

        shutil.rmtree(place_for(data / "postgres").folder)
        assert rebuild(run).strip() == f"size={before} root={root} witnesses=bf,ml,ne missing=0"

        run.start()
        say(run, token, "encore")
        all_confirm(run, gone)
        is_gone_everywhere(run, gone)
        assert attested(run) == before + 1
        assert [witnessed(run, country)["alarms"] for country in Country if country is not Country.RG] == [[]] * 3
        run.stop()
        only_topics_hold_it(data)
    finally:
        run.end()
