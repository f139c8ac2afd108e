"""`tamani proof verify A --against B`: two signed contents under one id, said in a sentence; anything else is not."""

import json
from pathlib import Path

import pytest

from tamani.cli.app import run
from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.core.log.leaf import EQUIVOCATION
from tests.support.notices import COMMISSION_ML, TRUSTED, Speaker
from tests.support.proofs import Provable

FIRST = Provable(sources=(COMMISSION_ML,), value=Speaker(COMMISSION_ML).seals("agenda.meeting"))
ID = decode_event(decode_envelope(FIRST.value).payload).id


def proof(folder: Path, name: str, made: Provable, *countries: str) -> str:
    """A file with the proof."""
    (folder / name).write_bytes(made.bundle(*countries).encode())
    return str(folder / name)


def second(**changes: str) -> Provable:
    """Another content of the same body."""
    value = Speaker(COMMISSION_ML).seals("agenda.meeting", **({"id": ID, "lang": "en"} | changes))
    return Provable(sources=(COMMISSION_ML,), value=value, kind=EQUIVOCATION)


def verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The command, by the public root."""
    status = run(["proof", "verify", *arguments, "--root", TRUSTED[0]])
    return status, capsys.readouterr().out


def test_two_contents_under_one_id_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In words and for programs; alone, the second says that it is one."""
    one, other = proof(tmp_path, "a", FIRST), proof(tmp_path, "b", second())
    status, said = verify(capsys, one, "--against", other)
    assert status == 0
    assert f"Deux contenus signés : Commission de défense (Mali) ({COMMISSION_ML}) en a signé deux" in said
    assert f"l'identifiant {ID}." in said
    status, said = verify(capsys, other)
    assert (status, "un second contenu, gardé comme preuve le" in said) == (0, True)
    status, said = verify(capsys, other, "--against", one, "--json")
    told = json.loads(said)
    assert (status, told["two_contents"]) == (0, True)
    assert [one["kind"] for one in told["proofs"]] == ["equivocation", "event"]


def test_what_does_not_contradict_is_no_second_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same content twice, another id, a proof that does not hold: status 1, and the first two say why."""
    one = proof(tmp_path, "a", FIRST)
    for number, made in enumerate((FIRST, second(id="01890000-0000-7000-8000-000000000001"))):
        status, said = verify(capsys, one, "--against", proof(tmp_path, f"b{number}", made))
        assert (status, "ne se contredisent pas" in said, "Deux contenus" in said) == (1, True, False)
    status, said = verify(capsys, one, "--against", proof(tmp_path, "c", second(), "ml"))
    assert (status, "NE TIENT PAS" in said, "Deux contenus" in said) == (1, True, False)
