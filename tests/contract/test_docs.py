"""Pages that speak of settings and codes say what the software says."""

from pathlib import Path

from tamani.core.catalogue import catalogue
from tests.support.code_table import renewed
from tests.support.configuration import page

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_documented_as_it_is() -> None:
    """`docs/configuration.md` is what `python -m tests.support.configuration` prints."""
    assert (DOCS / "configuration.md").read_text("utf-8") == page()


def test_every_code_stands_in_the_protocol_with_both_sentences() -> None:
    """An implementer finds each code, its HTTP status and what it says (`python -m tests.support.code_table`)."""
    protocol = (DOCS / "protocol.md").read_text("utf-8")

    assert protocol == renewed(protocol)


def test_every_type_and_profile_stands_in_the_protocol() -> None:
    """The table of types is the catalogue."""
    protocol = (DOCS / "protocol.md").read_text("utf-8")
    rows = [
        f"| `{kind.name}` | {f'`{kind.family}/`' if kind.family else 'that of the thread'} | {', '.join(kind.profiles)}"
        for kind in catalogue().values()
    ]

    assert [row for row in rows if row not in protocol] == []
