"""The desk holds what the feed gave against the log: attested, by whom, since when; what is missing or false."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from tamani.core.bundle import ProofBundle
from tamani.core.envelope import decode_envelope
from tamani.core.errors import DefectError, OutageError
from tamani.core.log.leaf import REGISTRY, Leaf, env_of
from tamani.core.proven import Trust
from tamani.core.proving import open_own, prove, registry_env
from tamani.core.receipt import Receipt, sign_receipt
from tamani.core.signing import SigningKey
from tamani.desk.attestations import Attestations, Attested
from tamani.desk.attesting import GRACE, Attesting, read_policy
from tamani.desk.database import Database
from tamani.desk.log_client import LogClient
from tamani.desk.log_tables import checkpoint, log_alarm
from tamani.desk.posting import Posting as Api
from tamani.desk.service import make_desk
from tamani.node.answers import ReadTo
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.tokens import TokenStore
from tests.component.desk.conftest import Fed, desk_settings
from tests.component.desk.feeds import FIRST
from tests.support import cluster
from tests.support.notices import BUREAU, COMMISSION_BF, COMMISSION_ML, SOURCES, TRUSTED, api_body, registry_value
from tests.support.posting import Posting, posting
from tests.support.small_log import AT, WITNESSES, SmallLog, log_key, policy_text, serving, witness_key

WITNESSED = datetime.fromtimestamp(AT, UTC)
NAMED, LATER = "2026-01-01T00:00:00Z", "2027-03-01T00:00:00Z"


def digest(policy: str) -> str:
    """How a registry names a policy file."""
    return hashlib.sha256(policy.encode()).hexdigest()


@dataclass
class Logged:
    """A desk of Mali, the log of the region, and the copy of it that Mali's witness keeps."""

    fed: Fed
    log: SmallLog
    copy: SmallLog
    now: list[datetime] = field(default_factory=list)

    @property
    def attesting(self) -> Attesting:
        """What runs in the background, here step by step."""
        assert self.fed.desk.attesting is not None
        return self.fed.desk.attesting

    def archive(self, *, until: int | None = None, shift: timedelta = timedelta()) -> None:
        """Put what the feed has (as far as `until`) into the log, in order."""
        for entry in self.fed.feed.entries[self.log.size - 1 : until]:
            assert entry.envelope is not None
            recorded = datetime.fromisoformat(entry.recordedtime) + shift
            env = env_of(decode_envelope(entry.envelope.encode()))
            self.log.append(0, Leaf(env, 1, recorded.strftime("%Y-%m-%dT%H:%M:%SZ")))

    def witness(self, *countries: str) -> None:
        """Mali's witness copies the log; both serve a checkpoint with these cosignatures."""
        self.copy.entries = list(self.log.entries)
        self.copy._hashes = {}
        for log in (self.log, self.copy):
            log.publish(*countries)

    async def states(self) -> dict[int, Attested]:
        """What the pages are told."""
        return await self.fed.desk.attestations.of(range(1, self.fed.feed.head + 1))

    async def alarms(self) -> list[tuple[int | None, str]]:
        """What stands open, oldest first."""
        return [(one.feed_index, one.code) for one in reversed(await self.fed.desk.attestations.alarms())]


@pytest.fixture
def served() -> Iterator[tuple[SmallLog, SmallLog, str, str]]:
    """A log and a witness's copy of it, with their addresses."""
    log, copy = SmallLog(), SmallLog()
    with serving(log) as url, serving(copy) as copied:
        yield log, copy, url, copied


@pytest.fixture
async def logged(
    desk_database: cluster.Database, tmp_path: Path, served: tuple[SmallLog, SmallLog, str, str]
) -> AsyncIterator[Logged]:
    """A desk that knows its log, and two notices in its feed."""
    log, copy, url, copied = served
    policy = policy_text(log.key, url, {"ml": copied.removesuffix("/log")})
    (tmp_path / "log-policy").write_text(policy)
    settings = desk_settings(desk_database, tmp_path, log_policy=tmp_path / "log-policy")
    holder = RegistryHolder(settings, settings.registry_path)
    value = registry_value(SOURCES, log_policies=[{"since": NAMED, "text": policy}], log_policy=digest(policy))
    assert holder.offer(value)
    log.append(0, Leaf(registry_env(open_own(value)), 1, "2026-03-02T09:00:00Z", REGISTRY))
    tables = Database(settings.conninfo)
    now = [FIRST + timedelta(minutes=5)]
    desk = make_desk(settings, tables, holder, None, lambda: now[0])
    made = Logged(Fed(desk, TokenStore(settings.tokens_path)), log, copy, now)
    made.fed.feed.say("monitor.alert", tlp="CLEAR")
    made.fed.feed.say("law.item", tlp="AMBER", audience=BUREAU)
    await made.fed.take()
    yield made
    await made.attesting.close()
    desk.accounts.close()
    await tables.close()


async def test_what_is_in_the_log_and_was_seen_by_two_is_attested(logged: Logged) -> None:
    """The nearest is asked: the country's own witness has a copy; the archive need not answer at all."""
    logged.archive()
    logged.witness("bf", "ml")
    logged.log.answers = {}
    await logged.attesting.step()

    assert await logged.states() == {number: Attested(WITNESSED, ("bf", "ml")) for number in (1, 2)}
    assert await logged.alarms() == []
    assert logged.attesting.away == ""


@pytest.mark.parametrize(("countries", "by"), [((), ()), (("ml",), ("ml",)), (("ne",), ()), (("bf", "ne"), ("bf",))])
async def test_fewer_are_named_and_it_is_asked_again(
    logged: Logged, countries: tuple[str, ...], by: tuple[str, ...]
) -> None:
    """One country's word is shown as one country's; the host's own adds nothing. Later both have seen it."""
    logged.archive()
    logged.witness(*countries)
    await logged.attesting.step()
    assert await logged.states() == {number: Attested(None, by) for number in (1, 2)}

    logged.witness("bf", "ml")
    await logged.attesting.step()
    assert {state.at for state in (await logged.states()).values()} == {WITNESSED}


async def test_what_is_attested_is_not_asked_for_again(logged: Logged) -> None:
    """Its first checkpoint stays: a proof is bound to the earliest time that is known of it."""
    logged.archive(until=1)
    logged.witness("bf", "ml")
    await logged.attesting.step()
    logged.archive()
    for log in (logged.log, logged.copy):
        log.entries = list(logged.log.entries)
        log._hashes = {}
        log.publish("bf", "ml", time=AT + 60)
    await logged.attesting.step()
    assert {number: state.at for number, state in (await logged.states()).items()} == {
        1: WITNESSED,
        2: WITNESSED + timedelta(seconds=60),
    }


async def test_the_archive_is_asked_where_the_witness_is_away_or_behind(logged: Logged) -> None:
    """A witness that has an older copy lacks the newest: that is no alarm. One that is away is passed over."""
    logged.archive(until=1)
    logged.witness("bf", "ml")
    logged.archive()
    logged.log.publish("bf", "ml")
    logged.now[0] += timedelta(days=1)
    await logged.attesting.step()
    assert set(await logged.states()) == {1, 2}
    assert await logged.alarms() == []


async def test_an_entry_that_was_promised_and_is_not_there_is_an_alarm(logged: Logged) -> None:
    """Not at once: the log signs every few seconds. Once it is there the alarm is settled, and kept."""
    logged.witness("bf", "ml")
    await logged.attesting.step()
    assert (await logged.alarms(), await logged.states()) == ([], {})

    logged.now[0] = FIRST + timedelta(minutes=1, seconds=30) + GRACE
    await logged.attesting.step()
    await logged.attesting.step()
    assert await logged.alarms() == [(1, "failed.log.lacking")]
    shown = await logged.fed.desk.attestations.alarms()
    assert json.loads(await logged.fed.desk.attestations.evidence(shown[0].number))["proofs"] == [None, None]

    logged.archive()
    logged.witness("bf", "ml")
    await logged.attesting.step()
    assert (await logged.alarms(), set(await logged.states())) == ([], {1, 2})


async def test_another_time_than_the_feeds_is_a_contradiction(logged: Logged) -> None:
    """The log says that the notice came a second later; nothing is taken from the desk by it."""
    logged.archive(shift=timedelta(seconds=1))
    logged.witness("bf", "ml")
    await logged.attesting.step()
    assert await logged.alarms() == [(1, "failed.log.contradicts"), (2, "failed.log.contradicts")]
    assert await logged.states() == {}
    assert len((await logged.fed.client().get("/v1/records")).json()["records"]) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda row: row | {"index": row["index"] - 1}, "refused.log.inclusion"),
        (lambda row: row | {"index": "1"}, "refused.log.inclusion"),
        (lambda row: row | {"path": ["AAAA"]}, "refused.log.entry"),
        (lambda row: row | {"entry": "{}"}, "refused.log.entry"),
        (lambda row: {"env": row["env"]}, "refused.log.entry"),
        (lambda row: row | {"entry": row["entry"].replace('"event"', '"erase"')}, "failed.log.contradicts"),
    ],
)
async def test_a_false_row_is_an_alarm_of_its_notice(logged: Logged, change: object, code: str) -> None:
    """Another place, no path, no entry, another kind of entry: the rest of the answer still counts."""
    logged.archive()
    logged.witness("bf", "ml")
    true = logged.log.proofs

    def lie(wanted: list[str]) -> bytes:
        body = json.loads(true(wanted))
        if body["proofs"][0]["index"] == 1:
            body["proofs"][0] = change(body["proofs"][0])  # type: ignore[operator]
        return json.dumps(body).encode()

    logged.log.proofs = logged.copy.proofs = lie  # type: ignore[method-assign]
    await logged.attesting.step()
    assert await logged.alarms() == [(1, code)]
    assert set(await logged.states()) == {2}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no", "refused.log.answer"),
        (b'{"checkpoint":"","proofs":[]}', "refused.log.answer"),
        (b'{"checkpoint":"","proofs":[null,null]}', "refused.log.note"),
    ],
)
async def test_an_answer_that_is_none_is_kept_and_not_believed(logged: Logged, content: bytes, code: str) -> None:
    """From the witness: the archive is asked then, and is believed."""
    logged.archive()
    logged.witness("bf", "ml")
    logged.copy.proofs = lambda wanted: content  # type: ignore[method-assign]
    await logged.attesting.step()
    assert (await logged.alarms())[0] == (None, code)
    assert set(await logged.states()) == {1, 2}


async def test_two_histories_of_one_size_are_an_alarm_with_both(logged: Logged) -> None:
    """Both signed by the log itself: that proves that it lied to somebody."""
    logged.archive(until=1)
    logged.witness("ml")
    await logged.attesting.step()
    first = logged.copy.published or b""
    logged.log.entries[-1] = logged.copy.entries[-1].replace(b'"reg":1', b'"reg":2')
    logged.log._hashes = {}
    logged.witness("bf", "ml")
    await logged.attesting.step()

    assert await logged.alarms() == [(None, "failed.log.forked")]
    async with logged.fed.desk.database.reading() as connection:
        evidence = bytes(await connection.scalar(select(log_alarm.c.evidence)) or b"")
        kept = await connection.scalar(select(checkpoint.c.note))
    assert first in evidence
    assert json.loads(evidence.removeprefix(first))["checkpoint"].encode() == logged.log.published
    assert kept == first


async def test_nobody_to_ask_is_said_and_waited_out(logged: Logged) -> None:
    """Neither the witness nor the archive: nothing is an alarm, nothing is hidden."""
    logged.archive()

    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    client = LogClient(logged.attesting._client.sources, httpx.MockTransport(away))
    logged.attesting._client = client
    with pytest.raises(OutageError, match=r"failed\.log\.away"):
        await logged.attesting.step()
    failing = LogClient(client.sources, httpx.MockTransport(lambda _: httpx.Response(503)))
    logged.attesting._client = failing
    with pytest.raises(OutageError, match="HTTP 503"):
        await logged.attesting.step()
    assert (await logged.alarms(), await logged.states()) == ([], {})


async def test_the_proof_is_for_whoever_may_read_the_notice_and_proves_it(logged: Logged) -> None:
    """By number and by id; to others there is no such notice. It holds for whoever knows the public root alone."""
    logged.archive()
    logged.witness("bf", "ml")
    await logged.attesting.step()
    public, secret = (decode_envelope(entry.envelope.encode()) for entry in logged.fed.feed.entries if entry.envelope)

    anybody = await logged.fed.client().get("/v1/records/1/proof")
    assert anybody.headers["content-type"] == "application/vnd.tamani.proof+json"
    proven = prove(anybody.content, Trust(roots=TRUSTED))
    assert proven.failed is None
    assert proven.envelope == public
    id_ = json.loads(secret.payload)["id"]
    for source, status in ((None, 404), (COMMISSION_BF, 404), (BUREAU, 200), (COMMISSION_ML, 200)):
        found = await logged.fed.client(source).get(f"/v1/proofs/{id_}")
        assert found.status_code == status, source
        assert status == 404 or prove(found.content, Trust(roots=TRUSTED)).envelope == secret


async def test_a_proof_that_is_not_whole_is_not_given(logged: Logged) -> None:
    """Too few countries yet; a registry that this desk never held; a desk without a policy."""
    reader = logged.fed.client(COMMISSION_ML)
    assert (await reader.get("/v1/records/1/proof")).json()["code"] == "failed.proof.pending"
    logged.archive(until=1)
    entry = logged.fed.feed.entries[1]
    assert entry.envelope is not None
    env = env_of(decode_envelope(entry.envelope.encode()))
    recorded = datetime.fromisoformat(entry.recordedtime).strftime("%Y-%m-%dT%H:%M:%SZ")
    logged.log.append(0, Leaf(env, 7, recorded))
    logged.witness("bf", "ml")
    await logged.attesting.step()
    assert (await reader.get("/v1/records/1/proof")).status_code == 200
    assert (await reader.get("/v1/records/2/proof")).json()["code"] == "refused.proof.none"

    logged.fed.desk.attestations = with_policy(logged, None)
    assert (await reader.get("/v1/records/1/proof")).json()["code"] == "refused.proof.none"
    assert await logged.states() == {}


def with_policy(logged: Logged, path: Path | None) -> Attestations:
    """What the same desk knows by another policy file."""
    settings = logged.fed.desk.settings.model_copy(update={"log_policy": path})
    return read_policy(settings, logged.fed.desk.database, logged.fed.desk.registry)


async def test_a_proof_carries_the_policy_under_which_it_was_attested(logged: Logged) -> None:
    """A witness has another key since. The registry says which came before; a desk that was never told has no proof."""
    logged.archive()
    logged.witness("bf", "ml")
    await logged.attesting.step()
    path = logged.fed.desk.settings.log_policy
    assert path is not None
    before = path.read_text()
    after = before.replace(str(WITNESSES["bf"].verifier), str(witness_key("bf-2").verifier))
    path.write_text(after)
    logged.fed.desk.attestations = with_policy(logged, path)
    named = [{"since": NAMED, "text": before}, {"since": LATER, "text": after}]
    today = registry_value(SOURCES, 2, log_policies=named, log_policy=digest(after), issued=LATER)
    assert logged.fed.desk.registry.offer(today)
    reader = logged.fed.client()
    proof = (await reader.get("/v1/records/1/proof")).content
    assert json.loads(proof)["policy"] == before
    assert prove(proof, Trust(roots=TRUSTED)).holds
    assert prove(proof, Trust(policy=after.encode(), roots=TRUSTED, registry=today)).holds

    path.write_text(policy_text(log_key("another.test/log")))
    logged.fed.desk.attestations = with_policy(logged, path)
    logged.fed.desk.attestations._named = tuple
    assert (await reader.get("/v1/records/1/proof")).json()["code"] == "refused.proof.none"


@pytest.mark.parametrize(
    ("countries", "words"), [((), "Non attesté"), (("ml",), "Attesté par Mali"), (("bf", "ml"), "Attesté")]
)
async def test_the_pages_say_how_it_stands(logged: Logged, countries: tuple[str, ...], words: str) -> None:
    """On the list, on the notice's page and on that of its proof, which gives the file once it is whole."""
    logged.archive()
    logged.witness(*countries)
    await logged.attesting.step()
    reader = logged.fed.client()
    record = (await reader.get("/v1/records")).json()["records"][0]
    for path in ("/", record["links"]["page"], record["links"]["page"] + "/preuve"):
        assert f">{words}</span>" in (await reader.get(path)).text, path
    whole = len(countries) == 2
    page = (await reader.get(record["links"]["page"] + "/preuve")).text
    assert ("/v1/records/1/proof" in page, "pas encore complète" in page) == (whole, not whole)
    check = await reader.get(record["links"]["page"] + "/verifier")
    assert check.status_code == (200 if whole else 503)
    assert not whole or "registry_proof" in check.text


async def test_the_check_in_the_browser_is_for_public_notices(logged: Logged) -> None:
    """A restricted notice is not put into a page that asks to be tried."""
    logged.archive()
    logged.witness("bf", "ml")
    await logged.attesting.step()
    reader = logged.fed.client(BUREAU)
    records = {row["event"]["tlp"]: row["links"]["page"] for row in (await reader.get("/v1/records")).json()["records"]}
    assert (await reader.get(records["AMBER"] + "/verifier")).status_code == 404
    assert "/verifier" not in (await reader.get(records["AMBER"] + "/preuve")).text.partition("<footer")[0]
    assert "envelope" in (await reader.get(records["CLEAR"] + "/verifier")).text


async def test_bodies_see_that_there_are_alarms_and_get_the_evidence(logged: Logged) -> None:
    """A banner on every page for whoever is signed in; the public is told nothing of what it may not read."""
    logged.archive(shift=timedelta(seconds=1))
    logged.witness("bf", "ml")
    await logged.attesting.step()
    reader, anybody = logged.fed.client(COMMISSION_ML), logged.fed.client()
    assert "/alarmes" in (await reader.get("/")).text
    assert "/alarmes" not in (await anybody.get("/")).text
    page = (await reader.get("/alarmes")).text
    assert page.count("failed.log.contradicts") == 2
    evidence = await reader.get("/alarmes/1/preuve")
    assert json.loads(evidence.content)["checkpoint"].encode() in (logged.copy.published, logged.log.published)
    assert (await reader.get("/alarmes/99/preuve")).status_code == 404
    for path in ("/alarmes", "/alarmes/1/preuve"):
        assert (await anybody.get(path)).status_code == 401


async def test_a_policy_that_cannot_be_read_stops_the_start(logged: Logged) -> None:
    """Better than a desk that attests nothing and does not say so."""
    with pytest.raises(DefectError, match=r"failed\.settings"):
        with_policy(logged, Path("/nowhere"))


async def test_what_an_epoch_replaces_is_attested_anew(logged: Logged) -> None:
    """A restored archive tells its end again: what was held against the log before is forgotten with it."""
    logged.archive()
    logged.witness("bf", "ml")
    await logged.attesting.step()
    place = await logged.fed.intake.load()
    await logged.fed.intake.truncate(place, 2, 2)
    assert set(await logged.states()) == {1}


def test_the_sources_are_those_of_the_policy() -> None:
    """The own country's witness first; a desk of the region has none of its own."""
    policy = SmallLog().policy("http://archive.test/log", {"ml": "http://ml.test/", "bf": "http://bf.test"})
    for country, urls in (
        ("ml", ["http://ml.test/log", "http://archive.test/log"]),
        ("rg", ["http://archive.test/log"]),
    ):
        assert [source.url for source in LogClient.of(policy, country).sources] == urls  # type: ignore[arg-type]


async def test_the_body_s_own_proof_holds_its_signed_receipt(logged: Logged, tmp_path: Path) -> None:
    """Which its node keeps. Others get the proof without; so does the body where the receipt is of another epoch."""
    async with posting(tmp_path) as node:
        said = await node.client(COMMISSION_ML).post("/v1/messages", json=api_body("monitor.alert", tlp="CLEAR"))
        (row,) = await node.rows()
        logged.fed.feed.append_value(row["value"])
        await logged.fed.take()
        logged.archive()
        logged.witness("bf", "ml")
        await logged.attesting.step()
        logged.fed.desk.posting = Api(node.client())
        poster = logged.fed.tokens.issue(COMMISSION_ML, "poster")
        path, mine = f"/v1/proofs/{said.json()['id']}", {"Authorization": f"Bearer {poster}"}
        for place, epoch, who, enclosed in (
            (None, 1, mine, False),
            (3, 1, mine, True),
            (3, 1, {}, False),
            (9, 2, mine, False),
        ):
            if place is not None:
                await promise(node, row["value"], logged.log.key.key, place, epoch)
            found = (await logged.fed.client().get(path, headers=who)).content
            assert prove(found, Trust(roots=TRUSTED)).failed is None
            assert (ProofBundle.parse(found).receipt != "") is enclosed, (place, who)


async def promise(node: Posting, value: bytes, key: SigningKey, place: int, epoch: int) -> None:
    """The node hears that its notice is archived as this entry."""
    digest_ = hashlib.sha256(value).hexdigest()
    told = {"verdict": "archived", "code": "archived", "value_sha256": digest_, "at": "2026-03-02T09:00:01Z"}
    receipt = Receipt.model_validate(told | {"epoch": epoch, "log_index": place, "leaf_index": place})
    signed = {receipt: sign_receipt(receipt.encode(), key)}
    await node.outbox.answer([receipt], frozenset(), ReadTo("c", "receipts.ml", 0, epoch), signed)
