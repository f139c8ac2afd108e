"""Transitions at the API: what the state of the thread does not allow is refused before it is sealed, in words."""

from typing import Any

from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, api_body, data_of, id_of
from tests.support.posting import Posting


def data(kind: str = "agenda.meeting", profile: str | None = None, **changes: Any) -> dict[str, Any]:
    """Valid data with changes."""
    return data_of(kind, profile=profile) | changes


async def test_what_the_state_does_not_allow_is_refused_with_what_it_does(node: Posting) -> None:
    """Before it is sealed, in both languages; nothing is stored."""
    async with node.client(COMMISSION_ML) as client:
        await client.post("/v1/messages", json=api_body(subject="agenda/x", data=data(status="tentative")))
        held = await client.post("/v1/messages", json=api_body(subject="agenda/x", data=data(status="held")))
    assert (held.status_code, held.json()["code"]) == (409, "refused.transition")
    assert held.json()["detail"] == (
        "maintenant : À confirmer, Confirmée, Reportée, Annulée / now: Tentative, Confirmed, Postponed, Cancelled"
    )
    assert len(await node.rows()) == 1


async def test_only_the_convener_decides_on_a_point(node: Posting) -> None:
    """Both bodies speak through this node: it knows the point, and for which meeting it is."""
    meeting = {"source": OBSERVATORY_ML, "id": id_of(7)}
    async with node.client(COMMISSION_ML) as proposer, node.client(OBSERVATORY_ML) as convener:
        point = data("agenda.item", meeting=meeting)
        said = (await proposer.post("/v1/messages", json=api_body("agenda.item", data=point))).json()
        taken = data("ack", profile="decision", target={"source": COMMISSION_ML, "id": said["id"]})
        decision = api_body("ack", profile="decision", data=taken)
        theirs = await proposer.post("/v1/messages", json=decision)
        ours = await convener.post("/v1/messages", json=decision)
    assert (theirs.status_code, theirs.json()["code"]) == (403, "refused.transition.role")
    assert ours.status_code == 202, ours.text


async def test_an_answer_is_taken_back_in_the_thread_that_it_is_in(node: Posting) -> None:
    """A withdrawal that named no thread would land nowhere, and the answer would stand."""
    asked = data("exchange.request", profile="besoin")
    async with node.client(COMMISSION_ML) as client, node.client(OBSERVATORY_ML) as other:
        body = api_body("exchange.request", profile="besoin", data=asked)
        request = (await client.post("/v1/messages", json=body)).json()
        answered = data("exchange.answer", profile="besoin", target={"source": COMMISSION_ML, "id": request["id"]})
        answer = await other.post("/v1/messages", json=api_body("exchange.answer", profile="besoin", data=answered))
        target = {"source": OBSERVATORY_ML, "id": answer.json()["id"]}
        bare = await other.post("/v1/messages", json=api_body("withdrawal", data=data("withdrawal", target=target)))
        whole = data("withdrawal", target=target | {"thread": COMMISSION_ML})
        named = await other.post("/v1/messages", json=api_body("withdrawal", data=whole))
    assert (bare.status_code, bare.json()["detail"]) == (409, f"target.thread = {COMMISSION_ML}")
    assert named.status_code == 202, named.text
