"""A witness over HTTP: the statuses and types that C2SP gives, its copy as any log, its alarms in words."""

from collections.abc import Iterator

import httpx
import pytest

from tamani.core.log.conflict import Conflict
from tamani.core.log.note import Note, Signature
from tamani.core.log.proof import Proof
from tamani.core.log.tiles import hashes_of, unbundle
from tamani.witness.api import build_app
from tests.support.small_log import AT, WITNESSES, SmallLog, leaf
from tests.support.witnessing import Witness, served


@pytest.fixture
def client(witness: Witness) -> Iterator[httpx.Client]:
    """Who calls, from this machine."""
    with served(witness) as url, httpx.Client(base_url=url, trust_env=False) as made:
        yield made


def add(client: httpx.Client, body: bytes) -> httpx.Response:
    """One request to cosign."""
    return client.post("/add-checkpoint", content=body)


def test_a_cosignature_is_a_line_of_a_note(client: httpx.Client, log: SmallLog) -> None:
    """200, and what it says can be put below the checkpoint."""
    answer = add(client, log.request(0))
    note = Note.parse(log.note()).with_(Signature.parse(answer.text.removesuffix("\n")))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert note.signed_by([WITNESSES["bf"].verifier]) == {WITNESSES["bf"].verifier: AT}


def test_another_size_is_told_as_the_specification_says(client: httpx.Client, log: SmallLog) -> None:
    """409, its own media type, the size and nothing else."""
    add(client, log.request(0, 200))
    answer = add(client, log.request(0))
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (409, "text/x.tlog.size", b"200\n")


def test_each_refusal_has_its_status_and_its_sentences(client: httpx.Client, log: SmallLog) -> None:
    """400, 403, 404, 422, 503: problem+json in French and English."""
    bodies = {
        400: b"old 1\n",
        403: log.request(0).replace(b"\n300\n", b"\n301\n"),
        404: log.request(0).replace(log.key.name.encode(), b"tamani.test/other"),
        503: log.request(0),
    }
    log.answers |= {"tile/entries/000": None}
    found = {status: add(client, body) for status, body in bodies.items()}
    log.answers.clear()
    add(client, log.request(0, 100))
    found[422] = add(client, log.request(100).replace(b"\n", b"\n" + b"A" * 43 + b"=\n", 1))
    assert {answer.status_code for answer in found.values()} == {400, 403, 404, 422, 503}
    for status, answer in found.items():
        problem = answer.json()
        assert (answer.status_code, problem["status"]) == (status, status)
        assert problem["detail_fr"] != problem["detail_en"]


def test_a_request_without_end_is_cut(client: httpx.Client) -> None:
    """What is too long is refused before it is read."""
    answer = add(client, b"old 0\n" + b"A" * 200_000)
    assert (answer.status_code, answer.json()["code"]) == (400, "refused.witness.request")


def test_its_copy_is_a_log_like_any_other(client: httpx.Client, log: SmallLog) -> None:
    """Checkpoint with its cosignature, tiles, entries, proofs: all verify; full and partial tiles alike."""
    add(client, log.request(0))
    seen = log.policy().see(client.get("/log/checkpoint").content)
    assert (seen.checkpoint, dict(seen.witnesses)) == (log.checkpoint(), {"bf": AT})
    hashes = hashes_of(300, lambda tile: client.get(f"/log/{tile.path}").content)
    assert [hashes(level, 0) for level in (0, 3, 8)] == [log.hashes(level, 0) for level in (0, 3, 8)]
    bundle = client.get("/log/tile/entries/001.p/44")
    assert unbundle(bundle.content) == log.entries[256:]
    assert "immutable" in bundle.headers["cache-control"]
    proof = Proof.parse(client.get(f"/log/proof/{leaf(299).env.hex()}").content)
    assert (proof.verify(proof.extra or b"", log.policy()).checkpoint.size, proof.index) == (300, 299)
    many = client.post("/log/proofs", json={"env": [leaf(1).env.hex(), "ab" * 32]}).json()
    assert (many["checkpoint"].encode(), many["proofs"][1]) == (client.get("/log/checkpoint").content, None)
    assert many["proofs"][0]["entry"].encode() == log.entries[1]


def test_what_is_not_under_its_checkpoint_is_shown_to_nobody(
    client: httpx.Client, log: SmallLog, witness: Witness
) -> None:
    """Nothing before the first cosignature; nothing beyond the last, copied or not."""
    assert client.get("/log/checkpoint").json()["code"] == "failed.log.pending"
    assert client.post("/log/proofs", json={"env": []}).status_code == 503
    add(client, log.request(0, 260))
    log.answers |= {"tile/entries/001.p/44": b"\0", "tile/entries/001": None}
    add(client, log.request(260))
    paths = ["tile/entries/001.p/5", "tile/0/001.p/5", "tile/1/000.p/2", "tile/0/01", f"proof/{leaf(299).env.hex()}"]
    assert {client.get(f"/log/{path}").status_code for path in paths} == {404}
    assert client.get("/log/tile/0/001.p/4").status_code == 200
    assert client.get("/log/proof/nonsense").status_code == 422


def test_alarms_are_said_in_words_and_proven_in_a_file(client: httpx.Client, log: SmallLog) -> None:
    """Health, status, metrics, evidence."""
    assert client.get("/healthz").json()["status"] == "ok"
    add(client, log.request(0))
    assert add(client, log.fork(150).append(150, mark="gap").request(0)).status_code == 409
    health, status = client.get("/healthz").json(), client.get("/v1/status").json()
    assert (health["status"], health["alarms"]) == ("alarm", ["failed.witness.conflict"])
    (alarm,) = status["alarms"]
    assert ("deux autres pays" in alarm["fr"], "two other countries" in alarm["en"]) == (True, True)
    file = client.get(f"/v1/evidence/{alarm['number']}").content
    assert Conflict.parse(file).verify(log.policy()).names == (log.key.name,)
    assert 'tamani_witness_alarms{code="failed.witness.conflict"} 1.0' in client.get("/metrics").text
    assert 'tamani_witness_requests_total{status="409"} 1.0' in client.get("/metrics").text
    assert client.get("/v1/evidence/77").status_code == 404


def test_what_cannot_be_proven_has_no_file(client: httpx.Client, log: SmallLog) -> None:
    """Missing entries are an alarm without evidence."""
    log.answers |= {"tile/entries/000": None}
    add(client, log.request(0))
    (alarm,) = client.get("/v1/status").json()["alarms"]
    assert alarm["provable"] is False
    assert client.get(f"/v1/evidence/{alarm['number']}").status_code == 404


async def test_figures_are_for_this_machine(witness: Witness) -> None:
    """Elsewhere there is no such page."""
    transport = httpx.ASGITransport(build_app(witness.service), client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://witness") as stranger:
        assert (await stranger.get("/metrics")).status_code == 404
        assert (await stranger.get("/v1/status")).status_code == 200
