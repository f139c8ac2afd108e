"""A type of notice that nobody has thought of yet, dropped into the catalogue as one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import tamani.core.catalogue as package
from tamani.core.catalogue import catalogue, words

_SESSION = """
from pydantic import Field
from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head

class Session(Data):
    head: Head
    seats: int = Field(title="Places", description="Seats", ge=1)

TYPE = MessageType(name="training.session", model=Session, label=Label("Session", "Session"), family="training",
                   profiles={"atelier": Label("Atelier", "Workshop")},
                   words={"seats:12": Label("Douze", "Twelve")}%s)
"""


def session_type(more: str = "") -> str:
    """The file of `training.session`; `more` is added to what its `TYPE` says."""
    return _SESSION % more


@contextmanager
def more_types(folder: Path) -> Iterator[None]:
    """Files in this folder count as part of the catalogue."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "__path__", [*package.__path__, str(folder)])
        _forget()
        try:
            yield
        finally:
            patch.undo()
            _forget()


def _forget() -> None:
    catalogue.cache_clear()
    words.cache_clear()
