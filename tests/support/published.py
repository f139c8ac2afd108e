"""`python -m tests.support.published` freezes the schemas as they are: run once, when a version of a type is published.

What was published before and is no longer emitted (an older minor version) keeps its line: its readers are still there.
"""

import json
from hashlib import sha256
from pathlib import Path

from tamani.core.schemas import documents

FILE = Path(__file__).parents[2] / "schemas" / "published.txt"


def frozen() -> dict[str, str]:
    """`$id` to SHA-256 of what is published."""
    lines = (line.partition("  ") for line in FILE.read_text("utf-8").splitlines())
    return {name: digest for digest, _, name in lines}


def emitted() -> dict[str, str]:
    """The same of what the software says now."""
    return {json.loads(text)["$id"]: sha256(text.encode()).hexdigest() for text in documents().values()}


if __name__ == "__main__":
    both = frozen() | emitted()
    FILE.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(both.items())), encoding="utf-8")
