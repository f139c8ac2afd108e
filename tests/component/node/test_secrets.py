"""Planted secrets are looked for wherever a machine shows what runs on it: output, logs, answers, `ps`, environment."""

from pathlib import Path

import httpx
from typer.testing import CliRunner

from tamani.cli.app import build
from tamani.cli.say import Say
from tamani.runtime.sealed_key import open_seed, read_key
from tests.component.node.test_process import process
from tests.support.node_folder import PASSPHRASE, NodeFolder
from tests.support.notices import COMMISSION_ML, api_body, key_of
from tests.support.ports import free_ports
from tests.support.showing import of_process, shown

PASSWORD = "mot-de-passe-du-courtier-7731"
GUESS = "jeton-que-personne-n-a-donne-5512"


async def test_a_node_shows_none_of_its_secrets(tmp_path: Path) -> None:
    """While it works and while it refuses: seed, passphrase, password and tokens are in nothing that it shows."""
    home = NodeFolder(tmp_path)
    (tmp_path / "password").write_text(PASSWORD + "\n")
    port, nobody = free_ports(2)
    away = {"kafka_bootstrap": f"127.0.0.1:{nobody}", "kafka_username": "node.ml", "log_level": "DEBUG"}
    away |= {"kafka_password_file": str(tmp_path / "password")}
    token = home.tokens[COMMISSION_ML]
    secrets = [key_of(COMMISSION_ML).seed, PASSPHRASE, PASSWORD.encode(), token.encode(), GUESS.encode()]
    texts: dict[str, bytes] = {}
    async with process(home, away, port) as child, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert child.pid is not None
        texts |= of_process(child.pid)
        for given in (token, GUESS):
            headers = {"Authorization": f"Bearer {given}"}
            for body in (api_body(), {"type": "??"}):
                answer = await client.post("/v1/messages", json=body, headers=headers)
                texts[f"{answer.status_code} {len(texts)}"] = answer.content + str(answer.headers).encode()
        for path in ("/metrics", "/healthz", f"/v1/messages?token={GUESS[:8]}"):
            texts[path] = (await client.get(path)).content
    texts["log"] = (tmp_path / "node.log").read_bytes()
    assert len(texts["log"]) > 200
    assert {name.split()[0] for name in texts} >= {"202", "401", "cmdline", "environ", "log"}
    assert shown(texts, secrets) == []
    assert shown(texts | {"a file of its own": (tmp_path / "passphrase").read_bytes()}, secrets) == [
        "a file of its own"
    ]


def run(*words: str) -> bytes:
    """All that a command prints, and the error that it ends with."""
    done = CliRunner().invoke(build(Say("fr")), [*words])
    return f"{done.output} {done.exception!r} {done.exc_info} {done.exit_code}".encode()


def test_commands_print_what_is_public_alone(tmp_path: Path) -> None:
    """Keys of every kind are made and used; what is printed of them, and of an error, holds no secret half."""
    (tmp_path / "phrase").write_bytes(PASSPHRASE)
    (tmp_path / "other").write_bytes(PASSPHRASE[::-1])
    phrase, other = (("--passphrase", str(tmp_path / name)) for name in ("phrase", "other"))
    made = {
        "keys new": run("keys", "new", COMMISSION_ML, "--keys", str(tmp_path / "keys"), *phrase),
        "recipient": run("keys", "new", COMMISSION_ML, "--recipient", "--keys", str(tmp_path / "reading"), *phrase),
        "log init": run("log", "init", "--key", str(tmp_path / "log.key"), "--origin", "x.test/log", *phrase),
        "registry key": run("registry", "key", "officer", "ml", "--keys", str(tmp_path / "office"), *phrase),
        "witness init": run("witness", "init", "--country", "ml", "--data-dir", str(tmp_path / "w"), *phrase),
    }
    assert {name: text[-1:] for name, text in made.items()} == dict.fromkeys(made, b"0"), made
    files = [path for path in tmp_path.rglob("*") if path.suffix in {".key", ".reading"}]
    assert len(files) == len(made)
    secrets = [open_seed(path, read_key(path), PASSPHRASE) for path in files]
    folder = ("--folder", str(tmp_path / "none"))
    for path in files:
        for given in (phrase, other):
            made[f"{path.name} {given[1]}"] = run("registry", "sign", "--key", str(path), *given, *folder)
    assert shown(made, [*secrets, PASSPHRASE, PASSPHRASE[::-1]]) == []
    assert shown({"a seed": secrets[0].hex().encode()}, secrets) == ["a seed"]
