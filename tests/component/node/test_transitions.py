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


async def test_a_bill_does_not_leap_nor_move_without_proof(node: Posting) -> None:
    """Before it is sealed; a country stays in the file."""
    steps = [{"country": "ml", "stage": "depose"}, {"country": "bf", "stage": "etude"}]

    def file(*rows: dict[str, Any]) -> dict[str, Any]:
        return api_body("law.item", subject="law/x", data=data("law.item", steps=list(rows)))

    moved = {"country": "ml", "stage": "commission", "since": "2026-03-01", "evidence": "Bordereau 12"}
    async with node.client(COMMISSION_ML) as client:
        assert (await client.post("/v1/messages", json=file(*steps))).status_code == 202
        for wrong in (
            (moved | {"stage": "promulgue"}, steps[1]),
            ({**steps[0], "stage": "commission"}, steps[1]),
            (steps[0],),
        ):
            refused = await client.post("/v1/messages", json=file(*wrong))
            assert (refused.status_code, refused.json()["code"]) == (409, "refused.transition.stage")
        assert (await client.post("/v1/messages", json=file(moved, steps[1]))).status_code == 202
    assert len(await node.rows()) == 2


async def test_a_follow_up_names_an_action_of_the_minutes(node: Posting) -> None:
    """Word for word, and one that its body is charged with; else it is refused before it is sealed."""
    actions = [{"text": "Écrire aux maires", "owner": OBSERVATORY_ML}, {"text": "Imprimer", "owner": COMMISSION_ML}]
    said = data("agenda.record", profile="releve", status="approved", actions=actions)
    async with node.client(COMMISSION_ML) as client, node.client(OBSERVATORY_ML) as other:
        body = api_body("agenda.record", profile="releve", data=said)
        minutes = (await client.post("/v1/messages", json=body)).json()
        for what, code in (("Écrire au maire", 409), ("Imprimer", 409), ("Écrire aux maires", 202)):
            target = {"source": COMMISSION_ML, "id": minutes["id"]}
            done = data("ack", profile="suite", target=target, action=what, level="fait")
            answer = await other.post("/v1/messages", json=api_body("ack", profile="suite", data=done))
            assert answer.status_code == code, answer.text
            assert code == 202 or answer.json()["code"] == "refused.transition.action"
    assert len(await node.rows()) == 2


async def test_a_version_made_from_one_that_is_no_longer_in_force_is_refused(node: Posting) -> None:
    """Whoever says what they have seen undoes nobody's change; saying it again is still the same post."""
    async with node.client(COMMISSION_ML) as client:
        first = (await client.post("/v1/messages", json=api_body(subject="agenda/x"))).json()["id"]
        body = api_body(subject="agenda/x", id=id_of(2), follows=first, data=data(place="Salle 2"))
        for _ in range(2):
            assert (await client.post("/v1/messages", json=body)).status_code == 202
        late = await client.post("/v1/messages", json=body | {"id": id_of(3), "data": data(place="Salle 3")})
        assert (late.status_code, late.json()["code"]) == (409, "refused.thread.changed")
        assert late.json()["detail"] == id_of(2)
        bare = await client.post("/v1/messages", json=api_body(subject="agenda/x", data=data(place="Salle 4")))
        assert bare.status_code == 202, "whoever says nothing of it speaks as before"
        unknown = api_body(subject="agenda/new", follows=id_of(9))
        assert (await client.post("/v1/messages", json=unknown)).status_code == 202, (
            "a node that forgot refuses nothing"
        )
    assert len(await node.rows()) == 4
