"""Three verifiers, written apart: each says of each proof what the others say, and at which step it falls.

Python is ours; Go stands on other people's libraries (golang.org/x/mod, transparency-dev); the third is the page's own
script in a real browser. Ours alone reads the officers' signatures under the registry, too.
"""

from dataclasses import asdict
from pathlib import Path

import pytest
from playwright.async_api import Page

from tamani.core.proven import Trust
from tamani.core.proving import prove
from tests.contract.altered_proofs import CASES, GOOD, WITH_RECEIPT, content
from tests.support.notices import COMMISSION_ML
from tests.support.proofs import BITS, SIGNED, flips
from tests.support.verifiers import GO, go_says, listening

LONGEST = 150
FLIPS = """async ([members, policy, names, bits]) => {
  const encode = async (bundle) => {
    const text = JSON.stringify({ v: 1, ...bundle }, null, 2).slice(0, -2);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
    const hex = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${text},\\n  "sha256": "${hex}"\\n}\\n`;
  };
  const holds = async (bundle) => (await tamaniProof.prove(await encode(bundle), policy)).holds;
  const accepted = [];
  let tried = 0;
  for (const name of names) {
    const text = members[name];
    for (let at = 0; at < text.length; at++, tried++) {
      const altered = String.fromCharCode(text.charCodeAt(at) ^ bits[at % bits.length]);
      const flipped = text.slice(0, at) + altered + text.slice(at + 1);
      if (await holds({ ...members, [name]: flipped })) accepted.push([name, at]);
    }
  }
  return [await holds(members), tried, accepted];
}"""


@pytest.mark.parametrize("name", CASES)
def test_python(name: str) -> None:
    """By the policy, as the others."""
    proven = prove(content(name), Trust(policy=GOOD.policy.encode()))
    assert (proven.failed.step.value if proven.failed else None) == CASES[name][1]
    assert proven.second is (name == "a second content")


def test_go(program: Path, tmp_path: Path) -> None:
    """On the libraries of others: all cases in one run, a line each; one alone sets the exit status."""
    (tmp_path / "policy").write_text(GOOD.policy)
    files = [f"{number}.json" for number in range(len(CASES))]
    for file, name in zip(files, CASES, strict=True):
        (tmp_path / file).write_bytes(content(name))
    done = go_says(program, tmp_path, "policy", *files)
    words = [line.split() for line in done.stdout.splitlines()]
    said = dict(zip(CASES, (one[:2] + one[3:] for one in words), strict=True))
    expected = {name: _line(name, step) for name, (_, step) in CASES.items()}
    assert said == expected, done.stderr
    assert done.returncode == 1
    assert go_says(program, tmp_path, "policy", "0.json").returncode == 0


def _line(name: str, step: int | None) -> list[str]:
    """What it says of a case, without the id."""
    kind = "equivocation" if name == "a second content" else "event"
    return ["holds", COMMISSION_ML, kind] if step is None else ["step", str(step)]


def test_go_finds_every_byte_that_was_altered(program: Path, tmp_path: Path) -> None:
    """Each character of each member, by somebody who makes the checksum anew: one process over a folder of them."""
    (tmp_path / "policy").write_text(GOOD.policy)
    files = {f"{name}{at}": flipped for name, at, flipped in flips(WITH_RECEIPT)}
    for file, flipped in files.items():
        (tmp_path / file).write_bytes(flipped.encode())
    done = go_says(program, tmp_path, "policy", *files)
    said = dict(zip(files, done.stdout.splitlines(), strict=True))
    assert {file for file, line in said.items() if not line.startswith("step ")} == set()


def test_the_go_program_is_short_enough_to_be_read() -> None:
    """Whoever audits us reads it in one sitting."""
    assert len((GO / "verify.go").read_text().splitlines()) <= LONGEST


async def test_the_browser(browser_page: Page) -> None:
    """All cases in one page, which reaches nobody: the same verdict at the same step."""
    assert await browser_page.evaluate("tamaniProof.able()")
    with listening() as port:
        knock = f"fetch('http://127.0.0.1:{port}/', {{mode: 'no-cors'}}).catch(() => 'nobody')"
        assert await browser_page.evaluate(knock) == "nobody"
    for name, (_, step) in CASES.items():
        given = [content(name).decode(), GOOD.policy]
        outcomes, second = await browser_page.evaluate(
            "async ([text, policy]) => (({ steps, second }) => [steps, second])(await tamaniProof.prove(text, policy))",
            given,
        )
        expected = [True] * 9 if step is None else [True] * step + [False] + [None] * (8 - step)
        assert outcomes == expected, name
        assert bool(second) is (name == "a second content"), name


async def test_the_browser_finds_every_byte_that_was_altered(browser_page: Page) -> None:
    """The same as in Go: the page makes the altered files itself, all in one call; left alone, its file holds."""
    given = [asdict(WITH_RECEIPT), GOOD.policy, list(SIGNED), list(BITS)]
    holds, tried, accepted = await browser_page.evaluate(FLIPS, given)
    assert (holds, accepted) == (True, [])
    assert tried == sum(len(getattr(WITH_RECEIPT, name)) for name in SIGNED)
