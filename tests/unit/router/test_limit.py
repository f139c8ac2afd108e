"""When refusals stop a worker: never for one origin alone, however much it sends."""

from tamani.core.names import Country
from tamani.router.limit import Limit, Refusals

LIMIT = Limit(window=20, share=0.9, origins=2)


def refused(refusals: Refusals, country: Country, times: int, code: str | None = "refused.key.unknown") -> None:
    """So many notices of this origin, all with this outcome."""
    for _ in range(times):
        refusals.note(country, code)


def test_a_flood_of_forgeries_from_one_origin_never_stops_us() -> None:
    """Whoever holds one node's password could otherwise halt the region."""
    refusals = Refusals(LIMIT)
    refused(refusals, Country.ML, 10_000)

    assert refusals.reached() is None


def test_the_same_code_for_nearly_all_of_two_origins_is_our_fault() -> None:
    """A bad deployment refuses everybody."""
    refusals = Refusals(LIMIT)
    refused(refusals, Country.ML, 20)
    refused(refusals, Country.NE, 2, None)
    refused(refusals, Country.NE, 18)

    assert refusals.reached() == "refused.key.unknown"


def test_two_origins_refused_for_different_reasons_are_two_coincidences() -> None:
    """Only one code for all speaks of us."""
    refusals = Refusals(LIMIT)
    refused(refusals, Country.ML, 20)
    refused(refusals, Country.NE, 20, "refused.json")

    assert refusals.reached() is None


def test_a_few_good_notices_show_that_we_judge_well() -> None:
    """Below the share nothing happens."""
    refusals = Refusals(LIMIT)
    for country in (Country.ML, Country.NE):
        refused(refusals, country, 17)
        refused(refusals, country, 3, None)

    assert refusals.reached() is None


def test_too_few_notices_say_nothing() -> None:
    """The window must be full."""
    refusals = Refusals(LIMIT)
    for country in Country:
        refused(refusals, country, 19)

    assert refusals.reached() is None
