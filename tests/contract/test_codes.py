"""The codes: their grammar, their two sentences, and that the table and the program name exactly the same ones."""

import ast
import re
from pathlib import Path

import pytest

import tamani
from tamani.core.codes import GRAMMAR, Code, code, codes
from tamani.core.errors import DefectError, OutageError, RefusedError, TamaniError

SOURCE = Path(tamani.__file__).parent
LITERAL = re.compile(r"(archived|duplicate|equivocation|refused|held|failed)(\.[a-z0-9]+)+")
# Before `; : ! ?` and inside « » French wants a space; here a plain or a no-break one.
GLUED = re.compile(r"[^\s\u00a0\u202f][;!?»]|«[^\s\u00a0\u202f]|[a-zà-ÿ]:(?!//)")
# Words that are French only with their accent: a sentence typed without accents would have one of them.
BARE = re.compile(
    r"\b(a ete|etre|deja|refuse|regle|cle|cles|region|numero|donnees?|reseau|debut|echec|systeme|prefere|recue?s?"
    r"|archive l'avis|expediteur|verifie|acces|meme|arret|evenement|element|resume|langue etrangere)\b",
    re.IGNORECASE,
)
# In the table though no line of ours writes them; each with its reason, and out of this list once it is written.
READ_ONLY: dict[str, str] = {}


def literals() -> dict[str, str]:
    """Every text in the program that has the form of a code, with the file it stands in."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and LITERAL.fullmatch(node.value):
                found.setdefault(node.value, str(path.relative_to(SOURCE)))
    return found


def mentioned() -> str:
    """All of the program's text, templates included, but for the table itself."""
    files = [path for ending in ("py", "html", "j2") for path in SOURCE.rglob(f"*.{ending}")]
    return "\n".join(path.read_text("utf-8") for path in files)


@pytest.mark.parametrize("name", codes())
def test_each_row_is_whole(name: str) -> None:
    found = code(name)
    assert GRAMMAR.fullmatch(name)
    assert 200 <= found.status < 600
    assert found.fr
    assert found.en
    assert found.fr != found.en
    for sentence in (found.fr, found.en):
        assert sentence == sentence.strip()
        assert sentence.endswith((".", "?", "!"))
        assert "  " not in sentence
    assert (found.sentence("fr"), found.sentence("en"), found.sentence("bm")) == (found.fr, found.en, found.fr)


@pytest.mark.parametrize("name", codes())
def test_french_is_written_as_french_is_written(name: str) -> None:
    found = code(name).fr
    assert not GLUED.search(found), found
    assert not BARE.search(found), found
    assert '"' not in found, "« » in French"
    assert "'" not in re.sub(r"\w'\w", "", found), found


@pytest.mark.parametrize("name", codes())
def test_english_is_written_as_english_is_written(name: str) -> None:
    assert not re.search(r"\s[;:!?]|[«»]", code(name).en), code(name).en


def test_the_table_tells_success_refusal_and_failure_apart() -> None:
    for found in codes().values():
        verdict = found.name.partition(".")[0]
        wanted = {
            "archived": {2},
            "duplicate": {2},
            "erased": {2},
            "equivocation": {4},
            "refused": {4},
            "held": {5},
            "failed": {5},
        }
        assert found.status // 100 in wanted[verdict], found.name
        if found.status == 503:
            assert found.retriable, found.name
        if verdict == "held":
            assert found.retriable, found.name


def test_every_code_in_the_program_is_in_the_table() -> None:
    """A slip in a literal would be a KeyError on the day when it is needed."""
    unknown = {name: where for name, where in literals().items() if not _names_some(name)}
    assert unknown == {}


def _names_some(name: str) -> bool:
    """A code, or the beginning of several (`refused.key`)."""
    return any(known == name or known.startswith(name + ".") for known in codes())


def test_every_code_of_the_table_is_in_the_program() -> None:
    """Else a sentence is promised that nobody will read."""
    text = mentioned()
    unused = {name for name in codes() if not re.search(rf"""["'`]{re.escape(name)}(\.\{{|["'`])""", text)}
    assert unused == set(READ_ONLY)


def test_a_longer_name_than_we_know_says_what_its_parent_says() -> None:
    """A database state of a held notice, and whatever a newer region may answer to an older node."""
    assert code("held.store.22021") == Code("held.store.22021", *_said("held.store"))
    assert code("refused.policy.type.later") == Code("refused.policy.type.later", *_said("refused.policy.type"))
    assert code("refused.later") == Code("refused.later", *_said("refused"))
    assert code("held.later") == Code("held.later", *_said("held"))


def _said(name: str) -> tuple[bool, int, str, str]:
    found = codes()[name]
    return found.retriable, found.status, found.fr, found.en


@pytest.mark.parametrize("name", ["", "bananas", "failed", "failed.later", "refusedx", "later.refused"])
def test_what_is_no_code_is_an_error_of_ours(name: str) -> None:
    with pytest.raises(KeyError):
        code(name)


@pytest.mark.parametrize("kind", [RefusedError, OutageError, DefectError])
def test_an_error_carries_its_code(kind: type[TamaniError]) -> None:
    error = kind("failed.broker", "node 1")
    assert (error.code.name, error.detail, error.retriable, str(error)) == (
        "failed.broker",
        "node 1",
        True,
        "failed.broker: node 1",
    )
    assert str(kind("refused.size")) == "refused.size"
