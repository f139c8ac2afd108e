"""What no part of a running platform may show: its keys, passphrases and tokens, and those that a stranger tried."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

import httpx

from tamani.core.errors import DefectError
from tamani.core.names import Country
from tamani.runtime.sealed_key import open_seed, read_key
from tests.support import showing
from tests.support.up_run import PORTS, UpRun

GUESS = "jeton-que-personne-n-a-donne-9024"


def nothing_shows_a_secret(run: UpRun, token: str) -> None:
    """Neither seeds nor passphrases, passwords, tokens: in no log, answer, command line or environment of any part."""
    phrases = {path.name: path.read_bytes().strip() for path in (run.data / "secrets").glob("*.password")}
    folders = [run.data / name for name in ("registry", "sites", "witnesses", "workers")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".key", ".reading"}]
    seeds = {path: seed_of(path, phrases.values()) for path in files}
    named = {path.name for path in seeds} | {path.parent.name for path in seeds}
    assert named >= {"log.key", "witness.key", "keys", "reading"}, "what is looked for is there"
    texts = answers_of(run) | {path.name: path.read_bytes() for path in (run.data / "logs").glob("*.log")}
    assert run.process is not None
    texts |= {"screen": run.screen.encode(), **showing.of_process(run.process.pid)}
    assert len([name for name in texts if name.startswith("environ")]) > len(Country), "every part has an environment"
    secrets = [*seeds.values(), *phrases.values(), token.encode(), GUESS.encode()]
    assert showing.shown(texts, secrets) == []
    log_key = next(seed for path, seed in seeds.items() if path.name == "log.key")
    assert showing.shown(texts | {"planted": log_key.hex().encode()}, secrets) == ["planted"]


def seed_of(path: Path, phrases: Iterable[bytes]) -> bytes:
    """The secret in a key file, by whichever passphrase opens it."""
    for phrase in phrases:
        with contextlib.suppress(DefectError):
            return open_seed(path, read_key(path), phrase)
    raise AssertionError(f"{path} opens with none of the passphrases")


def answers_of(run: UpRun) -> dict[str, bytes]:
    """What every part says when it is well, and when somebody guesses."""
    guess = {"Authorization": f"Bearer {GUESS}"}
    found = {}
    for name in PORTS[: PORTS.index("kafka")]:
        with httpx.Client(base_url=f"http://127.0.0.1:{run.ports[name]}", headers=guess, timeout=20) as part:
            for path in ("/healthz", "/metrics", "/v1/status", "/v1/records", "/v1/feed?cc=ml", "/v1/messages/x"):
                found[f"{name} {path}"] = part.get(path).content
            for path in ("/v1/erasures", "/add-checkpoint", "/v1/messages"):
                found[f"{name} POST {path}"] = part.post(path, content=b"\xff?").content
    return found
