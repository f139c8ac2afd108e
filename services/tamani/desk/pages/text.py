"""The body of a notice: a small part of Markdown (paragraphs, lists, emphasis), never HTML, links nor images."""

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(["list", "emphasis", "newline", "escape"])


def to_html(text: str) -> Markup:
    """The text as HTML; everything that is not of the small part is shown as it was written."""
    return Markup(_markdown().render(text))  # noqa: S704 - the renderer escapes all that it does not make itself
