"""What is guessed first is no password; a sentence of one's own is."""

import pytest

from tamani.core.errors import RefusedError
from tamani.runtime.accounts.passwords import check_password
from tests.support.officers import PASSWORD, PHRASE


@pytest.mark.parametrize(
    "password",
    [
        "motdepasse123",
        "MotDePasse-2026!",
        "Bamako2026Bamako",
        "b4m4k0-niger-2026",
        "azertyuiop123",
        "Sécurité2026!!",
        "P@ssw0rd1234",
        "Commission-Défense",
        "1234567890123456",
        "31/12/2026-31/12",
    ],
)
def test_words_that_everybody_takes_are_refused(password: str) -> None:
    with pytest.raises(RefusedError, match=r"refused\.officer\.password"):
        check_password(password)


@pytest.mark.parametrize(
    "password",
    [PASSWORD, PHRASE, "bamako niger burkina dosso", "motdepassetrufferouge", "v7Kq-2mXp-9tRw", "a" * 8 + "bcde"],
)
def test_what_says_more_is_taken(password: str) -> None:
    """Three such words are a sentence; one beside a word of one's own is none of these."""
    check_password(password)


def test_looking_takes_no_time() -> None:
    """Nothing is tried for ever, whatever is sent."""
    with pytest.raises(RefusedError):
        check_password("passpasspasspasspasspasspasspasspasspas")
    check_password("ab" * 100 + "cdef")
