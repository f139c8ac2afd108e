"""The tree of errors. Verdicts are values (`core.verdict`); these are raised when we, not a notice, are at fault.

TamaniError
├── RefusedError     a request that the caller must change (the code says how)
├── OutageError      something we need is away; waiting helps (retriable)
└── DefectError      data of ours is not as it must be: stop and call an operator
"""

from tamani.core.codes import Code, code


class TamaniError(Exception):
    """Base of all: a stable code with its sentences, and a detail for this case."""

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(f"{name}: {detail}" if detail else name)
        self.code: Code = code(name)
        self.detail = detail

    @property
    def retriable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.code.retriable


class RefusedError(TamaniError):
    """The request cannot be accepted as it is."""


class OutageError(TamaniError):
    """Broker, database or network is away."""


class DefectError(TamaniError):
    """Our own state is wrong: never repaired silently."""
