"""What lacks, as notices: a hole in the numbers is for its body alone, a silence for whoever could read the beat."""

from datetime import timedelta

import pytest

from tamani.core.absences import numbers, silence
from tamani.core.event import Event, encode_event
from tamani.core.judge import judge
from tamani.core.names import Country, Lane
from tamani.core.policy import Reader, may_read, origins_entitled
from tamani.core.thread import Entry, fold
from tamani.core.verdict import Forward
from tamani.embedded.archive_voice import SOURCE as ARCHIVE
from tests.support.notices import BUREAU, COMMISSION_ML, SOURCES, key_of, key_row, registry, seal
from tests.support.region import NOW
from tests.support.voice import with_voice

KEYID = key_of(COMMISSION_ML).keyid
KNOWN = registry(keys=[key_row(BUREAU, rights=["system.absence:*"])])
LATER = NOW + timedelta(hours=30)


def missing(*, settled: bool = False, first: int = 17, last: int = 18, lane: str = "normal") -> Event:
    at = LATER if settled else NOW
    return numbers(BUREAU, COMMISSION_ML, (KEYID, lane), (first, last), at, settled=settled)


def silent(*, again: bool = False, tlp: str = "GREEN") -> Event:
    at, heard = (LATER, LATER) if again else (NOW, None)
    return silence(BUREAU, COMMISSION_ML, KEYID, NOW - timedelta(days=1), at, tlp=tlp, heard=heard)


EVERY = [missing(), missing(settled=True), missing(last=17, lane="urgent"), silent(), silent(again=True)]


@pytest.mark.parametrize(
    "said", [*EVERY, silent(tlp="CLEAR")], ids=lambda said: f"{said.profile} {said.data['status']}"
)
def test_the_judge_takes_each_of_them(said: Event) -> None:
    """Titles and summaries fit in both languages; it travels on the ordinary lane, whatever lane it speaks of."""
    assert isinstance(judge(seal(said), Country.RG, Lane.NORMAL, KNOWN), Forward)


def test_the_same_facts_are_the_same_bytes() -> None:
    assert encode_event(missing()) == encode_event(missing())
    assert len({said.id for said in EVERY}) == len(EVERY)


def test_only_its_body_learns_that_numbers_lack() -> None:
    """To anybody else it would say that there is something they may not see, at the archive's origin, too."""
    may = {who for who in (None, *SOURCES) if may_read(Reader(who), BUREAU, missing().tlp, missing().audience)}
    assert may == {BUREAU, COMMISSION_ML}
    said = numbers(ARCHIVE, COMMISSION_ML, (KEYID, "normal"), (17, 18), NOW)
    assert origins_entitled(registry(**with_voice()), said) == {Country.ML}


def test_whoever_could_read_the_sign_of_life_learns_of_the_silence() -> None:
    """It names whom it is about, so that it stands on their first page."""
    may = {who for who in (None, *SOURCES) if may_read(Reader(who), BUREAU, silent().tlp, silent().audience)}
    assert may == set(SOURCES)
    assert silent().readers == (COMMISSION_ML,)


@pytest.mark.parametrize(("opens", "ends"), [(missing(), missing(settled=True)), (silent(), silent(again=True))])
def test_an_absence_is_one_thread_that_ends_when_what_lacked_has_come(opens: Event, ends: Event) -> None:
    assert opens.subject == ends.subject
    assert fold([Entry(1, opens)]).status == "missing"
    for order in ((opens, ends), (ends, opens)):  # by sequence, whatever came first
        state = fold([Entry(index, event, keyid="k") for index, event in enumerate(order)])
        assert (state.status, state.state) == ("settled", "closed")


def test_two_holes_of_one_series_are_two_threads() -> None:
    assert missing().subject != missing(first=20, last=20).subject
    assert missing().subject != missing(lane="urgent").subject
