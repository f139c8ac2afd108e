"""The demo's registry and bytes without a platform: keys from fixed seeds, rows made by the demo's own hand."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from tamani.core.envelope import encode_envelope
from tamani.core.event import Event, decode_event, encode_event, format_time
from tamani.core.policy import must_seal, readers_by_origin
from tamani.core.registry import Recipient, Registry
from tamani.core.sealing import seal
from tamani.core.signing import SigningKey
from tamani.core.trust.opening import open_registry
from tamani.embedded.demo.bodies import BODIES
from tamani.embedded.demo.enrol import BEFORE, body_row, key_row, own_rows
from tamani.embedded.demo.keys import OWN_KEYS, STRANGER, own_key
from tamani.embedded.demo.mischief import HONEST, TRICKS, Material
from tamani.embedded.demo.notices import Notice, notices, request_of
from tamani.embedded.demo.plan import Plan, open_plan
from tamani.embedded.demo.poster import event_of
from tamani.embedded.layout import Layout
from tests.support.reading_keys import identity_of
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
        event = self.event_of(notice, sequence)
        key = self.keys[notice.body] if notice.by == "node" else self.keys["dunes"]
        if must_seal(event) is not None:
            event = seal(event, readers_by_origin(self.registry, event, START)).event
        return encode_envelope(key.sign(encode_event(event)))

    def event_of(self, notice: Notice, sequence: int = 1) -> Event:
        """The event in it, open to whoever may read it."""
        made = event_of(notice.body, request_of(notice, self.plan), format_time(self.plan.started), str(sequence))
        return decode_event(encode_event(made))

    @property
    def material(self) -> Material:
        """What the mischief has at hand."""
        by_key = {notice.key: notice for notice in notices()}
        envelopes = {key: self.bytes_of(by_key[key]) for key in HONEST}
        return Material(envelopes, self.keys, self.plan)


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
        recipients=tuple(
            Recipient(body=body.source, recipient=identity_of(body.source).recipient, not_before=START - BEFORE)
            for body in BODIES
        ),
        demo=True,
    )
    opened = open_registry(value_of(registry), TRUSTED)
    own = {name: own_key(layout, name) for name in (*(o.name for o in OWN_KEYS), STRANGER)}
    return World(layout, plan, opened, keys | own)
