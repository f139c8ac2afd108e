"""A desk that is told half of what it needs for mail does not start; secrets come from files."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tamani.desk.mail.postman import server_of
from tamani.desk.settings import DeskSettings

WHOLE: dict[str, Any] = {
    "mail_host": "smtp.example.ml",
    "mail_sender": "agenda@example.ml",
    "public_url": "https://bureau.example.ml",
}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"mail_sender": None}, "mail_sender"),
        ({"mail_sender": "agenda"}, "mail_sender"),
        ({"public_url": None}, "public_url"),
        ({"mail_security": "none"}, "mail_security"),
        ({"mail_security": "ssl"}, "mail_security"),
        ({"mail_quiet_from": 24}, "mail_quiet_from"),
    ],
)
def test_half_a_setting_is_none(changes: dict[str, Any], named: str) -> None:
    """Named, before anything is sent; mail in clear goes to this machine alone."""
    with pytest.raises(ValidationError, match=named):
        DeskSettings(**WHOLE | changes)


def test_a_relay_on_this_machine_may_be_spoken_to_in_clear() -> None:
    found = server_of(DeskSettings(**WHOLE | {"mail_host": "127.0.0.1", "mail_security": "none"}))
    assert found is not None
    assert found.security == "none"


def test_without_a_host_there_is_no_mail() -> None:
    assert server_of(DeskSettings()) is None


def test_the_password_is_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("mot de passe\n")
    found = server_of(DeskSettings(**WHOLE, mail_username="tamani", mail_password_file=secret))
    assert found is not None
    assert (found.username, found.password, found.security, found.port) == ("tamani", "mot de passe", "starttls", 587)
