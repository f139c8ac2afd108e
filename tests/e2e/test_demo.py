"""`tamani up --demo`: what it prints is true. A reader of Kafka of our own, from offset 0, finds the same figures."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tamani.core.names import Country
from tamani.core.policy import NAMED
from tamani.embedded.archive_voice import SOURCE as ARCHIVE
from tamani.embedded.demo.bodies import BODIES
from tamani.embedded.demo.mischief import TRICKS
from tamani.embedded.demo.notices import notices
from tests.support.cluster import roomy_folder
from tests.support.demo_run import DemoRun
from tests.support.kafka_reader import read_topic
from tests.support.waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
ORIGINS = ("bf", "ml", "ne", "rg")


@pytest.fixture(scope="module")
def demo(jars: Path) -> Iterator[DemoRun]:
    """One first start, for all tests of this file but the last, which starts it again."""
    with roomy_folder() as folder:
        run = DemoRun(folder / "data")
        with run.up():
            yield run


def recount(run: DemoRun) -> tuple[Counter[str], Counter[str], int]:
    """Verdicts and codes of every inbound value, and how many values there are: nothing of ours but the topic names.

    What the archive says of the contested notice is its own word, and no part of the demo.
    """
    values = sum(
        1 for cc in ORIGINS for t in ("", ".urgent") for _ in read_topic(run.client("admin"), f"inbound.{cc}{t}")
    )
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cc in ORIGINS:
        for record in read_topic(run.client("admin"), f"receipts.{cc}"):
            answer = json.loads(record.value)
            first.setdefault(tuple(answer["inbound"].values()), answer)
    said = [a for a in first.values() if a.get("source") != ARCHIVE]
    heard = [a for a in said if a["verdict"] != "archived" or "log_index" in a]
    alive = len(first) - len(heard)  # signs of life are answered, and are no notices
    return Counter(a["verdict"] for a in heard), Counter(a["code"] for a in heard), values - alive


@pytest.mark.timeout(600)  # two starts, the second one after a crash
def test_killed_while_it_posts_it_goes_on_where_it_was(jars: Path) -> None:
    """Each notice is archived once; what the cut made a site send again is counted as the duplicate that it is."""
    with roomy_folder() as folder:
        run = DemoRun(folder / "data")
        run.start(until=lambda: run.done >= 20)
        assert 20 <= run.done < len(notices())
        run.kill()
        with run.up():
            verdicts, codes, values = recount(run)
    assert verdicts["archived"] == len(notices())
    wanted = Counter(trick.code for trick in TRICKS)
    assert {code: codes[code] for code in wanted if code != "duplicate"} == dict(wanted - Counter({"duplicate": 99}))
    assert codes["duplicate"] >= wanted["duplicate"]
    assert values == sum(verdicts.values())


def test_the_line_is_what_kafka_holds(demo: DemoRun) -> None:
    """`archived=N duplicates=M refused=K equivocations=E`, recomputed; every value produced has its answer."""
    verdicts, codes, values = recount(demo)
    counted = [verdicts[name] for name in ("archived", "duplicate", "refused", "equivocation")]
    line, *reasons = demo.figures
    assert [int(number) for number in re.findall(r"=(\d+)", line)] == counted
    assert sum(counted) == values
    told = {m[1]: int(m[2]) for m in (re.fullmatch(r"  ([a-z0-9.]+): (\d+) · .+", reason) for reason in reasons) if m}
    assert told == {code: count for code, count in codes.items() if code != "archived"}


def test_every_verdict_and_code_happens_as_designed(demo: DemoRun) -> None:
    """One answer for each notice and each trick, with the code that it was made for."""
    verdicts, codes, _ = recount(demo)
    assert verdicts["archived"] == len(notices())
    assert codes == Counter({"archived": len(notices())}) + Counter(trick.code for trick in TRICKS)


@pytest.mark.parametrize("body", BODIES, ids=lambda b: b.source)
async def test_each_body_reads_at_its_site_what_it_may(demo: DemoRun, body: Any) -> None:
    """Each notice once: all that is CLEAR or GREEN; of AMBER and of what is sealed, what it wrote or is named in."""
    mine = [n for n in notices() if n.tlp not in NAMED or body.source in {n.body, *n.audience}]
    ids = json.loads((demo.data / "demo" / "plan.json").read_text())["ids"]
    headers = {"authorization": f"Bearer {demo.token(body.source)}"}
    records = await _records(demo, body.country, len(mine), headers)
    expected = Counter((n.body, n.subject_in(ids.__getitem__), n.tlp) for n in mine)
    assert Counter((r["event"]["source"], r["event"]["subject"], r["event"]["tlp"]) for r in records) == expected


@pytest.mark.parametrize("country", list(Country))
async def test_without_signing_in_only_what_is_public_is_seen(demo: DemoRun, country: Country) -> None:
    """And there the contested notice stands, marked, with its first content."""
    public = [n for n in notices() if n.tlp == "CLEAR"]
    records = await _records(demo, country, len(public), {})
    assert {record["event"]["tlp"] for record in records} == {"CLEAR"}
    (contested,) = [record for record in records if record["marks"]]
    assert contested["marks"] == ["contested"]
    assert contested["event"]["data"]["head"]["summary"].startswith("Quarante et une")


async def _records(run: DemoRun, country: Country, count: int, headers: dict[str, str]) -> list[dict[str, Any]]:
    """What a site shows, once it shows as much as awaited (and at most that: it is asked for more)."""
    async with httpx.AsyncClient(base_url=run.url(country), headers=headers) as client:

        async def shown() -> list[dict[str, Any]] | None:
            page = (await client.get("/v1/records", params={"limit": 500})).json()
            found = [record for record in page["records"] if record["event"]["source"] != ARCHIVE]
            assert not page["more"]
            marked = any(record["marks"] for record in found)
            return found if len(found) >= count and marked else None

        return await until(shown, f"{count} notices at {country}")


def test_tokens_are_in_their_files_and_nowhere_else(demo: DemoRun) -> None:
    """Neither the screen nor a log nor a database file repeats one."""
    tokens = [demo.token(body.source) for body in BODIES]
    assert len(set(tokens)) == len(BODIES)
    texts = [demo.screen, *(path.read_text("utf-8", "replace") for path in (demo.data / "logs").iterdir())]
    stores = [(demo.data / "sites" / cc / "tokens.sqlite").read_bytes().decode("latin-1") for cc in ORIGINS]
    assert not [token for token in tokens for text in (*texts, *stores) if token in text]


async def test_a_token_posts_with_plain_http(demo: DemoRun) -> None:
    """The same again is the same; the demo's own ids are taken."""
    plan = json.loads((demo.data / "demo" / "plan.json").read_text())
    headers = {"authorization": f"Bearer {demo.token('/ne/commission-defense')}"}
    async with httpx.AsyncClient(base_url=demo.url(Country.NE), headers=headers) as client:
        seen = await client.get(f"/v1/messages/{plan['ids']['seance-temoins']}")
        assert seen.json()["state_fr"] in {"archivé", "attesté"}


def test_started_again_on_the_same_data_it_says_the_same(demo: DemoRun) -> None:
    """Nothing is posted twice, and the figures stand."""
    before, first = demo.figures, recount(demo)
    demo.stop()
    demo.start()
    assert demo.figures == before
    assert recount(demo) == first
