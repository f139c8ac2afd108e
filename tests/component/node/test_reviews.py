"""The second pair of eyes at the node's API: what needs it waits unsealed, and only another person releases it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tamani.core.codes import code
from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.node.main import new_id
from tamani.node.review_rows import WAITS_MS
from tamani.node.rows import KEPT_MS
from tamani.runtime.accounts.accounts import open_accounts
from tamani.runtime.clock import system_clock
from tests.component.node.test_process import process
from tests.support.node_folder import NodeFolder
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, Speaker, api_body, data_of, id_of, key_row, registry
from tests.support.officers import ALL, HEAD, POSTER, READER, VALIDATOR, session_of
from tests.support.ports import free_ports
from tests.support.posting import Posting

SECRET = "un constat que personne n'a encore relu"
DAY_MS = 24 * 60 * 60 * 1000


def report(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A monitoring report: it needs a second person."""
    data = data_of("monitor.report") | {"observatory": OBSERVATORY_ML}
    data["findings"] = [{"text": SECRET, "confidence": "B2"}]
    return api_body("monitor.report", id=id_of(number), tlp="GREEN", data=data) | changes


def page(node: Posting, roles: Any, function: str = "Secrétaire de séance", source: str = OBSERVATORY_ML) -> Any:
    """A page of the site that speaks for an officer of this body."""
    return node.client(None, authorization=f"tamani-session {session_of(node.accounts, source, roles, function)}")


@pytest.fixture
async def author(node: Posting) -> AsyncIterator[httpx.AsyncClient]:
    """An officer of the observatory with every role: what they write they cannot release."""
    async with page(node, ALL) as client:
        yield client


@pytest.fixture
async def second(node: Posting) -> AsyncIterator[httpx.AsyncClient]:
    """Another officer of the same body, who validates."""
    async with page(node, VALIDATOR, "Coordinatrice") as client:
        yield client


async def seen(client: httpx.AsyncClient, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/v1/reviews/{id_of(number)}")).json()
    return found


async def approve(client: httpx.AsyncClient, number: int = 1, digest: str | None = None) -> httpx.Response:
    digest = (await seen(client, number))["digest"] if digest is None else digest
    return await client.post(f"/v1/reviews/{id_of(number)}/approve", json={"seen": digest})


async def refused(answer: httpx.Response, name: str) -> None:
    assert (answer.json()["code"], answer.status_code) == (name, code(name).status)


async def test_it_waits_unsealed_then_another_person_releases_it(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    """202 *à valider*; nothing in the outbox; released, it is sealed with the sequence of that moment."""
    said = await author.post("/v1/messages", json=report())
    assert said.status_code == 202
    assert said.json() == {
        "id": id_of(1),
        "source": OBSERVATORY_ML,
        "subject": f"monitor/{id_of(1)}",
        "state": "to-validate",
        "sequence": None,
        "digest": None,
    }
    shown = (await author.get(f"/v1/messages/{id_of(1)}")).json()
    assert (shown["state"], shown["state_fr"], shown["type"]) == ("to-validate", "à valider", "monitor.report")
    assert await node.rows() == []
    await refused(await approve(author), "refused.review.self")
    listed = (await second.get("/v1/reviews?state=to-validate")).json()["reviews"]
    assert [(one["id"], one["yours"], one["author"], one["why"]) for one in listed] == [
        (id_of(1), False, "Secrétaire de séance", "type")
    ]
    assert listed[0]["draft"]["data"]["findings"][0]["text"] == SECRET
    done = await approve(second)
    assert (done.status_code, done.json()["state"], done.json()["draft"]) == (200, "released", None)
    assert [(act["act"], act["by"]) for act in done.json()["acts"]] == [
        ("written", "Secrétaire de séance"),
        ("approve", "Coordinatrice"),
    ]
    (row,) = await node.rows()
    assert decode_event(decode_envelope(row["value"]).payload).data["findings"][0]["text"] == SECRET
    assert (row["sequence"], row["subject"]) == (1, f"monitor/{id_of(1)}")
    assert (await author.get(f"/v1/messages/{id_of(1)}")).json()["state"] == "waiting"
    again = await approve(second, digest=listed[0]["digest"])
    assert again.status_code == 200
    assert len(await node.rows()) == 1
    assert (await author.post("/v1/messages", json=report())).json() == said.json(), "the first answer again"
    assert (await second.get("/v1/reviews")).json() == {"reviews": []}


@pytest.mark.parametrize(
    ("body", "waits"),
    [
        (report(), True),
        (api_body("agenda.meeting", tlp="CLEAR"), True),
        (api_body("agenda.meeting", tlp="GREEN"), False),
        (api_body("monitor.alert", profile="alerte", tlp="GREEN"), True),
        (
            api_body("monitor.alert", profile="a-confirmer", tlp="GREEN")
            | {"data": data_of("monitor.alert") | {"urgency": "Immediate", "msg_type": "Alert"}},
            False,
        ),
    ],
)
async def test_a_program_is_asked_the_same(node: Posting, body: dict[str, Any], waits: bool) -> None:
    """A `poster` token waits like an officer; `validated` says that two people have seen it before it came here."""
    async with node.client(OBSERVATORY_ML, "poster") as program:
        said = await program.post("/v1/messages", json=body | {"id": id_of(1)})
        assert (said.status_code, said.json()["state"]) == (202, "to-validate" if waits else "waiting")
    async with node.client(OBSERVATORY_ML, "validated") as program:
        assert (await program.post("/v1/messages", json=body | {"id": id_of(2)})).json()["state"] == "waiting"
    assert len(await node.rows()) == (1 if waits else 2)


async def test_a_body_may_ask_for_two_for_all_that_it_says(node: Posting, author: httpx.AsyncClient) -> None:
    """An answer never waits; another body is asked nothing."""
    body = api_body("agenda.meeting", tlp="GREEN")
    (head,) = node.accounts.officers.of_body(OBSERVATORY_ML)
    node.accounts.rules.set_always_two(head, True)
    assert (await author.post("/v1/messages", json=body | {"id": id_of(1)})).json()["state"] == "to-validate"
    assert (await seen(author))["why"] == "body"
    async with page(node, ALL, source=COMMISSION_ML) as other:
        assert (await other.post("/v1/messages", json=body | {"id": id_of(2)})).json()["state"] == "waiting"
    target = {"source": COMMISSION_ML, "id": id_of(2)}
    ack = api_body("ack", tlp="GREEN") | {"data": data_of("ack") | {"target": target}}
    assert (await author.post("/v1/messages", json=ack)).json()["state"] == "waiting"
    node.accounts.rules.set_always_two(head, False)
    assert (await author.post("/v1/messages", json=body | {"id": id_of(3)})).json()["state"] == "waiting"


async def test_sent_back_with_a_remark_then_said_again(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    """Its author reads why, says it again under the same id, and it waits again; nobody releases the first."""
    await author.post("/v1/messages", json=report())
    first = (await seen(second))["digest"]
    for remark in ("", "x", "x" * 1001):
        await refused(
            await second.post(f"/v1/reviews/{id_of(1)}/send-back", json={"remark": remark}), "refused.review.remark"
        )
    back = await second.post(f"/v1/reviews/{id_of(1)}/send-back", json={"remark": "La période manque."})
    assert (back.status_code, back.json()["state"]) == (200, "sent-back")
    shown = (await author.get(f"/v1/messages/{id_of(1)}")).json()
    assert (shown["state"], shown["detail"], shown["code"]) == ("sent-back", "La période manque.", None)
    await refused(await approve(second), "refused.review.state")
    better = report(data=report()["data"] | {"period": "2026-T1"})
    assert (await author.post("/v1/messages", json=better)).json()["state"] == "to-validate"
    await refused(await approve(second, digest=first), "refused.review.changed")
    await refused(await author.post("/v1/messages", json=report()), "refused.id.reused")
    assert (await seen(second))["remark"] == ""
    assert (await approve(second)).status_code == 200
    (row,) = await node.rows()
    assert decode_event(decode_envelope(row["value"]).payload).data["period"] == "2026-T1"


async def test_what_came_back_may_become_what_needs_nobody(node: Posting, author: httpx.AsyncClient) -> None:
    """Taken back, no longer public: it goes at once, and the trail says that one person released it."""
    body = api_body("agenda.meeting", id=id_of(1), tlp="CLEAR")
    await author.post("/v1/messages", json=body)
    assert (await author.post(f"/v1/reviews/{id_of(1)}/take-back")).json()["state"] == "sent-back"
    assert (await author.post("/v1/messages", json=body | {"tlp": "GREEN"})).json()["state"] == "waiting"
    assert [act["act"] for act in (await seen(author))["acts"]] == ["written", "take-back", "alone"]
    assert len(await node.rows()) == 1


@pytest.mark.parametrize("step", ["refuse", "drop"])
async def test_refused_or_given_up_nothing_of_it_is_kept(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient, step: str, tmp_path: Path
) -> None:
    await author.post("/v1/messages", json=report())
    who = second if step == "refuse" else author
    done = await who.post(f"/v1/reviews/{id_of(1)}/{step}", json={"remark": "Une source serait reconnue."})
    assert (done.status_code, done.json()["state"], done.json()["draft"]) == (200, "refused", None)
    shown = (await author.get(f"/v1/messages/{id_of(1)}")).json()
    assert (shown["state"], shown["code"]) == (
        "refused",
        "refused.review" if step == "refuse" else "refused.review.dropped",
    )
    assert shown["detail"] == ("Une source serait reconnue." if step == "refuse" else None)
    assert [one["id"] for one in (await author.get("/v1/messages")).json()["messages"]] == [id_of(1)]
    await refused(await author.post("/v1/messages", json=report(tlp="AMBER")), "refused.id.reused")
    await refused(await approve(second, digest=done.json()["digest"]), "refused.review.state")
    assert await node.rows() == []


async def test_on_the_disk_nobody_reads_what_waits(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient, tmp_path: Path
) -> None:
    """Neither the words nor the remark; a notice that must be sealed shows no type either."""
    await author.post("/v1/messages", json=report())
    hidden = report(2, tlp="RED", audience=[COMMISSION_ML])
    assert (await author.post("/v1/messages", json=hidden)).json()["subject"].startswith("sealed/")
    await second.post(f"/v1/reviews/{id_of(1)}/send-back", json={"remark": "Trop précis pour partir."})
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("outbox.sqlite*"))
    assert SECRET.encode() not in kept
    assert "Trop précis".encode() not in kept
    types = {one["id"]: one["type"] for one in (await author.get("/v1/messages")).json()["messages"]}
    assert types == {id_of(1): "monitor.report", id_of(2): "sealed"}
    subject = (await author.get(f"/v1/messages/{id_of(2)}")).json()["subject"]
    assert (await approve(second, 2)).status_code == 200
    (row,) = await node.rows()
    assert (row["type"], row["subject"]) == ("sealed", subject)


async def test_each_door_asks_for_its_role(node: Posting, author: httpx.AsyncClient) -> None:
    """A program, a reader, a head and another body see nothing; a poster reads and releases nothing."""
    await author.post("/v1/messages", json=report())
    path = f"/v1/reviews/{id_of(1)}"
    digest = (await seen(author))["digest"]
    bodies = {
        "approve": {"seen": digest},
        "send-back": {"remark": "Pourquoi ?"},
        "refuse": {"remark": "Pourquoi ?"},
        "take-back": {},
        "drop": {},
    }
    for made in (page(node, READER, "Lectrice"), page(node, HEAD, "Responsable")):
        async with made as client:
            for answer in [await client.get(path), await client.get("/v1/reviews")]:
                await refused(answer, "refused.auth.role")
            for step, body in bodies.items():
                await refused(await client.post(f"{path}/{step}", json=body), "refused.auth.role")
    async with page(node, POSTER, "Rédactrice") as client:
        assert (await client.get(path)).status_code == 200
        for step in ("approve", "send-back", "refuse"):
            await refused(await client.post(f"{path}/{step}", json=bodies[step]), "refused.auth.role")
        for step in ("take-back", "drop"):
            await refused(await client.post(f"{path}/{step}"), "refused.review.author")
    async with page(node, VALIDATOR, "Validatrice") as client:
        for step in ("take-back", "drop"):
            await refused(await client.post(f"{path}/{step}"), "refused.auth.role")
    async with node.client(OBSERVATORY_ML, "validated") as program:
        await refused(await program.get("/v1/reviews"), "refused.auth.session")
        await refused(await program.post(f"{path}/approve", json=bodies["approve"]), "refused.auth.session")
    async with page(node, ALL, source=COMMISSION_ML) as stranger:
        assert (await stranger.get("/v1/reviews")).json() == {"reviews": []}
        await refused(await stranger.get(path), "refused.request.notice")
        await refused(await stranger.post(f"{path}/approve", json=bodies["approve"]), "refused.request.notice")
    assert (await seen(author))["state"] == "to-validate"


async def test_what_the_region_would_refuse_is_refused_to_its_author_and_again_at_the_release(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    """At once, with nothing kept; and if rights have gone since, it still waits."""
    await refused(await author.post("/v1/messages", json=report(tlp="AMBER")), "refused.policy.audience")
    await refused(await author.post("/v1/messages", json=report(subject="agenda/ailleurs")), "refused.event.subject")
    assert (await author.get("/v1/messages")).json()["messages"] == []
    await author.post("/v1/messages", json=report())
    node.known.append(registry(version=2, keys=[key_row(OBSERVATORY_ML, rights=["agenda.meeting:*"])]))
    await refused(await approve(second), "refused.policy.type")
    assert (await seen(second))["state"] == "to-validate"
    assert await node.rows() == []
    node.known.append(registry(version=3))
    assert (await approve(second)).status_code == 200
    assert [row["sequence"] for row in await node.rows()] == [1], "no refusal has taken a number"


async def test_an_id_in_the_outbox_or_in_the_review_stands_for_one_content(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    await author.post("/v1/messages", json=api_body(id=id_of(1), tlp="GREEN"))
    await refused(await author.post("/v1/messages", json=report()), "refused.id.reused")
    await author.post("/v1/messages", json=report(2))
    await refused(await author.post("/v1/messages", json=api_body(id=id_of(2))), "refused.id.reused")
    async with node.client(OBSERVATORY_ML) as program:
        elsewhere = Speaker(OBSERVATORY_ML).seals(id=id_of(2), sequence="7")
        assert (await program.post("/v1/envelopes", content=elsewhere)).status_code == 202
    await refused(await approve(second, 2), "refused.id.reused")
    assert len(await node.rows()) == 2


async def test_what_nobody_releases_is_forgotten(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    """After thirty days its words, after ninety more its row; the trail stays."""
    await author.post("/v1/messages", json=report())
    node.clock.turn(days=WAITS_MS // DAY_MS, seconds=1)
    assert await node.outbox.drop_old() == 1
    async with node.client(OBSERVATORY_ML) as program:
        shown = (await program.get(f"/v1/messages/{id_of(1)}")).json()
        assert (shown["state"], shown["code"]) == ("refused", "refused.review.late")
        node.clock.turn(days=KEPT_MS // DAY_MS, seconds=1)
        assert await node.outbox.drop_old() == 1
        await refused(await program.get(f"/v1/messages/{id_of(1)}"), "refused.request.notice")


async def test_a_key_that_was_taken_away_leaves_what_it_opened_unreadable(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    """It is listed without its words; nobody can release it, its author can give it up."""
    await author.post("/v1/messages", json=report())
    digest = (await seen(second))["digest"]
    node.ground.keystore.keys.clear()
    assert (await seen(second))["draft"] is None
    await refused(await approve(second, digest=digest), "failed.keystore")
    assert (await author.post(f"/v1/reviews/{id_of(1)}/drop")).json()["state"] == "refused"


@pytest.mark.timeout(120)
async def test_killed_between_any_two_steps_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """`kill -9` after the post, and after the release: it waits, then it is in the outbox once, whoever asks again."""
    home = NodeFolder(tmp_path)
    port, nobody = free_ports(2)
    accounts = open_accounts(home.folder, system_clock)
    cookies = [session_of(accounts, OBSERVATORY_ML, ALL, name) for name in ("Autrice", "Coordinatrice")]
    accounts.close()
    one, other = ({"Authorization": f"tamani-session {cookie}"} for cookie in cookies)
    url, body = f"http://127.0.0.1:{port}", report() | {"id": new_id()}
    path, answers, digests = f"/v1/reviews/{body['id']}", [], []
    for step in ("post", "post", "approve", "approve"):
        async with process(home, {"kafka_bootstrap": f"127.0.0.1:{nobody}"}, port) as child:
            async with httpx.AsyncClient(base_url=url) as client:
                if step == "post":
                    answers.append((await client.post("/v1/messages", json=body, headers=one)).json())
                    digests.append((await client.get(path, headers=other)).json()["digest"])
                else:
                    given = await client.post(f"{path}/approve", json={"seen": digests[0]}, headers=other)
                    assert (given.status_code, given.json()["state"]) == (200, "released")
                listed = (await client.get("/v1/messages", headers=one)).json()["messages"]
            child.kill()
        state = "to-validate" if step == "post" else "waiting"
        assert [(found["id"], found["state"]) for found in listed] == [(body["id"], state)]
    assert answers[0] == answers[1]
    assert digests[0] == digests[1]


async def test_two_who_release_at_once_seal_one_notice(
    node: Posting, author: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    await author.post("/v1/messages", json=report())
    digest = (await seen(second))["digest"]
    async with page(node, ALL, "Présidente") as third:
        answers = await asyncio.gather(*(approve(who, digest=digest) for who in (second, third, second)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await node.rows()) == 1
