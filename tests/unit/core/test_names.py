"""Names that every part shares: topics there and back, lanes by subject, the key of a thread."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.core import names
from tamani.core.names import Country, Lane


@pytest.mark.parametrize("lane", Lane)
@pytest.mark.parametrize("country", Country)
def test_inbound_there_and_back(country: Country, lane: Lane) -> None:
    assert names.inbound_of(names.inbound(country, lane)) == (country, lane)


def test_the_topics_are_named_as_the_protocol_says() -> None:
    assert names.inbound(Country.ML) == "inbound.ml"
    assert names.inbound(Country.BF, Lane.URGENT) == "inbound.bf.urgent"
    assert (names.regional(), names.regional(Lane.URGENT)) == ("regional.events", "regional.urgent")
    assert (names.feed(Country.NE), names.receipts(Country.RG)) == ("feed.ne", "receipts.rg")
    assert (names.QUARANTINE, names.REGISTRY) == ("quarantine", "registry")


@pytest.mark.parametrize(
    "topic",
    ["", "inbound", "inbound.", "inbound.fr", "inbound.ml.slow", "inbound.ml.urgent.x", "feed.ml", "INBOUND.ml"],
)
def test_no_other_name_is_an_inbound_topic(topic: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        names.inbound_of(topic)


@pytest.mark.parametrize(
    ("subject", "lane"),
    [
        ("alert/x", Lane.URGENT),
        ("alert/", Lane.URGENT),
        ("alerts/x", Lane.NORMAL),
        ("alert", Lane.NORMAL),
        ("Alert/x", Lane.NORMAL),
        (" alert/x", Lane.NORMAL),
        ("agenda/alert/x", Lane.NORMAL),
    ],
)
def test_the_lane_is_that_of_the_thread(subject: str, lane: Lane) -> None:
    assert names.lane_of(subject) is lane


@pytest.mark.parametrize("source", ["", "/", "/ml", "/ml/", "ml/a", "/fr/a", "/ml/a/b", "/ml/a\n", "/ml/À"])
def test_not_a_source(source: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        names.country_of(source)


def test_the_origin_of_a_source() -> None:
    assert [names.country_of(f"/{country}/x") for country in Country] == list(Country)


def test_the_key_of_a_thread() -> None:
    assert names.partition_key("/ml/a", "agenda/é") == hashlib.sha256("/ml/a\0agenda/é".encode()).digest()[:16]


@given(st.tuples(st.text("/mlab"), st.text("/mlab")), st.tuples(st.text("/mlab"), st.text("/mlab")))
def test_two_threads_have_two_keys(one: tuple[str, str], other: tuple[str, str]) -> None:
    """The zero byte between keeps `a`+`bc` apart from `ab`+`c`."""
    assert (names.partition_key(*one) == names.partition_key(*other)) is (one == other)
