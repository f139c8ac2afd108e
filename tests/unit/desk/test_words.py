"""What a search looks through: words for people, never codes."""

from tamani.desk.words import Words, words_of
from tests.support.notices import COMMISSION_ML, data_of, event, registry
from tests.support.sealed import sealed_event


def test_words_are_what_people_read() -> None:
    """Title and summary apart; text fields, the body's names and regions with the rest; no id, code or time."""
    data = data_of("monitor.alert")
    data["head"] |= {"title": "Engins signalés", "summary": "Un axe secondaire.", "areas": ["ne-tillaberi"]}
    data["advice"] = "Évitez les déplacements."
    said = event("monitor.alert", data=data)
    (own,) = words_of(said, registry())
    names = registry().body(COMMISSION_ML)

    assert (own.lang, own.title, own.summary) == ("fr", "Engins signalés", "Un axe secondaire.")
    assert names is not None
    assert {"Évitez les déplacements.", "Tillabéri", names.names.fr, names.names.en} <= set(own.rest.split("\n"))
    assert not {said.id, "security", "Immediate".lower(), "ne-tillaberi", said.time} & set(own.rest.split("\n"))


def test_each_translation_has_its_own_language() -> None:
    """Bambara words are not stemmed as French."""
    data = data_of("agenda.meeting")
    data["head"]["translations"] = [{"lang": "bm", "status": "reviewed", "title": "Lajɛ", "body": "Bamako"}]

    assert words_of(event(data=data), registry())[1:] == [Words("bm", "Lajɛ", "", "Bamako")]


def test_of_a_sealed_notice_only_its_body_can_be_searched() -> None:
    """Ciphertext is no text, and nothing else stands outside."""
    said = sealed_event().event
    names = registry().body(said.source)
    assert names is not None
    assert words_of(said, registry()) == [Words("und", "", "", f"{names.names.fr}\n{names.names.en}")]
