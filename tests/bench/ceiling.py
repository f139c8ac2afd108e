"""The ceiling: how many signatures one core can verify in a second, and what the rest of the judge costs."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.core.judge import judge
from tamani.core.signing import verify
from tests.bench.load import make_load
from tests.support.authors import Signed
from tests.support.notices import registry

SAMPLES = 6000


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Microseconds of one core a notice."""

    verify: float
    decode: float
    judge: float


def measure_ceiling() -> Ceiling:
    """On fresh notices, each seen once; one thread."""
    records = make_load(SAMPLES).records[:SAMPLES]
    known = registry()
    publics = {row.keyid: row.public_bytes for row in known.keys}
    opened = [decode_envelope(record.value) for record in records]
    began = time.process_time()
    assert all(verify(envelope, publics[envelope.keyid]) for envelope in opened)
    verified = time.process_time() - began
    return Ceiling(
        verify=verified / len(records) * 1e6,
        decode=_each(records, lambda record: decode_event(decode_envelope(record.value).payload)),
        judge=_each(records, lambda record: judge(record.value, record.event.country, record.event.lane, known)),
    )


def _each(records: tuple[Signed, ...], work: Callable[[Signed], object]) -> float:
    began = time.process_time()
    for record in records:
        work(record)
    return (time.process_time() - began) / len(records) * 1e6
