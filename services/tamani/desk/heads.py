"""The head of each thread, for every reader at once: its last version that they may read. What lists and counts ask.

To find the last version anew for every line of every page takes too long in a large mirror; so it is kept, in the
transaction that takes the notices in. Readers fall into few kinds. The public sees the last version that is CLEAR. A
body sees the last that is CLEAR or GREEN, unless a later one names it: then that one is its `own`, and it has `passed`
the other.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.policy import Reader
from tamani.desk.tables import head, record

Owned = tuple[str, str]

_DROP = text("""
DELETE FROM head
WHERE (source, thread) IN (SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:threads AS text[])))
RETURNING feed_index
""")
_VERSIONS = text("""
SELECT feed_index FROM record
WHERE (source, thread) IN (SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:threads AS text[])))
""")
# Both below are functions of `record` alone. `candidates` are versions among which all heads of their threads are.
_COMBINE = text("""
WITH version AS (
    SELECT type, profile, coalesce(severity, '') AS severity, origin, source, lang, areas, themes
    FROM record WHERE feed_index = ANY(CAST(:candidates AS bigint[])) AND NOT system
), combined AS (
    INSERT INTO combination (type, profile, severity, origin, source, lang)
    SELECT DISTINCT type, profile, severity, origin, source, lang FROM version AS v
    WHERE NOT EXISTS (
        SELECT FROM combination AS c
        WHERE (c.type, c.profile, c.severity, c.origin, c.source, c.lang)
            = (v.type, v.profile, v.severity, v.origin, v.source, v.lang))
), placed AS (
    INSERT INTO area_set (areas)
    SELECT DISTINCT areas FROM version AS v WHERE NOT EXISTS (SELECT FROM area_set AS a WHERE a.areas = v.areas)
)
INSERT INTO theme_set (themes)
SELECT DISTINCT themes FROM version AS v WHERE NOT EXISTS (SELECT FROM theme_set AS t WHERE t.themes = v.themes)
""")
_PUT = text("""
WITH version AS (
    SELECT r.*, c.number AS combination, a.number AS area_set, t.number AS theme_set,
        max(feed_index) FILTER (WHERE tlp = 'CLEAR') OVER thread AS public_at,
        max(feed_index) FILTER (WHERE tlp IN ('CLEAR', 'GREEN')) OVER thread AS common_at
    FROM record AS r JOIN combination AS c
        ON (c.type, c.profile, c.severity, c.origin, c.source, c.lang)
         = (r.type, r.profile, coalesce(r.severity, ''), r.origin, r.source, r.lang)
        JOIN area_set AS a ON a.areas = r.areas
        JOIN theme_set AS t ON t.themes = r.themes
    WHERE feed_index = ANY(CAST(:candidates AS bigint[])) AND NOT system
    WINDOW thread AS (PARTITION BY r.source, r.thread)
), named AS (
    SELECT DISTINCT ON (source, thread, body) feed_index, common_at, body
    FROM version, unnest(audience || source) AS body
    WHERE tlp NOT IN ('CLEAR', 'GREEN') AND feed_index > coalesce(common_at, 0)
    ORDER BY source, thread, body, feed_index DESC
), own AS (
    SELECT feed_index, array_agg(body ORDER BY body) AS own FROM named GROUP BY feed_index
), passed AS (
    SELECT common_at AS feed_index, array_agg(body ORDER BY body) AS passed FROM named GROUP BY common_at
)
INSERT INTO head
    (feed_index, public_index, source, thread, recordedtime, combination, area_set, theme_set,
        public, common, own, passed)
SELECT feed_index, public_index, source, thread, recordedtime, combination, area_set, theme_set,
    feed_index IS NOT DISTINCT FROM public_at, feed_index IS NOT DISTINCT FROM common_at, own, passed
FROM version LEFT JOIN own USING (feed_index) LEFT JOIN passed USING (feed_index)
WHERE feed_index IN (public_at, common_at) OR own IS NOT NULL
""")


def heads_for(reader: Reader) -> ColumnElement[bool]:
    """Which rows of `head` are this reader's."""
    if reader.body is None:
        return head.c.public
    kept = or_(head.c.passed.is_(None), ~head.c.passed.contains([reader.body]))
    return or_(and_(head.c.common, kept), head.c.own.contains([reader.body]))


def is_latest(reader: Reader) -> ColumnElement[bool]:
    """Whether a row of `record` is the last version of its thread that this reader may see."""
    return exists().where(head.c.feed_index == record.c.feed_index, heads_for(reader))


async def add_versions(connection: AsyncConnection, versions: Sequence[tuple[Owned, int]]) -> None:
    """Take these versions (whose thread, and their place in the feed) into account: just written, in any order.

    What was nobody's head before is nobody's now, so the threads' other versions need not be read.
    """
    gone = await _drop(connection, {thread for thread, _ in versions})
    await _put(connection, [*gone, *(index for _, index in versions)])


async def renew_heads(connection: AsyncConnection, threads: Collection[Owned]) -> None:
    """Find the heads of these threads anew among all that `record` holds of them: after any of it has gone."""
    await _drop(connection, threads)
    for some in _in_parts(threads):
        await _put(connection, list(await connection.scalars(_VERSIONS, _named(some))))


async def threads_from(connection: AsyncConnection, first: int) -> set[Owned]:
    """The threads of which a version stands at `first` or after it."""
    query = select(record.c.source, record.c.thread).where(record.c.feed_index >= first).distinct()
    return {(row.source, row.thread) for row in await connection.execute(query)}


async def _drop(connection: AsyncConnection, threads: Collection[Owned]) -> list[int]:
    return list(await connection.scalars(_DROP, _named(threads))) if threads else []


async def _put(connection: AsyncConnection, candidates: list[int]) -> None:
    if candidates:
        for statement in (_COMBINE, _PUT):
            await connection.execute(statement, {"candidates": candidates})


def _named(threads: Collection[Owned]) -> dict[str, list[str]]:
    return {"sources": [source for source, _ in threads], "threads": [thread for _, thread in threads]}


def _in_parts(threads: Collection[Owned], size: int = 1000) -> list[list[Owned]]:
    """Few enough to hold all their versions at once."""
    every = sorted(threads)
    return [every[start : start + size] for start in range(0, len(every), size)]
