"""`tamani up --demo`: what it prints is true. A reader of Kafka of our own, from offset 0, finds the same figures."""

import base64
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page

from tamani.core.bundle import ProofBundle
from tamani.core.names import Country, country_of
from tamani.core.policy import NAMED
from tamani.embedded.archive_voice import SOURCE as ARCHIVE
from tamani.embedded.demo.bodies import BODIES
from tamani.embedded.demo.mischief import TRICKS
from tamani.embedded.demo.notices import files_of, notices
from tamani.embedded.demo.plan import open_plan
from tamani.embedded.settings import SITE_PORTS
from tamani.runtime.clock import system_clock
from tamani.runtime.registry_folder import RegistryFolder
from tests.support.cluster import roomy_folder, wait_until
from tests.support.demo_run import DemoRun
from tests.support.kafka_reader import read_topic
from tests.support.readme import Curl
from tests.support.up_run import run_tamani
from tests.support.verifiers import audit, go_says
from tests.support.waiting import until
from tests.support.walking import notices_on, walk

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
ORIGINS = ("bf", "ml", "ne", "rg")
CONTESTED = "veille-contestee"
# Two public notices, one of them contested, and the sites that are asked for their proofs: not those of their bodies.
PROVEN = {"bf-audition-tenue": Country.ML, CONTESTED: Country.BF}


@pytest.fixture(scope="module")
def demo(jars: Path) -> Iterator[DemoRun]:
    """One first start, for all tests of this file but the last, which starts it again."""
    with roomy_folder() as folder:
        run = DemoRun(folder / "data")
        with run.up():
            yield run


@pytest.fixture(scope="module")
def proven(demo: DemoRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An auditor's folder: the proofs as the command writes them, each once more with a byte flipped, the policy."""
    folder = tmp_path_factory.mktemp("proven")
    for key, country in PROVEN.items():
        file = folder / f"{key}.json"
        export = ("proof", "export", demo.ids[key], "--site", demo.url(country), "-o", str(file))
        wait_until(lambda export=export: run_tamani(*export).returncode == 0, f"{key} is attested", 90)  # type: ignore[misc]
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        (folder / f"{key}.flipped").write_bytes(content)
    shutil.copy(demo.data / "registry" / "log-policy", folder / "policy")
    return folder


def said(run: DemoRun) -> list[tuple[str, str]]:
    """Who said what is proven, and under which id."""
    sources = {notice.key: notice.body for notice in notices()}
    return [(sources[key], run.ids[key]) for key in PROVEN]


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
    own = [a for a in first.values() if a.get("source") != ARCHIVE]
    heard = [a for a in own if a["verdict"] != "archived" or "log_index" in a]
    alive = len(first) - len(heard)  # signs of life are answered, and are no notices
    return Counter(a["verdict"] for a in heard), Counter(a["code"] for a in heard), values - alive


def retold(run: DemoRun) -> Counter[str]:
    """The verdicts once more, from what the router let through: the names and payloads of the verified stream alone.

    The first content under a name is archived, the same again a duplicate, another one an equivocation. The archive
    alone refuses what a key said that no longer counts.
    """
    stands: dict[tuple[str, str], str] = {}
    found: Counter[str] = Counter()
    for topic in ("regional.events", "regional.urgent"):
        for record in read_topic(run.client("admin"), topic):
            payload = base64.b64decode(json.loads(record.value)["payload"])
            said, digest = json.loads(payload), hashlib.sha256(payload).hexdigest()
            if said["source"] == ARCHIVE or said["type"] == "tamani.heartbeat.v1":
                continue
            first = stands.get((said["source"], said["id"]))
            stands.setdefault((said["source"], said["id"]), digest)
            found["archived" if first is None else "duplicate" if first == digest else "equivocation"] += 1
    return found


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


def test_the_verified_stream_tells_the_same(demo: DemoRun) -> None:
    """Counted without a receipt: what the archive said of each notice follows from the notices themselves."""
    verdicts, codes, _ = recount(demo)
    expected = {name: verdicts[name] for name in ("archived", "duplicate", "equivocation")}
    late = sum(codes[f"refused.key.{why}"] for why in ("compromised", "retired", "suspended"))
    assert retold(demo) == expected | {"archived": expected["archived"] + late}
    assert min(expected.values()) > 0


def test_every_verdict_and_code_happens_as_designed(demo: DemoRun) -> None:
    """One answer for each notice and each trick, with the code that it was made for."""
    verdicts, codes, _ = recount(demo)
    assert verdicts["archived"] == len(notices())
    assert codes == Counter({"archived": len(notices())}) + Counter(trick.code for trick in TRICKS)


@pytest.mark.parametrize("body", BODIES, ids=lambda b: b.source)
async def test_each_body_reads_at_its_site_what_it_may(demo: DemoRun, body: Any) -> None:
    """Each notice once: all that is CLEAR or GREEN; of AMBER and of what is sealed, what it wrote or is named in. And
    one word of the archive's: who may read the contested notice may read that it is contested.
    """
    mine = [n for n in notices() if n.tlp not in NAMED or body.source in {n.body, *n.audience}]
    headers = {"authorization": f"Bearer {demo.token(body.source)}"}
    records = await _records(demo, body.country, len(mine) + 1, headers)
    expected = Counter((n.body, n.subject_in(demo.ids.__getitem__), n.tlp) for n in mine)
    (contested,) = [n for n in mine if n.key == CONTESTED]
    expected[ARCHIVE, contested.subject, contested.tlp] = 1
    assert Counter((r["event"]["source"], r["event"]["subject"], r["event"]["tlp"]) for r in records) == expected


@pytest.mark.parametrize("country", list(Country))
async def test_without_signing_in_only_what_is_public_is_seen(demo: DemoRun, country: Country) -> None:
    """And there the contested notice stands, marked, with its first content; the archive says once that it is."""
    public = [n for n in notices() if n.tlp == "CLEAR"]
    records = await _records(demo, country, len(public) + 1, {})
    assert {record["event"]["tlp"] for record in records} == {"CLEAR"}
    (contested,) = [record for record in records if record["marks"]]
    assert contested["marks"] == ["contested"]
    assert contested["event"]["data"]["head"]["summary"].startswith("Quarante et une")
    (told,) = [record["event"] for record in records if record["event"]["source"] == ARCHIVE]
    first = contested["event"]
    assert (told["type"], told["subject"]) == ("tamani.system.contest.v1", first["subject"])
    assert told["data"]["target"] == {"source": first["source"], "id": first["id"]}


def test_the_archive_names_the_first_content_as_the_log_does(demo: DemoRun, proven: Path) -> None:
    """Its entry is the one that the proof of the contested notice carries; the second's is another."""
    bundle = ProofBundle.parse((proven / f"{CONTESTED}.json").read_bytes())
    page = httpx.get(f"{demo.url(Country.BF)}/v1/records", params={"limit": 500, "type": "system.contest"}, timeout=20)
    (told,) = [record["event"]["data"] for record in page.json()["records"]]
    assert told["first_entry"] == json.loads(bundle.entry)["env"]
    assert told["second_entry"] != told["first_entry"]


def test_the_wheel_alone_proves_them(demo: DemoRun, proven: Path, wheel: Path) -> None:
    """Without network or home, years later, given the root's fingerprint and no policy; not with a flipped byte."""
    root = RegistryFolder(demo.data / "registry").trust
    done = [json.loads(audit(wheel, proven, f"{key}.json", "--root", root, "--json").stdout) for key in PROVEN]
    assert [(one["holds"], one["source"], one["id"]) for one in done] == [(True, *who) for who in said(demo)]
    for key in PROVEN:
        flipped = audit(wheel, proven, f"{key}.flipped", "--root", root, "--json")
        assert (flipped.returncode, json.loads(flipped.stdout)["holds"]) == (1, False)


def test_the_go_program_proves_them(demo: DemoRun, proven: Path, program: Path) -> None:
    """The same two sayings, by the policy; neither with a flipped byte."""
    done = go_says(program, proven, "policy", *(f"{key}.json" for key in PROVEN))
    assert done.stdout.splitlines() == [f"holds {source} {id_} event" for source, id_ in said(demo)], done.stderr
    flipped = go_says(program, proven, "policy", *(f"{key}.flipped" for key in PROVEN))
    assert (flipped.returncode, flipped.stdout.split()) == (1, ["step", "0"] * len(PROVEN))


async def test_the_browser_proves_them(demo: DemoRun, proven: Path, browser_page: Page) -> None:
    """The same in a page that reaches nobody."""
    prove = "async (given) => { const {holds, event} = await tamaniProof.prove(...given); return [holds, event]; }"
    policy = (proven / "policy").read_text()
    for key, who in zip(PROVEN, said(demo), strict=True):
        holds, event = await browser_page.evaluate(prove, [(proven / f"{key}.json").read_text(), policy])
        assert (holds, (event["source"], event["id"])) == (True, who)
        assert await browser_page.evaluate(prove, [(proven / f"{key}.flipped").read_text(), policy]) == [False, None]


def test_the_files_that_notices_name_are_at_the_site_of_their_body(demo: DemoRun) -> None:
    """For whoever may read the notice there; with the digest that it says."""
    for notice in notices():
        for name, raw in files_of(notice, open_plan(demo.data / "demo" / "plan.json", (), system_clock)):
            headers, site = {"authorization": f"Bearer {demo.token(notice.body)}"}, demo.url(country_of(notice.body))
            path = f"/avis{notice.body}/{demo.ids[notice.key]}/pieces/{hashlib.sha256(raw).hexdigest()}"
            assert httpx.get(site + path, headers=headers, timeout=20).content == raw, name


@pytest.mark.parametrize("country", list(Country))
@pytest.mark.parametrize(("lang", "warning"), [("fr", "Démonstration"), ("en", "Demonstration")])
async def test_every_page_says_that_all_is_invented(demo: DemoRun, country: Country, lang: str, warning: str) -> None:
    """A reader walks through each site, in each language: notices are shown, and no page is without its banner."""
    reader = next(body.source for body in BODIES if body.country is country)
    headers, base = {"authorization": f"Bearer {demo.token(reader)}"}, demo.url(country)
    async with httpx.AsyncClient(base_url=base, headers=headers, follow_redirects=True, timeout=30) as site:
        await site.get(f"/langue/{lang}")
        pages = await walk(site)
        records = (await site.get("/v1/records", params={"limit": 500})).json()["records"]
    assert len(pages) > 12, sorted(pages)
    assert [path for path, page in pages.items() if 'class="demo"' not in page or warning not in page] == []
    shown = notices_on(pages["/"])
    assert 10 <= len(shown) == len(shown & {record["event"]["id"] for record in records})


async def _records(run: DemoRun, country: Country, count: int, headers: dict[str, str]) -> list[dict[str, Any]]:
    """What a site shows, once it shows as much as awaited (and at most that: it is asked for more)."""
    async with httpx.AsyncClient(base_url=run.url(country), headers=headers) as client:

        async def shown() -> list[dict[str, Any]] | None:
            page = (await client.get("/v1/records", params={"limit": 500})).json()
            found: list[dict[str, Any]] = page["records"]
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


def test_started_again_on_the_same_data_it_says_the_same(demo: DemoRun) -> None:
    """Nothing is posted twice, and the figures stand."""
    before, first = demo.figures, recount(demo)
    demo.stop()
    demo.start()
    assert demo.figures == before
    assert recount(demo) == first


def test_curl_alone_posts_follows_reads_and_listens(demo: DemoRun) -> None:
    """The README's own lines, at this run's ports. The last of this file: from here on the ledger holds one more."""
    here = {f"127.0.0.1:{SITE_PORTS[country]}": demo.url(country).removeprefix("http://") for country in Country}

    def adapted(command: str) -> str:
        for theirs, ours in here.items():
            command = command.replace(theirs, ours)
        return command.replace(".tamani/", f"{demo.data}/")

    id_ = Curl(demo.data, adapted).post_and_read()
    url = f"{demo.url(Country.RG)}/v1/records?type=monitor.alert&limit=500"

    def read() -> bool:
        records = httpx.get(url, timeout=20).json()["records"]
        return id_ in {record["event"]["id"] for record in records}

    wait_until(read, "it is read in the region", 60)
