"""The demo's registry and bytes without a platform: keys from fixed seeds, rows made by the demo's own hand."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from tamani.core.event import Event, decode_event, format_time
from tamani.core.registry import Registry
from tamani.core.signing import SigningKey
from tamani.core.trust.opening import open_registry
from tamani.embedded.demo.bodies import BODIES
from tamani.embedded.demo.enrol import BEFORE, body_row, key_row, own_rows
from tamani.embedded.demo.keys import OWN_KEYS, STRANGER, own_key
from tamani.embedded.demo.mischief import HONEST, TRICKS, Material
from tamani.embedded.demo.notices import Notice, notices, request_of
from tamani.embedded.demo.plan import Plan, open_plan
from tamani.embedded.demo.poster import sealed
from tamani.embedded.layout import Layout
from tests.support.registries import TRUSTED, value_of

START = datetime(2027, 2, 27, 21, 40, 12, tzinfo=UTC)  # a Saturday night: the hardest day to be relative to


def new_plan(path: Path, start: datetime = START) -> Plan:
    """A plan as the first start makes it."""
    return open_plan(path, [*(n.key for n in notices()), *(t.name for t in TRICKS)], lambda: start)


@dataclass(frozen=True)
class World:
    """Plan, registry and keys of a demo that was enrolled but never ran."""

    layout: Layout
    plan: Plan
    registry: Registry
    keys: dict[str, SigningKey]

    def bytes_of(self, notice: Notice, sequence: int = 1) -> bytes:
        """The Kafka value of a notice, as its node or its body would seal it."""
        request = request_of(notice, self.plan)
        key = self.keys[notice.body] if notice.by == "node" else self.keys["dunes"]
        return sealed(notice.body, request, key, format_time(self.plan.started), str(sequence))

    def event_of(self, notice: Notice, sequence: int = 1) -> Event:
        """The event in it."""
        return decode_event(sealed_payload(self.bytes_of(notice, sequence)))

    @property
    def material(self) -> Material:
        """What the mischief has at hand."""
        by_key = {notice.key: notice for notice in notices()}
        envelopes = {key: self.bytes_of(by_key[key]) for key in HONEST}
        return Material(envelopes, self.keys, self.plan)


def sealed_payload(value: bytes) -> bytes:
    """The payload of an envelope."""
    from tamani.core.envelope import decode_envelope

    return decode_envelope(value).payload


@cache
def world() -> World:
    """One for all tests: nothing changes it."""
    layout = Layout(Path(mkdtemp(prefix="tamani-demo-")))
    plan = new_plan(layout.data / "demo" / "plan.json")
    keys = {body.source: SigningKey.from_seed(sha256(body.source.encode()).digest()) for body in BODIES}
    rows = [key_row(b, keys[b.source].public, keys[b.source].keyid, not_before=START - BEFORE) for b in BODIES]
    registry = Registry(
        version=2,
        issued=START,
        bodies=tuple(body_row(body, START - BEFORE) for body in BODIES),
        keys=(*rows, *own_rows(layout, plan)),
        demo=True,
    )
    opened = open_registry(value_of(registry), TRUSTED)
    own = {name: own_key(layout, name) for name in (*(o.name for o in OWN_KEYS), STRANGER)}
    return World(layout, plan, opened, keys | own)
