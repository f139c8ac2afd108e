"""The command line as a person meets it: help in two languages, exit status, codes with their sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tamani.cli.feed import events
from tamani.cli.settings import language
from tamani.core.judge import verify_again
from tamani.core.verdict import Forward
from tamani.node.keystore import save_key
from tamani.runtime.tokens import TokenStore
from tests.support.notices import (
    COMMISSION_ML,
    OBSERVATORY_ML,
    TRUSTED,
    Speaker,
    api_body,
    id_of,
    key_of,
    registry,
    registry_value,
)

NOUNS = ("up", "serve", "keys", "token", "post", "message", "outbox", "feed", "status", "quarantine", "rebuild")
BARE = {"PATH": "/usr/bin:/bin"}
PASSPHRASE = "une phrase pour les essais"


def tamani(*arguments: str, given: bytes = b"", lang: str | None = None) -> "subprocess.CompletedProcess[bytes]":
    """Run the real program, as a terminal of no particular language would."""
    environment = BARE | {"COLUMNS": "120"} | ({"TAMANI_LANG": lang} if lang else {})
    command = (sys.executable, "-m", "tamani", *arguments)
    return subprocess.run(command, input=given, capture_output=True, env=environment, check=False)


@pytest.mark.parametrize(("lang", "word"), [(None, "avis signés"), ("en", "signed notices")])
def test_help_names_every_noun_in_the_language_asked_for(lang: str | None, word: str) -> None:
    """French unless English is asked for."""
    done = tamani("--help", lang=lang)
    assert done.returncode == 0
    text = done.stdout.decode()
    assert word in text
    assert [noun for noun in NOUNS if f" {noun} " not in text] == []


def test_help_loads_no_service() -> None:
    """Quick, and possible where nothing but the command line runs."""
    program = (
        "import sys; from tamani.cli.app import run; run(['--help']);"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " {'faust','aiokafka','fastapi','sqlalchemy','psycopg','confluent_kafka','httpx'}], file=sys.stderr)"
    )
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, check=True)
    assert done.stderr.strip() == b"[]"


@pytest.mark.parametrize("arguments", [("keys", "lost"), ("post",), ("status", "--nothing"), ("outbox", "resend")])
def test_wrong_use_is_status_two(arguments: tuple[str, ...]) -> None:
    """And nothing is done."""
    assert tamani(*arguments).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, "fr"),
        ([], {"LANG": "C.UTF-8"}, "fr"),
        ([], {"LANG": "fr_ML.UTF-8"}, "fr"),
        ([], {"LANG": "en_GB.UTF-8"}, "en"),
        ([], {"LANG": "en_GB.UTF-8", "TAMANI_LANG": "fr"}, "fr"),
        (["--lang", "en", "status"], {"TAMANI_LANG": "fr"}, "en"),
        (["--lang=en"], {}, "en"),
        (["post", "--lang"], {}, "fr"),
    ],
)
def test_the_language_is_asked_for_or_guessed(arguments: list[str], environment: dict[str, str], expected: str) -> None:
    """The option wins, then our variable, then the locale."""
    assert language(arguments, environment) == expected


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    """The file of a passphrase."""
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    return path


def test_a_key_is_made_and_shown_without_its_secret(tmp_path: Path, passphrase: Path) -> None:
    """What is printed is what the registry needs."""
    made = tamani("keys", "new", COMMISSION_ML, "--data", str(tmp_path), "--passphrase", str(passphrase))
    assert made.returncode == 0, made.stderr
    facts = dict(line.split(": ", 1) for line in made.stdout.decode().splitlines())
    assert Path(facts["file"]).parent == tmp_path / "sites" / "ml" / "keys"
    shown = tamani("keys", "show", "--country", "ml", "--data", str(tmp_path))
    assert shown.stdout.decode().split() == [COMMISSION_ML, facts["keyid"], facts["public"]]


def test_a_token_opens_the_site_for_its_body(tmp_path: Path) -> None:
    """Printed once; kept as a hash."""
    made = tamani("token", "new", COMMISSION_ML, "--data", str(tmp_path), "--label", "greffe")
    token = made.stdout.decode().strip()
    file = tmp_path / "sites" / "ml" / "tokens.sqlite"
    assert TokenStore(file).find(token).source == COMMISSION_ML
    assert token.encode() not in file.read_bytes()


@pytest.mark.parametrize(("lang", "sentence"), [("fr", "Demande incomplète"), ("en", "Incomplete or malformed")])
def test_a_failure_is_told_by_code_and_sentence(tmp_path: Path, lang: str, sentence: str) -> None:
    """On standard error, in the language asked for, with status 1."""
    done = tamani("token", "new", "commission", "--data", str(tmp_path), lang=lang)
    assert done.returncode == 1
    assert done.stdout == b""
    told = done.stderr.decode()
    assert told.startswith("refused.request")
    assert sentence in told


def test_an_envelope_is_sealed_shown_and_verified_without_network(tmp_path: Path, passphrase: Path) -> None:
    """A body signs with its own key; anyone with the registry checks; one byte changed is refused."""
    key = save_key(tmp_path / "keys", COMMISSION_ML, key_of(COMMISSION_ML), PASSPHRASE.encode()).path
    notice, envelope, known = tmp_path / "avis.json", tmp_path / "avis.dsse", tmp_path / "registry.json"
    notice.write_text(json.dumps(api_body(id=id_of(1))))
    known.write_bytes(registry_value())
    secret = ("--key", str(key), "--passphrase", str(passphrase))
    sealed = tamani("message", "sign", str(notice), *secret, "--sequence", "12")
    assert sealed.returncode == 0, sealed.stderr
    envelope.write_bytes(sealed.stdout)
    verdict = verify_again(sealed.stdout.strip(), registry())
    assert isinstance(verdict, Forward)
    assert (verdict.event.source, verdict.event.sequence) == (COMMISSION_ML, "12")
    shown = json.loads(tamani("message", "show", str(envelope)).stdout)
    assert shown["event"]["id"] == id_of(1)
    trust = ("--registry", str(known), "--trust", TRUSTED[0])
    assert tamani("message", "verify", str(envelope), *trust).returncode == 0
    altered = sealed.stdout.replace(b'"payload":"', b'"payload":"AAAA')
    refused = tamani("message", "verify", "-", *trust, given=altered)
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"refused.signature.invalid")
    distrusted = tamani("message", "verify", str(envelope), *trust[:3], "0" * 64)
    assert distrusted.stderr.startswith(b"refused.registry.root")


def test_somebody_elses_key_does_not_verify(tmp_path: Path) -> None:
    """A body that seals in the name of another."""
    known = tmp_path / "registry.json"
    known.write_bytes(registry_value())
    forged = Speaker(COMMISSION_ML, key_of(OBSERVATORY_ML)).seals()
    trust = ("--registry", str(known), "--trust", TRUSTED[0])
    done = tamani("message", "verify", "-", *trust, given=forged)
    assert done.returncode == 1
    assert done.stderr.startswith(b"refused.source")


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    """With the variable to set."""
    command = (sys.executable, "-m", "tamani", "serve", "node", "--country", "ml")
    broken = BARE | {"TAMANI_NODE_DATA_DIR": str(tmp_path), "TAMANI_NODE_HEARTBEAT_SECONDS": "jamais"}
    done = subprocess.run(command, env=broken, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"failed.settings")
    assert b"TAMANI_NODE_HEARTBEAT_SECONDS" in done.stderr


def test_a_stream_is_read_event_by_event() -> None:
    """Comments and keep-alives aside; data of several lines in one."""
    lines = ["retry: 3000", "", ": hello", "event: record", "id: 7-1", "data: {", "data: }", "", "event: position", ""]
    assert list(events(iter(lines))) == [("record", "7-1", "{\n}")]
