"""The outcome of judging one Kafka value: a value to branch on, never an exception."""

from dataclasses import dataclass, field

from tamani.core.codes import Code, code
from tamani.core.envelope import Envelope
from tamani.core.event import Event
from tamani.core.registry import KeyRow


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not accepted. `source`, `id` and the rest of `event` are known only if the signature held."""

    name: str
    detail: str = ""
    event: Event | None = None
    keyid: str | None = None

    @property
    def code(self) -> Code:
        """The stable code with its sentences."""
        return code(self.name)


@dataclass(frozen=True, slots=True)
class Forward:
    """Accepted: the event, the envelope it came in, the registry row that vouches, and the digest of the payload."""

    event: Event
    envelope: Envelope
    row: KeyRow
    digest: bytes
    registry_version: int
    marks: tuple[str, ...] = field(default=())


Verdict = Forward | Refuse
