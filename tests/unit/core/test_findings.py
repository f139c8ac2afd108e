"""What the archive finds out, as notices: the same facts are the same bytes, for the readers of the first alone."""

from datetime import timedelta
from typing import Any

import pytest

from tamani.core.catalogue import catalogue
from tamani.core.event import UUID7, Event, encode_event
from tamani.core.findings import contest
from tamani.core.judge import judge
from tamani.core.names import Country
from tamani.core.policy import Reader, may_read
from tamani.core.thread import thread_of
from tamani.core.verdict import Forward, Refuse
from tests.support.notices import (
    BUREAU,
    COMMISSION_BF,
    COMMISSION_ML,
    OBSERVATORY_NE,
    SOURCES,
    Speaker,
    key_row,
    registry,
    seal,
)
from tests.support.region import NOW

ENVS = b"\x01" * 32, b"\x02" * 32
KNOWN = registry(keys=[key_row(source, rights=["system.contest:*", "system.absence:*"]) for source in SOURCES])


def found(first: Event, **changes: Any) -> Event:
    parts: dict[str, Any] = {"source": BUREAU, "first": first, "envs": ENVS, "at": NOW}
    return contest(**(parts | changes))


def test_the_same_facts_are_the_same_bytes_and_any_other_fact_is_another_id() -> None:
    """Told twice after a crash, it is archived once; and the archive can never contradict itself under one id."""
    first = Speaker().says()
    assert encode_event(found(first)) == encode_event(found(first))
    others = [
        found(first, source=COMMISSION_BF),
        found(first, envs=ENVS[::-1]),
        found(first, at=NOW + timedelta(seconds=1)),
        found(Speaker().says()),
    ]
    ids = {found(first).id, *(other.id for other in others)}
    assert len(ids) == 5
    assert all(UUID7.fullmatch(id_) for id_ in ids)


def test_its_id_says_its_time_and_its_sequence_rises_with_time() -> None:
    early, late = found(Speaker().says()), found(Speaker().says(), at=NOW + timedelta(seconds=1))
    assert int(early.id.replace("-", "")[:12], 16) == int(NOW.timestamp()) * 1000
    assert int(early.sequence) < int(late.sequence)


@pytest.mark.parametrize(
    ("tlp", "audience", "shown_as", "readers"),
    [
        ("CLEAR", None, "CLEAR", {None, *SOURCES}),
        ("GREEN", None, "GREEN", set(SOURCES)),
        ("AMBER", OBSERVATORY_NE, "AMBER", {COMMISSION_ML, OBSERVATORY_NE}),
        ("RED", OBSERVATORY_NE, "AMBER", {COMMISSION_ML, OBSERVATORY_NE}),
    ],
)
def test_who_may_read_the_first_may_read_it_and_nobody_else(
    tlp: str, audience: str | None, shown_as: str, readers: set[str | None]
) -> None:
    """Beside them only the body that says it. A sealed notice is spoken of in the open: by its id, which is known."""
    said = found(Speaker().says(tlp=tlp, audience=audience))
    may = {who for who in (None, *SOURCES) if may_read(Reader(who), said.source, said.tlp, said.audience)}
    assert said.tlp == shown_as
    assert may - {BUREAU} == readers - {BUREAU}


def test_it_joins_the_thread_of_what_is_contested_also_where_that_joined_another() -> None:
    """An answer stands in the thread of its request: so does what is found about it."""
    meeting = Speaker().says()
    data = {"head": {"title": "Reçu"}, "target": {"source": COMMISSION_ML, "id": meeting.id}, "level": "received"}
    answer = Speaker(COMMISSION_BF).says("ack", subject=meeting.subject, data=data)
    assert thread_of(found(meeting)) == thread_of(meeting)
    assert thread_of(found(answer)) == thread_of(meeting)


@pytest.mark.parametrize("tlp", ["CLEAR", "GREEN", "AMBER"])
def test_the_judge_lets_the_archives_key_say_it_and_nobody_without_the_right(tlp: str) -> None:
    first = Speaker().says("monitor.alert", tlp=tlp, audience=OBSERVATORY_NE if tlp == "AMBER" else None)
    said = found(first)
    assert isinstance(judge(seal(said), Country.RG, said.lane, KNOWN), Forward)
    verdict = judge(seal(said), Country.RG, said.lane, registry(keys=[key_row(BUREAU, rights=["agenda.meeting:*"])]))
    assert isinstance(verdict, Refuse)
    assert verdict.name == "refused.policy.type"


def test_it_says_nothing_of_either_content() -> None:
    """Two hashes over text and signature: nobody can guess a text with them, and an erasure leaves nothing behind."""
    first = Speaker().says(data=Speaker().says().data | {"head": {"title": "Mot-témoin-unique"}})
    assert b"unique" not in encode_event(found(first))
    assert catalogue()["system.contest"].reserved
