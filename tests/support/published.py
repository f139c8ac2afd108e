"""`python -m tests.support.published` freezes the schemas as they are: run once, when a version of a type is published.

What was published before and is no longer emitted (an older minor version) keeps its line: its readers are still there.
A line that would change stops it, for a published schema does not change; `--again <$id>` freezes one anew, for whoever
knows that nobody has it yet.
"""

import json
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from tamani.core.schemas import documents

FILE = Path(__file__).parents[2] / "schemas" / "published.txt"


def frozen(file: Path = FILE) -> dict[str, str]:
    """`$id` to SHA-256 of what is published."""
    lines = (line.partition("  ") for line in file.read_text("utf-8").splitlines())
    return {name: digest for digest, _, name in lines}


def emitted() -> dict[str, str]:
    """The same of what the software says now."""
    return {json.loads(text)["$id"]: sha256(text.encode()).hexdigest() for text in documents().values()}


def freeze(file: Path, now: Mapping[str, str], again: frozenset[str] = frozenset()) -> None:
    """Add what is new; change only the lines that are named.

    Raises:
        ValueError: another line would change (the file stays as it is), or what is named is not there to change.
    """
    before = frozen(file)
    changed = {name for name, digest in now.items() if before.get(name, digest) != digest}
    if changed != again:
        raise ValueError(f"published: {sorted(changed - again)}; named, but unchanged: {sorted(again - changed)}")
    lines = sorted((before | dict(now)).items())
    file.write_text("".join(f"{digest}  {name}\n" for name, digest in lines), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """The command: `[--again <$id>…]`."""
    match arguments:
        case []:
            freeze(FILE, emitted())
        case ["--again", *names] if names:
            freeze(FILE, emitted(), frozenset(names))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ValueError as error:
        raise SystemExit(f"{error}: a published schema does not change, make a minor version") from error
