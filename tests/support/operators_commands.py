"""An operator's commands, each a process of its own beside a running `tamani up`: what is up, comes in, is held.

They are tried on a notice that is archived; only the desk of Niger, whose projection is made anew, and the quarantine,
whose one record goes back, are touched.
"""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256

import httpx
from confluent_kafka import Producer

from tamani.core.names import Country, inbound, partition_key, receipts
from tamani.runtime.quarantine import hold
from tests.support.cluster import wait_until
from tests.support.kafka_reader import read_topic
from tests.support.up_run import UpRun


def try_operators_commands(run: UpRun, notice: str) -> None:
    """All of them; `notice` is the id of an archived notice of Mali that everybody may read."""
    the_status_tells_that_all_is_up(run)
    the_feed_is_followed(run, notice)
    what_is_held_is_listed_and_put_back(run, notice)
    a_projection_is_made_anew(run)


def the_status_tells_that_all_is_up(run: UpRun) -> None:
    """Each part by its name, and what the ledger holds."""
    found = json.loads(run.tamani("status", "--json"))
    sites, witnesses = {f"site {cc}" for cc in Country}, {f"witness {cc}" for cc in ("bf", "ml", "ne")}
    assert found.keys() == sites | witnesses | {"router", "archive"}
    assert {name for name, facts in found.items() if not facts["up"]} == set()
    assert found["archive"]["ledger"]["size"] > 0
    figures = found["site ml"]["figures"]
    assert [value for name, value in figures.items() if name.startswith("tamani_node_outbox_open")] == [0.0, 0.0]
    ledger, said = found["archive"]["ledger"], run.tamani("status")
    told = re.search(r"archivés ([0-9]+) · dernier [-0-9]+T[0-9:]+Z\n +retard [0-9]+ · epoch ([0-9]+)$", said, re.M)
    assert told is not None, said
    assert int(told[1]) >= ledger["size"]
    assert int(told[2]) == ledger["epoch"]
    assert run.url(Country.ML) in said


def the_feed_is_followed(run: UpRun, notice: str) -> None:
    """From its beginning, one line of JSON a notice, until as many as wanted have come."""
    lines = run.tamani("feed", "tail", "--url", run.url(Country.NE), "--after", "0", "--count", "1").splitlines()
    assert [json.loads(line)["event"]["id"] for line in lines] == [notice]


def what_is_held_is_listed_and_put_back(run: UpRun, notice: str) -> None:
    """A copy of an archived notice, set aside as the router would: put back, it is answered as the duplicate it is."""
    where = ("--kafka", f"127.0.0.1:{run.ports['kafka']}", "--data", str(run.data))
    assert run.tamani("quarantine", "list", *where) == ""
    value = _hold_a_copy(run, notice)
    (line,) = run.tamani("quarantine", "list", *where).splitlines()
    number, *said = line.split()
    assert said[1:] == ["held.internal", "router", "inbound.ml/0/0", "KeyError"]
    run.tamani("quarantine", "retry", number, *where)
    digest = sha256(value).hexdigest()

    def answered() -> bool:
        answers = [json.loads(record.value) for record in read_topic(run.client("admin"), receipts(Country.ML))]
        return [one["verdict"] for one in answers if one["value_sha256"] == digest] == ["archived", "duplicate"]

    wait_until(answered, "what was put back is answered", 60)


def _hold_a_copy(run: UpRun, notice: str) -> bytes:
    with httpx.Client(base_url=run.url(Country.ML), timeout=20) as site:
        records = site.get("/v1/records").json()["records"]
        (record,) = [record for record in records if record["event"]["id"] == notice]
        value = site.get(record["links"]["envelope"]).content
    topic, event = inbound(Country.ML), record["event"]
    key = partition_key(event["source"], event["subject"])
    held = hold(
        "router",
        code="held.internal",
        detail="KeyError",
        place=(topic, 0, 0),
        key=key,
        value=value,
        back_to=topic,
        at=datetime.now(UTC),
    )
    producer = Producer(run.client("router"))
    producer.produce(held.topic, held.value)
    assert producer.flush(30) == 0
    return value


def a_projection_is_made_anew(run: UpRun) -> None:
    """From the mirror's exact bytes; the desk shows afterwards what it had shown."""
    before = _shown(run)
    done = run.tamani("rebuild", "--country", "ne", "--data", str(run.data))
    figures = re.fullmatch(r"entries=(\d+) records=(\d+) unreadable=0", done.strip())
    assert figures, done
    assert len(before) <= int(figures[2]) <= int(figures[1])
    wait_until(lambda: _shown(run) == before, "the desk shows what it had shown", 30)


def _shown(run: UpRun) -> list[str]:
    page = httpx.get(f"{run.url(Country.NE)}/v1/records", timeout=20).json()
    return [record["event"]["id"] for record in page["records"]]
