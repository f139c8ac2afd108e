"""The attributes of an event: each grammar, at its edges."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from tamani.core.envelope import MAX_EVENT
from tamani.core.event import decode_event, encode_event, format_time, parse_time
from tamani.core.names import Country, Lane
from tamani.core.strict_json import BadJson
from tests.support.grammars import GRAMMARS, ID
from tests.support.notices import KINDS, as_json, event

TAKEN = [(name, text) for name, taken, _, _ in GRAMMARS for text in taken]
REFUSED = [(name, text, code) for name, _, refused, code in GRAMMARS for text in refused]
STRINGS = sorted(as_json(event()).keys() - {"data"})


def body(**changes: Any) -> dict[str, Any]:
    """A good event as JSON, with these members changed."""
    return as_json(event()) | changes


def payload(found: object) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode()


def refusal(found: object) -> str:
    with pytest.raises(BadJson) as caught:
        decode_event(found if isinstance(found, bytes) else payload(found))
    return caught.value.code


@pytest.mark.parametrize(("name", "text"), TAKEN)
def test_taken(name: str, text: str) -> None:
    found = decode_event(payload(body(**{name: text})))
    assert name in {"specversion", "datacontenttype"} or getattr(found, name) == text


@pytest.mark.parametrize(("name", "text", "code"), REFUSED)
def test_refused(name: str, text: str, code: str) -> None:
    assert refusal(body(**{name: text})) == code


def test_every_attribute_has_its_edges_here() -> None:
    assert {name for name, *_ in GRAMMARS} == set(STRINGS) | {"audience", "expirytime"}


@pytest.mark.parametrize("name", STRINGS)
@pytest.mark.parametrize("value", [None, 1, True, 1.5, [], {}, ["x"]], ids=repr)
def test_attributes_are_strings(name: str, value: object) -> None:
    assert refusal(body(**{name: value})) == "refused.event"


@pytest.mark.parametrize("name", [*STRINGS, "data"])
def test_none_may_be_missing(name: str) -> None:
    found = body()
    del found[name]
    assert refusal(found) == "refused.event"


@pytest.mark.parametrize(
    "name", ["data_base64", "traceparent", "Id", "audience ", "recordedtime", "__class__", "\u202e"]
)
def test_none_may_be_added(name: str) -> None:
    """An attribute that nobody checks would be signed words that nobody answers for."""
    assert refusal(body(**{name: "x"})) == "refused.event"


@pytest.mark.parametrize("data", [None, [], "x", 1, True], ids=repr)
def test_data_is_an_object(data: object) -> None:
    assert refusal(body(data=data)) == "refused.event"


@pytest.mark.parametrize("found", [[], "x", 1, None, [{}]], ids=repr)
def test_an_event_is_an_object(found: object) -> None:
    assert refusal(found) == "refused.event"


def test_optional_attributes_are_absent_or_full_never_empty() -> None:
    assert decode_event(payload(body())).audience is None
    assert decode_event(payload(body())).readers == ()
    assert decode_event(payload(body(audience="/ml/a /ne/b"))).readers == ("/ml/a", "/ne/b")


def test_64_kibibytes_and_not_a_byte_more() -> None:
    good = encode_event(event())
    assert decode_event(good + b" " * (MAX_EVENT - len(good)))
    assert refusal(good + b" " * (MAX_EVENT - len(good) + 1)) == "refused.size"


def test_a_refusal_tells_the_text_in_printable_form() -> None:
    with pytest.raises(BadJson) as caught:
        decode_event(payload(body(subject="agenda/\u202ex\n")))
    assert caught.value.detail.isprintable()


def test_what_follows_from_the_attributes() -> None:
    alert = event("monitor.alert", "/ne/observatoire-justice")
    assert (alert.country, alert.lane, alert.kind, alert.major, alert.minor) == (
        Country.NE, Lane.URGENT, "monitor.alert", 1, 1,
    )  # fmt: skip
    assert alert.head["title"]
    assert event("heartbeat").head == {}
    assert event("ack", subject="alert/x").lane is Lane.URGENT


@pytest.mark.parametrize("kind", KINDS)
def test_written_and_read_back(kind: str) -> None:
    said = event(kind, full=True, audience="/ml/a /ne/b", expirytime="2026-03-03T09:00:00Z")
    assert decode_event(encode_event(said)) == said
    assert decode_event(encode_event(event(kind, id=ID))) == event(kind, id=ID)


@pytest.mark.parametrize("kind", KINDS)
def test_the_cloudevents_sdk_reads_the_same(kind: str) -> None:
    """An oracle: whoever has a CloudEvents library reads our payload as we do."""
    said = event(kind, full=True, audience="/ml/a /ne/b", expirytime="2026-03-03T09:00:00Z")
    theirs = from_structured(KafkaMessage({}, None, encode_event(said)), JSONFormat(), CloudEvent)
    attributes = theirs.get_attributes()
    for name, value in asdict(said).items():
        if name == "time":
            assert attributes[name] == parse_time(said.time)
        elif name == "data":
            assert theirs.get_data() == value
        else:
            assert attributes[name] == value
    assert attributes["specversion"] == "1.0"
    assert attributes["datacontenttype"] == "application/json"


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_time_there_and_back(instant: datetime) -> None:
    assert parse_time(format_time(instant)) == instant.replace(microsecond=0)


def test_time_is_told_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    assert format_time(datetime(2026, 3, 2, 1, 30, tzinfo=east)) == "2026-03-01T23:30:00Z"


@given(st.text(max_size=25))
def test_parse_time_takes_its_one_form_only(text: str) -> None:
    try:
        found = parse_time(text)
    except ValueError:
        return
    assert format_time(found) == text
