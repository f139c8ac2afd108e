"""What a node learns from the desk beside it: the thread as the region has it, under the rights of who will speak."""

from tamani.cli.beside import BesideDesk
from tamani.core.thread import fold
from tamani.desk.database import Database
from tamani.desk.queries import Queries
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, data_of


async def test_a_thread_is_told_as_the_speaker_may_read_it(fed: Fed) -> None:
    """An answer that came from another country is known; one that the speaker may not read is not."""
    subject = "exchange/question"
    asked = data_of("exchange.request", profile="question") | {"addressed_to": [COMMISSION_BF, COMMISSION_NE]}
    about = {"target": {"source": COMMISSION_ML, "id": ""}}
    request = fed.feed.say("exchange.request", COMMISSION_ML, profile="question", subject=subject, data=asked)
    about["target"]["id"] = request.id
    answer = data_of("exchange.answer", profile="question") | about
    fed.feed.say("exchange.answer", COMMISSION_BF, profile="question", subject=subject, data=answer)
    private = {"tlp": "AMBER", "audience": COMMISSION_BF}
    fed.feed.say("exchange.answer", COMMISSION_NE, profile="question", subject=subject, data=answer, **private)
    fed.feed.say("agenda.meeting", COMMISSION_BF, subject=subject.replace("exchange", "agenda"))
    await fed.take()
    beside = BesideDesk()
    assert await beside(COMMISSION_ML, COMMISSION_ML, subject) is None, "no desk yet"
    beside.queries = fed.desk.queries
    told = await beside(COMMISSION_ML, COMMISSION_ML, subject)
    assert told is not None
    assert [entry.event.source for entry in told] == [COMMISSION_ML, COMMISSION_BF]
    assert fold(told).status == "answered"
    assert [answer[:2] for answer in fold(told).answers] == [(COMMISSION_BF, "answered")]
    assert await beside(COMMISSION_BF, COMMISSION_BF, subject) == []


async def test_a_desk_that_is_away_stops_no_post() -> None:
    """The node then goes by what was said through it."""
    beside, database = BesideDesk(), Database("host=127.0.0.1 port=1 dbname=nobody")
    beside.queries = Queries(database)
    assert await beside(COMMISSION_ML, COMMISSION_ML, "agenda/x") is None
    await database.close()
