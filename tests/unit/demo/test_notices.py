"""The demo's notices: valid, permitted, dated from the first start, and harmless even if somebody forwards one."""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tamani.core.catalogue import catalogue
from tamani.core.event import TLP, parse_time
from tamani.core.judge import judge, rejudge
from tamani.core.names import Country, country_of, lane_of
from tamani.core.policy import must_seal
from tamani.core.thread import Entry, fold
from tamani.core.verdict import Forward
from tamani.embedded.demo.bodies import BODIES
from tamani.embedded.demo.notices import Notice, notices, request_of
from tests.unit.demo.world import START, new_plan, world

ALL = notices()
BY_KEY = {notice.key: notice for notice in ALL}


def texts(item: Any) -> Iterator[str]:
    """Every string of a JSON value."""
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict):
        for part in item.values():
            yield from texts(part)
    elif isinstance(item, list):
        for part in item:
            yield from texts(part)


def prose(notice: Notice, lang: str = "fr") -> Iterator[str]:
    """What a person reads in this language: strings of the data with a space in them."""
    data = request_of(notice, world().plan)["data"]
    translations = data["head"].pop("translations", [])
    chosen = data if lang == "fr" else [t for t in translations if t["lang"] == lang]
    yield from (text for text in texts(chosen) if " " in text or "\u00a0" in text)


@pytest.mark.parametrize("notice", ALL, ids=lambda n: n.key)
def test_a_notice_is_valid_and_its_body_may_say_it(notice: Notice) -> None:
    """The judge of the region and the archive's judgement both forward it."""
    value = world().bytes_of(notice)
    verdict = judge(value, country_of(notice.body), lane_of(notice.subject), world().registry)
    assert isinstance(verdict, Forward), verdict
    sealed = verdict.event.kind == "sealed"
    assert sealed == (must_seal(world().event_of(notice)) is not None)
    assert sealed or verdict.event.profile == notice.profile
    again = rejudge(value, world().registry, START + timedelta(minutes=3))
    assert isinstance(again, Forward), again
    assert again.marks == ()


def test_there_are_enough_of_every_kind() -> None:
    """What the demo promises: sixty notices, four origins, all types, all profiles, ten bodies, bilingual ones."""
    own = [notice for notice in ALL if not catalogue()[notice.type].system]
    assert len(own) >= 60
    assert {notice.lang for notice in ALL} == {"fr"}
    assert {country_of(notice.body) for notice in own} == set(Country)
    assert {notice.body for notice in own} == {body.source for body in BODIES}
    open_types = {name for name, kind in catalogue().items() if kind.archived and not (kind.opaque or kind.reserved)}
    assert {n.type for n in ALL} == open_types
    every = {(name, profile) for name in open_types for profile in catalogue()[name].profiles}
    assert {(notice.type, notice.profile) for notice in ALL} == every
    assert sum(any(t["lang"] == "en" for t in n.data["head"].get("translations", ())) for n in own) >= 8
    assert {level for n in ALL if n.type == "ack" for level in [n.data["level"]]} == {
        "received",
        "handled",
        "will-attend",
        "will-not-attend",
        "other-date",
        "accepted",
        "deferred",
        "en-cours",
    }
    assert {notice.tlp for notice in ALL} == {"CLEAR", "GREEN", "AMBER", "RED"}


def test_the_history_is_of_three_years() -> None:
    """By business dates: a sitting every quarter with its minutes, each body at work, nothing that is still to come."""
    past = [notice for notice in ALL if notice.key.startswith("h-")]
    assert {notice.body for notice in past} == {body.source for body in BODIES}
    days = sorted(parse_time(request_of(n, world().plan)["data"]["start"]) for n in past if n.type == "agenda.meeting")
    assert days[0] < START - timedelta(days=1000)
    assert days[-1] < START
    assert max(later - one for one, later in itertools.pairwise(days)) < timedelta(days=100)
    minutes = {n.data["meeting"] for n in past if n.type == "agenda.record" and n.profile == "releve"}
    assert minutes == {f"@ref {n.key}" for n in past if n.profile == "ordinaire"}
    asked = {n.key for n in past if n.type == "exchange.request"}
    answered = {n.data["target"].removeprefix("@ref ") for n in past if n.type == "exchange.answer"}
    assert {key for key in asked - answered if BY_KEY[key].data["status"] == "asked"} == set()


def test_keys_and_threads_are_unique() -> None:
    """A key names one notice; a thread has one owner."""
    assert [key for key, count in Counter(notice.key for notice in ALL).items() if count > 1] == []
    owners = defaultdict(set)
    for notice in ALL:
        if not catalogue()[notice.type].joins:
            owners[notice.subject].add((notice.body, notice.type))
    assert [subject for subject, who in owners.items() if len(who) > 1] == []


def test_what_is_referred_to_was_said_before() -> None:
    """Nobody answers what nobody has said."""
    said: set[str] = set()
    for notice in ALL:
        assert set(notice.refers) <= said, notice.key
        said.add(notice.key)


def test_every_notice_has_an_effect_on_its_thread() -> None:
    """Updates, cancellations, corrections and withdrawals all count; the states are those of the story."""
    threads: dict[str, list[Entry]] = defaultdict(list)
    for index, notice in enumerate(ALL):
        threads[notice.subject].append(Entry(index, world().event_of(notice, index + 1)))
    states = {subject: fold(entries) for subject, entries in threads.items()}
    assert {subject: state.no_effect for subject, state in states.items() if state.no_effect} == {}
    found = Counter(state.state for state in states.values())
    assert found["cancelled"] >= 3
    assert found["withdrawn"] == 2
    assert found["closed"] >= 10
    assert sum(len(state.history) > 1 for state in states.values()) >= 8
    assert sum(bool(state.corrections) for state in states.values()) == 2


def test_monitoring_is_never_for_the_whole_bus() -> None:
    """Those who are observed must not read first: public, or for bodies that are named."""
    assert {n.tlp for n in ALL if n.type.startswith("monitor.")} == {"CLEAR", "AMBER"}
    assert all(n.audience for n in ALL if n.tlp == "AMBER")


def test_alerts_say_that_they_are_invented() -> None:
    """Who forwards one forwards the word exercise too; none names a place below a region."""
    for notice in ALL:
        if notice.type != "monitor.alert":
            continue
        assert notice.data["status"] in {"Exercise", "Test"}, notice.key
        assert re.match("Exercice|Essai|Fin de l'essai", notice.data["head"]["title"]), notice.key
        assert "place" not in notice.data
        assert notice.expires


def test_an_answer_shows_no_more_than_what_it_answers() -> None:
    """System notices bear the strictest label of their target, and no reader that the target does not have."""
    for notice in ALL:
        if not catalogue()[notice.type].system:
            continue
        target = BY_KEY[notice.refers[0]]
        assert TLP.index(notice.tlp) >= TLP.index(target.tlp), notice.key
        if notice.tlp == "AMBER":
            assert set(notice.audience) <= {*target.audience, target.body}, notice.key
            assert target.body in {*notice.audience, notice.body}, notice.key


DANGERS = {
    "phone": re.compile(r"(?:\+|00)\d{2,3}[ .]?\d|\b\d{2}(?:[ .-]\d{2}){3}\b"),
    "e-mail": re.compile(r"\S+@\S+\.\S+"),
    "coordinates": re.compile(r"-?\d{1,2}[.,]\d{3,}|\d+°|\b[NSEOW] ?\d{1,2}[.,]\d"),
    "person": re.compile(r"\b(?:M|MM|Mme|Mlle|Dr|Mr|Mrs)\.? [A-ZÉ]|\b(?:Monsieur|Madame)\b"),
    "address": re.compile(r"https?://|www\."),
}


@pytest.mark.parametrize("danger", DANGERS, ids=str)
def test_no_text_holds(danger: str) -> None:
    """No telephone, address, position or person anywhere, translations included."""
    for notice in ALL:
        for text in texts(dict(notice.data)):
            if not text.startswith("@"):
                assert not DANGERS[danger].search(text), (notice.key, text)


@pytest.mark.parametrize(
    ("danger", "text"),
    [
        ("phone", "Appelez le +226 70 12 34 56"),
        ("phone", "70 12 34 56"),
        ("e-mail", "veille@exemple.org"),
        ("coordinates", "14.2105, 1.4531"),
        ("coordinates", "14° nord"),
        ("person", "M. Untel"),
        ("address", "https://exemple.org"),
    ],
)
def test_the_patterns_do_find(danger: str, text: str) -> None:
    """The test above can fail."""
    assert DANGERS[danger].search(text)


FAULTS = {
    "straight quotes": re.compile(r"\"|“|”|'"),
    "space that breaks": re.compile(r" [:;?!»%]|« "),
    "no space before a colon": re.compile(r"[a-zé][:;?!](?:\s|$)"),
    "three dots": re.compile(r"\.\.\."),
    "double space": re.compile(r"  "),
    "lost accent": re.compile(
        r"\b(?:securite|reunion|region|deja|apres|tres|temoins?|seance|ecole|echange|etat|role|activite|communaute"
        r"|societe|regional|federal|A la|Etapes?|Ecole|Evitez)\b"
    ),
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_french_is_written_with_care(fault: str) -> None:
    """Accents, « guillemets », and the spaces that French typography wants."""
    for notice in ALL:
        for text in prose(notice):
            assert not FAULTS[fault].search(text), (notice.key, text)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("straight quotes", 'le point "divers"'),
        ("straight quotes", "l'avis"),
        ("space that breaks", "Rappel : demain"),
        ("no space before a colon", "Rappel: demain"),
        ("lost accent", "Ecole de police"),
        ("lost accent", "une seance"),
    ],
)
def test_the_faults_are_found(fault: str, text: str) -> None:
    """The test above can fail."""
    assert FAULTS[fault].search(text)


def test_translations_keep_to_their_own_typography() -> None:
    """English takes no space before a colon."""
    english = [text for notice in ALL for text in prose(notice, "en")]
    assert len(english) > 20
    assert [text for text in english if re.search(r"[ \u00a0][:;?!%]|«|»", text)] == []


def test_meetings_to_come_are_on_working_days_and_alerts_still_hold() -> None:
    """Whatever the day of the first start: the calendar is full and no alert is stale."""
    over = {notice.subject for notice in ALL if notice.data.get("status") == "held"}
    for shift in range(7):
        start = START + timedelta(days=shift)
        plan = new_plan(world().layout.data / f"shift-{shift}" / "plan.json", start)
        ahead = 0
        for notice in ALL:
            request = request_of(notice, plan)
            if "expirytime" in request:
                assert parse_time(request["expirytime"]) > start
            if notice.type == "agenda.meeting" and notice.subject not in over:
                begin = parse_time(request["data"]["start"])
                assert begin > start, notice.key
                assert begin.weekday() < 5, notice.key
                ahead += 1
        assert ahead >= 12


def test_two_zones_give_two_hours() -> None:
    """Niamey is one hour ahead of Bamako and Ouagadougou, all year."""
    plan = new_plan(world().layout.data / "zones" / "plan.json", datetime(2026, 11, 21, tzinfo=UTC))
    sitting = request_of(BY_KEY["seance-temoins-deplacee"], plan)["data"]
    assert sitting["start"] == "2026-12-09T08:00:00Z"
    assert "mercredi 9 décembre 2026 à 09h00" in sitting["head"]["summary"]
    english = next(t for t in sitting["head"]["translations"] if t["lang"] == "en")
    assert "Wednesday 9 December 2026 at 09:00" in english["summary"]


def test_a_restart_says_the_same(tmp_path: Path) -> None:
    """The plan keeps ids and dates: a later start resolves each notice to the same request."""
    first = new_plan(tmp_path / "plan.json", START)
    before = [request_of(notice, first) for notice in ALL]
    later = new_plan(tmp_path / "plan.json", START + timedelta(days=90))
    assert [request_of(notice, later) for notice in ALL] == before
