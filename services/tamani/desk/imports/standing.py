"""What stands already of a profile, as a reader's desk knows it: what a row is compared with."""

from tamani.core.policy import Reader
from tamani.desk.filters import Filters
from tamani.desk.imports.rows import There
from tamani.desk.laws.gathering import standing
from tamani.desk.queries import Queries


async def what_stands(queries: Queries, reader: Reader, kind: str, profile: str) -> list[There]:
    """The notices of this profile in force, the newest first."""
    held = await standing(queries, reader, Filters(type=(kind,), profile=(profile,)))
    return [There(one.notice.row.source, one.notice.event.subject, one.data, one.story.state.possible) for one in held]
