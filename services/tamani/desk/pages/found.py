"""What was searched for, made visible in the lines of a list: the title with the words marked, and the passage."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from tamani.core.registry import Registry
from tamani.desk.pages.views import Card
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.search import END, FOUND
from tamani.desk.words import words_of


async def show_found(
    queries: Queries, registry: Registry, asked: str, lines: Sequence[tuple[Notice, Card]]
) -> list[Card]:
    """The lines with marks where the words asked for stand; what was taken back shows nothing."""
    said = [(n, card, words_of(n.event, registry)[0]) for n, card in lines if card.title]
    titles = await queries.passages(
        asked, [(n.row.feed_index, card.lang, card.title) for n, card, _ in said], whole=True
    )
    texts = [
        (n.row.feed_index, n.row.lang, f"{words.summary}\n{words.rest}".strip().replace("\n", " · "))
        for n, _, words in said
    ]
    passages = await queries.passages(asked, texts)
    return [
        replace(card, title_found=_marked(titles.get(index)), passage=_marked(passages.get(index)))
        for card, index in ((card, notice.row.feed_index) for notice, card in lines)
    ]


def _marked(text: str | None) -> Markup | None:
    """The words found between <mark> and </mark>; everything else is text and nothing else."""
    if text is None:
        return None
    return Markup(escape(text).replace(FOUND, Markup("<mark>")).replace(END, Markup("</mark>")))  # noqa: S704
