"""A good notice played again: into another origin, lane or audience, or from another cluster. Each has its code."""

from dataclasses import replace

import pytest

from tamani.archive.head import Head
from tamani.archive.ledger import Known, draw_up
from tamani.core.envelope import decode_envelope, encode_envelope
from tamani.core.judge import judge
from tamani.core.names import Country, Lane
from tamani.core.verdict import Forward, Refuse
from tests.support.notices import BUREAU, COMMISSION_ML, OBSERVATORY_NE, Speaker, registry, seal
from tests.support.region import NOW, judged, record

SAID = Speaker().says(tlp="AMBER", audience=BUREAU)
VALUE = seal(SAID)


def addressed_to(reader: str) -> bytes:
    """The same signature around another audience."""
    envelope = decode_envelope(VALUE)
    return encode_envelope(replace(envelope, payload=envelope.payload.replace(BUREAU.encode(), reader.encode())))


@pytest.mark.parametrize(
    ("value", "origin", "lane", "code"),
    [
        (VALUE, Country.ML, Lane.NORMAL, None),
        (VALUE, Country.BF, Lane.NORMAL, "refused.origin"),
        (VALUE, Country.RG, Lane.NORMAL, "refused.origin"),
        (VALUE, Country.ML, Lane.URGENT, "refused.lane"),
        (addressed_to(OBSERVATORY_NE), Country.ML, Lane.NORMAL, "refused.signature.invalid"),
        (addressed_to(f"{BUREAU} {OBSERVATORY_NE}"), Country.ML, Lane.NORMAL, "refused.signature.invalid"),
    ],
)
def test_into_another_origin_lane_or_audience(value: bytes, origin: Country, lane: Lane, code: str | None) -> None:
    verdict = judge(value, origin, lane, registry())
    assert isinstance(verdict, Refuse if code else Forward)
    assert (verdict.name if isinstance(verdict, Refuse) else None) == code


def test_from_another_cluster_it_is_a_duplicate_and_in_no_feed_twice() -> None:
    """Kafka's places mean nothing across clusters: who said it under which id does, for ever."""
    sources = {COMMISSION_ML: 1}
    one, other = ({"regional.events": number} for number in (1, 2))
    batch = judged([record(VALUE, SAID.source, SAID.subject, 0)])
    first = draw_up(Head(), batch, known := Known(sources, one, {}, set(), set()), NOW)
    known.streams = other
    again = draw_up(first.head, batch, known, NOW)
    assert [row[2:4] for row in (*first.answers, *again.answers)] == [("archived",) * 2, ("duplicate",) * 2]
    assert (again.ledger, again.feed, again.leaves) == ([], [], [])
