"""The catalogue: what may be said. One file a type; a new file here is a new type everywhere, and nothing else is.

A type exists only where lifecycle, safety rule or rights differ; everything else is a profile (a signed attribute).
"""

import pkgutil
from functools import cache
from importlib import import_module

from tamani.core.catalogue.base import Label, MessageType
from tamani.core.codelists import terms


@cache
def catalogue() -> dict[str, MessageType]:
    """All types by name (`monitor.alert`), in the order of their file names.

    Raises:
        ValueError: two files claim one name.
    """
    modules = sorted(found.name for found in pkgutil.iter_modules(__path__))
    found: dict[str, MessageType] = {}
    for name in modules:
        kind = getattr(import_module(f"{__name__}.{name}"), "TYPE", None)
        if isinstance(kind, MessageType):
            if kind.name in found:
                raise ValueError(f"{name}.py: {kind.name} is another file's type")
            found[kind.name] = kind
    return found


@cache
def words() -> dict[str, Label]:
    """The words for values of fields (`field:value`): the shared list, and what each type brings along."""
    found = {code: Label(term.fr, term.en) for code, term in terms("values").items()}
    for kind in catalogue().values():
        found |= kind.words
    return found


def find_type(name: str, major: int) -> MessageType | tuple[str, str]:
    """The type of this name and major version, or the code and detail of the refusal."""
    kind = catalogue().get(name)
    if kind is None:
        return "refused.type.unknown", name
    if kind.major != major:
        return "refused.type.version", f"{name} v{major}"
    return kind
