"""From a verdict to what is sent: the same bytes onwards, or an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.core.names import QUARANTINE, Country, Lane, inbound, partition_key
from tamani.core.receipt import Inbound, decode_receipt
from tamani.core.verdict import Forward, Refuse
from tamani.router import route
from tamani.router.route import Arrival, Held, consider, may_change, outgoing
from tamani.runtime.quarantine import Held as Quarantined
from tests.support.notices import OBSERVATORY_ML, Speaker, key_of, registry, seal
from tests.support.region import NOW

REGISTRY = registry()


def arrival(value: bytes, country: Country = Country.ML, lane: Lane = Lane.NORMAL) -> Arrival:
    """A record of an inbound topic."""
    return Arrival(country, lane, Inbound(topic=inbound(country, lane), partition=2, offset=41), b"key", value)


@pytest.mark.parametrize(
    ("kind", "lane", "topic"),
    [("agenda.meeting", Lane.NORMAL, "regional.events"), ("monitor.alert", Lane.URGENT, "regional.urgent")],
)
def test_an_accepted_notice_goes_on_untouched_under_its_threads_key(kind: str, lane: Lane, topic: str) -> None:
    """The same bytes; the header only says where they came in."""
    event = Speaker(OBSERVATORY_ML).says(kind)
    one = arrival(seal(event), lane=lane)
    verdict = consider(one, REGISTRY)
    (sent,) = outgoing(one, verdict, NOW)

    assert isinstance(verdict, Forward)
    assert sent.topic == topic
    assert sent.value is one.value
    assert sent.key == partition_key(event.source, event.subject)
    assert sent.headers == (("inbound", f"{inbound(Country.ML, lane)}/2/41".encode()),)


def test_a_refusal_goes_to_its_origin_and_keeps_nothing_of_the_bytes() -> None:
    """One receipt, and no copy anywhere."""
    one = arrival(b"not an envelope")
    (sent,) = outgoing(one, consider(one, REGISTRY), NOW)
    receipt = decode_receipt(sent.value)

    assert sent.topic == "receipts.ml"
    assert sent.key == b""
    assert (receipt.verdict, receipt.code, receipt.inbound) == ("refused", "refused.json", one.place)
    assert receipt.source is None
    assert b"not an envelope" not in sent.value


def test_a_notice_by_another_countrys_channel_is_refused_by_its_name() -> None:
    """The signature held, so the receipt may say whose it is; it goes to the channel's origin."""
    event = Speaker().says()
    one = arrival(seal(event), Country.NE)
    (sent,) = outgoing(one, consider(one, REGISTRY), NOW)
    receipt = decode_receipt(sent.value)

    assert (sent.topic, receipt.code, receipt.source, receipt.id) == (
        "receipts.ne",
        "refused.origin",
        event.source,
        event.id,
    )


def test_only_what_the_registry_says_can_change_with_the_registry() -> None:
    """An unknown key may be known a moment later; broken bytes stay broken."""
    unknown = consider(arrival(seal(Speaker().says(), key_of("nobody"))), REGISTRY)

    assert may_change(unknown)
    assert not may_change(consider(arrival(b"{"), REGISTRY))
    assert not may_change(consider(arrival(Speaker().seals()), REGISTRY))


@given(st.binary(max_size=300), st.sampled_from(Country), st.sampled_from(Lane))
def test_whatever_arrives_is_answered(value: bytes, country: Country, lane: Lane) -> None:
    """No bytes make it raise, and none go on."""
    one = arrival(value, country, lane)
    verdict = consider(one, REGISTRY)

    assert isinstance(verdict, Refuse)
    assert [sent.topic for sent in outgoing(one, verdict, NOW)] == [f"receipts.{country}"]


def test_a_bug_in_the_judge_holds_the_record_and_tells_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes go to the quarantine with the way back; the sender reads `held.internal`."""

    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(route, "judge", broken)
    one = arrival(b"some bytes")
    outcome = consider(one, REGISTRY)
    kept, answer = outgoing(one, outcome, NOW)
    held = Quarantined.model_validate_json(kept.value)

    assert outcome == Held("RecursionError")
    assert kept.topic == QUARANTINE
    assert (held.raw, held.raw_key, held.back_to) == (b"some bytes", b"key", "inbound.ml")
    assert (held.topic, held.partition, held.offset) == ("inbound.ml", 2, 41)
    assert decode_receipt(answer.value).verdict == "held"
