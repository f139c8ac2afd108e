"""Code lists: their shape, their counts, and the traps that a careless reader of codes falls into."""

from datetime import date

import pytest

from tamani.core.codelists import (
    area_slugs,
    column_of,
    in_use,
    next_stages,
    past_names,
    read_terms,
    requirements_of,
    terms,
    theme_keys,
)

LISTS = tuple(terms("versions"))


@pytest.mark.parametrize("name", LISTS)
def test_each_list_has_a_version_and_words_in_both_languages(name: str) -> None:
    about = terms("versions")[name].more
    assert about["version"].count(".") == 1
    assert date.fromisoformat(about["date"]) <= date(2026, 12, 31)
    assert about["source"]
    for code, term in terms(name).items():
        assert (term.said("fr"), term.said("en-GB")) == (term.fr, term.en), code
        assert name == "values" or {"valid_from", "valid_to", "note"} <= term.more.keys(), code


def test_no_list_lacks_in_the_list_of_lists() -> None:
    from importlib.resources import files

    found = {path.name.removesuffix(".csv") for path in files("tamani.core.lists").iterdir() if ".csv" in path.name}
    assert found == {*LISTS, "versions"}


def test_there_are_45_regions() -> None:
    areas = terms("areas")
    assert [sum(term.more["country"] == cc for term in areas.values()) for cc in ("bf", "ml", "ne")] == [17, 20, 8]
    assert len(area_slugs()) == 45
    assert all(slug.startswith(term.more["country"] + "-") for slug, term in areas.items())
    assert len({term.more["tile"] for term in areas.values()}) == 45
    liptako = [slug for slug, term in areas.items() if term.more["liptako_gourma"]]
    assert len(liptako) == 17
    assert {slug[:2] for slug in liptako} == {"bf", "ml", "ne"}


def test_codes_of_iso_and_of_the_united_nations_cross_in_mali() -> None:
    """ISO ML-9 is Ménaka and ML-10 Taoudénit; the P-codes number them the other way round. Never join on the digit."""
    by_slug = {slug: (term.more["iso"], term.more["pcode"]) for slug, term in terms("areas").items()}
    assert by_slug["ml-menaka"] == ("ML-9", "ML10")
    assert by_slug["ml-taoudenit"] == ("ML-10", "ML09")
    for slug in ("ml-menaka", "ml-taoudenit"):
        assert "never join" in terms("areas")[slug].more["note"]


def test_some_iso_codes_still_mean_a_larger_territory() -> None:
    """They must not be taken for the region of today."""
    larger = {slug for slug, term in terms("areas").items() if term.more["iso_territory"] == "larger"}
    assert larger == {
        "bf-bankui", "bf-goulmou", "bf-liptako",
        "ml-kayes", "ml-koulikoro", "ml-sikasso", "ml-segou", "ml-mopti",
    }  # fmt: skip
    none_yet = {slug for slug, term in terms("areas").items() if not term.more["iso"]}
    assert {"bf-sourou", "bf-sirba", "bf-tapoa", "bf-soum"} <= none_yet
    assert len(none_yet) == 13
    assert all("ISO" in terms("areas")[slug].more["note"] for slug in larger | none_yet)


def test_regions_have_the_day_since_when_they_are_what_they_are() -> None:
    assert "bf-sourou" not in in_use("areas", date(2025, 7, 1))
    assert "bf-sourou" in in_use("areas", date(2025, 7, 2))
    assert {slug[:2] for slug in in_use("areas", date(2020, 1, 1))} == {"ne"}


def test_parliaments_follow_one_another() -> None:
    """A body is data with dates: names change, and what was said under the old name stays said."""
    assert [term.code for term in past_names("bf-alt")] == ["bf-an"]
    assert [term.code for term in past_names("ml-cnt")] == ["ml-an"]
    assert [term.code for term in past_names("ne-ccr")] == ["ne-an"]
    assert past_names("ne-an") == ()
    today = in_use("institutions", date(2026, 11, 21))
    assert {code for code, term in today.items() if term.more["kind"] == "parliament"} == {"bf-alt", "ml-cnt", "ne-ccr"}
    for term in terms("institutions").values():
        for before in past_names(term.code):
            assert before.more["country"] == term.more["country"]
            assert before.more["valid_to"] <= term.more["valid_from"]


def test_languages_that_formats_do_not_know_fall_back_on_french() -> None:
    """The tag stays right; dates and numbers are written as in French."""
    lacking = {code for code, term in terms("languages").items() if term.more["cldr"] == "no"}
    assert lacking == {"ffm", "fuh", "mos", "gux", "dyu", "taq", "ttq", "tmh", "mey"}
    assert {terms("languages")[code].more["format_as"] for code in lacking} == {"fr"}
    assert {"fr", "en", "bm", "ff", "ha", "dje", "ses", "ar"} == set(terms("languages")) - lacking


def test_the_seven_columns_of_the_board() -> None:
    columns = list(terms("columns"))
    assert [terms("columns")[code].fr for code in columns] == [
        "Lacune", "Rédaction", "Dépôt", "Commission", "Adoption", "Promulgation", "En vigueur",
    ]  # fmt: skip
    exits = {"rejete", "retire", "caduc", "abroge", "sans-objet"}
    assert {code for code in terms("stages") if column_of(code) is None} == exits
    assert {column for code in terms("stages") if (column := column_of(code))} == set(columns)


def test_the_pipeline_leads_from_the_gap_to_the_law_in_force() -> None:
    """By the ordinary way and by ordinance; each stage can be left by an exit, and an exit is the end."""

    def reached(start: str) -> set[str]:
        found, waiting = {start}, [start]
        while waiting:
            more = set(next_stages(waiting.pop())) - found
            found |= more
            waiting += more
        return found

    assert reached("lacune") == set(terms("stages"))
    assert "ordonnance-signee" in next_stages("initiative")
    assert {"en-vigueur", "abroge"} <= reached("ordonnance-signee")
    assert "depose" not in next_stages("lacune")
    for stage, term in terms("stages").items():
        if term.more["path"] == "exit":
            assert next_stages(stage) == ()
        else:
            assert {"retire", "rejete", "caduc", "sans-objet"} <= set(next_stages(stage))


def test_five_conformity_values_each_with_an_icon() -> None:
    assert list(terms("conformity")) == ["conforme", "partiel", "absent", "divergent", "non-evalue"]
    assert len({term.more["icon"] for term in terms("conformity").values()}) == 5


def test_topics_are_points_of_known_themes() -> None:
    assert len(theme_keys()) == 13
    for code, term in terms("topics").items():
        assert code.partition("/")[0] == term.more["theme"]
        assert term.more["theme"] in theme_keys()


def test_each_demand_is_on_a_known_point_and_names_its_article() -> None:
    """Two points have two instruments; of three points no instrument speaks, and the page says so."""
    for code, term in terms("requirements").items():
        assert code.startswith(f"{term.more['topic']}/")
        assert term.more["topic"] in terms("topics")
        assert all(term.more[name] for name in ("instrument_fr", "instrument_en", "article_fr", "article_en")), code
    assert [term.more["article_fr"] for term in requirements_of("traite/peines")] == ["art. 5", "art. 11, § 1"]
    without = {topic for topic in terms("topics") if not requirements_of(topic)}
    assert without == {
        "police-proximite/definition",
        "controle-parlementaire/visites",
        "controle-parlementaire/delais",
    }
    assert requirements_of("temoins/recours")[0].checked
    assert not requirements_of("armes/registre")[0].checked


def test_lists_of_the_field_have_what_was_checked_and_say_what_was_not() -> None:
    assert len(terms("acled")) == 25
    assert len({term.more["family"] for term in terms("acled").values()}) == 6
    iccs = terms("iccs")
    assert iccs["0204"].checked
    assert iccs["08051"].checked
    assert not iccs["0906"].checked
    assert all(code.startswith("0") or code == "1101" for code in iccs), "strings: the zero in front counts"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("code,en,fr\na,b,c\n", "columns"),
        ("code,fr,en\na,b\n", "columns"),
        ("code,fr,en\na,b,c,d\n", "columns"),
        ("code,fr,en\na,b,c\na,b,c\n", "twice"),
        ("code,fr,en\na,,c\n", "empty"),
        ("code,fr,en,valid_from,valid_to\na,b,c,20260101,\n", "YYYY-MM-DD"),
        ("code,fr,en,valid_from,valid_to\na,b,c,2026-02-30,\n", "day"),
        ("code,fr,en,valid_from,valid_to\na,b,c,2026-02-01,2026-01-01\n", "before"),
    ],
)
def test_a_list_of_another_shape_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_terms("essai", text)
