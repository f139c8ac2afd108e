"""`tamani status` says in words whether a desk sends mail."""

import pytest

from tamani.cli.say import Say
from tamani.cli.status import _show


@pytest.mark.parametrize(
    ("state", "words"),
    [("off", "éteint"), ("starting", "rien à envoyer"), ("ok", "en marche"), ("away", "injoignable")],
)
def test_every_state_of_the_mail_has_its_words(state: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The four states of the postman; a site that is down has none."""
    facts = {"up": True, "url": "http://127.0.0.1:8402", "health": {"desk": {"mail": state}}}
    _show(Say("fr"), "site ml", facts)
    _show(Say("fr"), "site ne", {"up": False, "url": "http://127.0.0.1:8403"})
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("courriel ")]
    assert len(lines) == 1
    assert words in lines[0]
