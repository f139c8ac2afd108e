"""`tamani log`: a key made once, encrypted, whose public line is what a policy takes; `tamani status` in words."""

from pathlib import Path
from typing import Any

import pytest

from tamani.cli.app import run
from tamani.cli.say import Say
from tamani.cli.status import _show_log
from tamani.core.codes import code
from tamani.core.log.policy import parse_policy


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """The options of a key in a folder of its own."""
    (tmp_path / "passphrase").write_bytes(b"une phrase\n")
    return ["--key", str(tmp_path / "log.key"), "--passphrase", str(tmp_path / "passphrase")]


def test_the_line_is_a_line_of_a_policy(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Made once; shown as often as one likes; the secret is not in the file."""
    assert run(["log", "init", *words, "--origin", "essai.test/log"]) == 0
    line = capsys.readouterr().out.strip()
    assert run(["log", "show", *words[:2]]) == 0
    shown = capsys.readouterr().out.strip()
    policy = parse_policy(f"{line}\nquorum none\n".encode())

    assert shown == line
    assert [log.key.name for log in policy.logs] == ["essai.test/log"]
    assert Path(words[1]).stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_written_over_another(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nor made without a passphrase, nor nowhere."""
    assert run(["log", "init", *words]) == 0
    before = Path(words[1]).read_bytes()

    assert run(["log", "init", *words]) == 1
    assert run(["log", "init", *words[:2]]) == 1
    assert run(["log", "init", *words[2:]]) == 1
    assert "refused.key.reused" in capsys.readouterr().err
    assert Path(words[1]).read_bytes() == before


SIZES = {"leaves": 12, "signed": 10, "attested": 0, "attested_at": None}
REWOUND = code("failed.log.rewound")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"state": "ok", "witnesses": {"bf": {"state": "ok", "detail": ""}}}, []),
        ({"state": "unsigned"}, ["rien n'est signé"]),
        (
            {"state": REWOUND.name, "detail": "10 < 12", "fr": REWOUND.fr, "en": REWOUND.en},
            ["tamani archive rebuild", "10 < 12"],
        ),
        (
            {"state": "ok", "witnesses": {"ml": {"state": "failed.witness", "detail": "x"}}},
            ["témoin ml", "failed.witness"],
        ),
    ],
)
def test_status_says_what_is_wrong_with_the_log(
    more: dict[str, Any], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Sizes always; a sentence only where something is to be done."""
    _show_log(Say("fr"), SIZES | more)
    text = capsys.readouterr().out

    assert "journal 12 · signé 10 · attesté 0" in text
    assert all(word in text for word in said)
    assert len(text.splitlines()) == 1 + bool(said)
