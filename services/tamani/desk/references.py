"""References between notices, both ways, as one reader may follow them: what a notice names, and what names it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tamani.core.policy import Reader
from tamani.core.references import Ref, references
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.threads import stories


@dataclass(frozen=True, slots=True)
class Links:
    """`names`: each reference with the notice it leads to, if the reader may read it; `named_by`: the other way."""

    names: tuple[tuple[Ref, Notice | None], ...] = ()
    named_by: tuple[tuple[str, Notice], ...] = ()


async def links_of(queries: Queries, reader: Reader, notice: Notice) -> Links:
    """What this reader may follow from and to a notice; what was taken back or replaced leads nowhere."""
    refs = references(notice.event)
    named = await queries.named(reader, [(ref.source, ref.id) for ref in refs])
    citing = await queries.citing(reader, notice.row.source, notice.row.id)
    standing = await _standing(queries, reader, [*named, *(other for _, other in citing)])
    known = {(one.row.source, one.row.id): one for one in named if one.row.feed_index in standing}
    return Links(
        names=tuple((ref, known.get((ref.source, ref.id))) for ref in refs),
        named_by=tuple((rel, one) for rel, one in citing if one.row.feed_index in standing and _newest(one, citing)),
    )


async def _standing(queries: Queries, reader: Reader, notices: Sequence[Notice]) -> set[int]:
    """The places of those that were not taken back."""
    threads = stories(await queries.threads_of(reader, notices))
    return {one.row.feed_index for one in notices if not threads[one.thread].hides(one)}


def _newest(one: Notice, citing: Sequence[tuple[str, Notice]]) -> bool:
    """Whether no later version of the same body in the same thread names the notice too."""
    same = [other for _, other in citing if (other.row.source, other.row.thread) == (one.row.source, one.row.thread)]
    return one.row.feed_index == max(other.row.feed_index for other in same)
