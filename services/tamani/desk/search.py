"""Full-text search in the projection: French and English by their stems, any other language by its words; no accents.

PostgreSQL does it (`tsvector`, a GIN index); the configurations `tamani_fr`, `tamani_en` and `tamani_plain` are made by
the migration. A row of `search` stands beside each row of `record`; of what its body took back, it is empty.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.event import Event
from tamani.desk.tables import search
from tamani.desk.words import Words

LONGEST = 200
# So many notices are looked up one by one sooner than a list is walked through.
FEW = 1000
# Around what was found, in a headline: private signs, taken out of the text first.
FOUND, END = "\ue000", "\ue001"
_CONFIGS = {"fr": "tamani_fr", "en": "tamani_en"}
PLAIN = "tamani_plain"
# `-word` and `-"a phrase"` hold for every language at once: what is left out in French must not come in as English.
_WITHOUT = re.compile(r'(?:(?<=\s)|^)-("[^"]*"|[^\s"]+)')
_INDEX = text("""
INSERT INTO search (feed_index, lexemes)
SELECT q.i, setweight(to_tsvector(q.c, q.t), 'A') || setweight(to_tsvector(q.c, q.s), 'B') || to_tsvector(q.c, q.r)
FROM (
    SELECT i, CAST(c AS regconfig), t, s, r FROM unnest(
        CAST(:i AS bigint[]), CAST(:c AS text[]), CAST(:t AS text[]), CAST(:s AS text[]), CAST(:r AS text[])
    ) AS given (i, c, t, s, r)
) AS q
ON CONFLICT (feed_index) DO UPDATE SET lexemes = excluded.lexemes
""")
_ADD = text("""
UPDATE search SET lexemes = lexemes || setweight(to_tsvector(q.c, :t), 'A') || setweight(to_tsvector(q.c, :s), 'B')
    || to_tsvector(q.c, :r)
FROM (SELECT CAST(:c AS regconfig)) AS q (c) WHERE feed_index = :i
""")
_EMPTY = text("""
UPDATE search SET lexemes = '' FROM record
WHERE record.feed_index = search.feed_index AND record.source = :source AND record.id = :id
""")
_HEADLINE = text("""
SELECT q.i, ts_headline(q.c, q.t, websearch_to_tsquery(q.c, :q) || websearch_to_tsquery('tamani_plain', :q), :o)
FROM (
    SELECT i, CAST(c AS regconfig), t
    FROM unnest(CAST(:i AS bigint[]), CAST(:c AS text[]), CAST(:t AS text[])) AS given (i, c, t)
) AS q
""")


# A number to know it by, its language, and the text.
Passage = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A notice to be found, at its place in the feed."""

    feed_index: int
    event: Event
    words: Sequence[Words]


def config_of(lang: str) -> str:
    """The search configuration of a language (BCP 47)."""
    return _CONFIGS.get(lang.partition("-")[0], PLAIN)


async def index(connection: AsyncConnection, notices: Sequence[Indexed]) -> None:
    """Make these notices findable; what they take back is findable no more. The caller commits."""
    if not notices:
        return
    rows = [_row(notice.feed_index, notice.words[0]) for notice in notices]
    await connection.execute(_INDEX, dict(zip("ictsr", map(list, zip(*rows, strict=True)), strict=True)))
    for notice in notices:
        for other in notice.words[1:]:
            await connection.execute(_ADD, dict(zip("ictsr", _row(notice.feed_index, other), strict=True)))
    for notice in notices:
        if notice.event.kind == "withdrawal":
            await _forget(connection, notice.event)


def _row(number: int, words: Words) -> tuple[int, str, str, str, str]:
    return number, config_of(words.lang), words.title, words.summary, words.rest


async def _forget(connection: AsyncConnection, withdrawal: Event) -> None:
    """Only the body itself takes back what it said; the withdrawal's own words stay."""
    target = withdrawal.data.get("target", {})
    if target.get("source") == withdrawal.source:
        await connection.execute(_EMPTY, {"source": withdrawal.source, "id": target.get("id")})


def found_by(asked: str, feed_index: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the notice at this place of the feed holds what was asked for, in any of the languages."""
    return exists(select(literal(1)).where(search.c.feed_index == feed_index, *_conditions(asked)))


def _conditions(asked: str) -> list[ColumnElement[bool]]:
    without = _WITHOUT.findall(asked)
    wanted = _WITHOUT.sub(" ", asked).strip()
    conditions = [~_holds(word) for word in without]
    return [*conditions, _holds(wanted)] if wanted or not without else conditions


async def few_with(connection: AsyncConnection, asked: str) -> list[int] | None:
    """Where in the feed what was asked for stands, if in few notices; None if in many, or if nothing is asked.

    PostgreSQL knows how frequent the frequent words are, and takes all others for more frequent than they are: it would
    walk back through the whole mirror for a word that stands nowhere. The index says at once where a rare word is.
    """
    if not asked:
        return None
    found = select(search.c.feed_index).where(*_conditions(asked)).cte("found").prefix_with("MATERIALIZED")
    places = list(await connection.scalars(select(found.c.feed_index).limit(FEW + 1)))
    return places if len(places) <= FEW else None


def _holds(asked: str) -> ColumnElement[bool]:
    return search.c.lexemes.op("@@", is_comparison=True)(_query(asked))


def _query(asked: str) -> ColumnElement[object]:
    """As people write: words, "a phrase", or (PostgreSQL's websearch syntax, which cannot be wrong)."""
    parts = [func.websearch_to_tsquery(text(f"'{config}'"), asked) for config in (*_CONFIGS.values(), PLAIN)]
    return parts[0].op("||")(parts[1]).op("||")(parts[2])


async def headlines(
    connection: AsyncConnection, asked: str, texts: Iterable[Passage], *, whole: bool = False
) -> dict[int, str]:
    """By number, the passage (or the whole text) where what was asked for stands, between `FOUND` and `END`."""
    rows = [(number, config_of(lang), said.replace(FOUND, "").replace(END, "")) for number, lang, said in texts]
    if not rows:
        return {}
    length = "HighlightAll=true" if whole else "MaxWords=30, MinWords=12, MaxFragments=1"
    options = f"StartSel={FOUND}, StopSel={END}, {length}"
    number, config, said = map(list, zip(*rows, strict=True))
    made = await connection.execute(_HEADLINE, {"i": number, "c": config, "t": said, "q": asked, "o": options})
    return {row[0]: row[1] for row in made if FOUND in row[1]}
