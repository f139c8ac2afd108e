"""The table of codes in `docs/protocol.md`, made from the software: `.venv/bin/python -m tests.support.code_table`."""

from pathlib import Path

from tamani.core.codes import codes

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
HEAD = "| code | HTTP | again | French | English |\n|---|---|---|---|---|\n"


def table() -> str:
    """Its rows, in the order of the list of codes."""
    rows = [
        f"| `{c.name}` | {c.status} | {'yes' if c.retriable else 'no'} | {c.fr} | {c.en} |\n" for c in codes().values()
    ]
    return HEAD + "".join(rows)


def renewed(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(HEAD)
    after = rest[rest.index("\n\n") + 1 :] if "\n\n" in rest else ""
    return before + table() + after


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
