"""The target of a notice that speaks of an earlier one, and so joins its thread."""

from pydantic import Field

from tamani.core.catalogue.head import NoticeRef, SourceRef


class Target(NoticeRef):
    """An earlier notice. `thread` names the body that opened its thread, where that is another (an answer's, say)."""

    thread: SourceRef | None = Field(None, title="Organisme qui a ouvert le fil", description="Body whose thread it is")
