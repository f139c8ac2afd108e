"""What pages say of the registry: nothing while it is in order, one sentence once it is not, in both languages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.core.trust.opening import open_registry
from tamani.core.trust.writing import FRESH, LIFE
from tamani.desk.pages.dates import Dates
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.registry_words import registry_banner, suspicion
from tamani.desk.pages.views import Viewer
from tests.support.notices import COMMISSION_ML, TRUSTED, key_of, key_row, registry
from tests.support.registries import SIGNED, value_of

KEYID = key_of(COMMISSION_ML).keyid


def opened(**changes: Any) -> Registry:
    return open_registry(value_of(registry((COMMISSION_ML,), keys=[key_row(COMMISSION_ML, **changes)])), TRUSTED)


def viewer(known: Registry, now: datetime, lang: str = "fr") -> Viewer:
    return Viewer(Labels(lang, known, now), Dates(lang, Country.ML), now)


@pytest.mark.parametrize(
    ("after", "fr", "en"),
    [
        (timedelta(0), "", ""),
        (FRESH - timedelta(days=1), "", ""),
        (FRESH, "Personne n’a confirmé", "Nobody has confirmed"),
        (LIFE, "n’a pas été renouvelé", "has not been renewed"),
        (10 * LIFE, "aucune nouvelle clé", "no new key"),
    ],
)
def test_a_page_warns_once_the_date_is_past(after: timedelta, fr: str, en: str) -> None:
    """And says that notices travel on."""
    known = opened()
    for lang, words in (("fr", fr), ("en", en)):
        said = registry_banner(viewer(known, SIGNED + after, lang))
        assert (words in said) if words else said == ""


def test_a_registry_without_dates_warns_of_nothing() -> None:
    assert registry_banner(viewer(registry(), SIGNED)) == ""


def test_a_suspicion_names_date_reason_signers_and_reply() -> None:
    """Two languages; each country once; nothing of a key that is in order."""
    since = datetime(2025, 12, 30, 8, tzinfo=UTC)
    known = opened(state="compromised", compromised_since=since)
    said = suspicion(viewer(known, SIGNED), KEYID)
    assert "30 déc. 2025" in said
    assert "motif\u00a0: essai" in said
    assert "Burkina Faso, Mali, Niger" in said
    assert "30 Dec 2025" in suspicion(viewer(known, SIGNED, "en"), KEYID)
    assert suspicion(viewer(opened(), SIGNED), KEYID) == ""
    assert suspicion(viewer(known, SIGNED), "0" * 64) == ""
    rows = (known.keys[0].model_copy(update={"reply": "Nous l'avions signalé."}),)
    replied = Registry.model_construct(
        **{name: getattr(known, name) for name in Registry.model_fields} | {"keys": rows}
    )
    assert "Nous l'avions signalé." in suspicion(viewer(replied, SIGNED), KEYID)
