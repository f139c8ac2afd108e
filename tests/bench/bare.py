"""The yardstick: what a careful programmer would write with aiokafka alone. Decode the same DSSE, verify, dedupe in
memory, forward; no ledger, no receipts, no feeds, no proof, and a crash forgets what was seen.

Run as a process of its own: `python -m tests.bench.bare BOOTSTRAP PASSWORD_FILE EXPECTED`. It prints `ready` when it
has its partitions, and `done FORWARDED CPU_SECONDS` when as many distinct notices as expected were forwarded.
"""

import asyncio
import gc
import sys
import time
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.core.names import Country, Lane, inbound, regional
from tamani.core.signing import verify
from tests.support.notices import registry

PUBLICS = {row.keyid: row.public_bytes for row in registry().keys}
TOPICS = [inbound(country, lane) for country in Country for lane in Lane]


async def main(bootstrap: str, password: str, expected: int) -> None:
    """Consume, check, forward, commit."""
    login = {"sasl_mechanism": "PLAIN", "security_protocol": "SASL_PLAINTEXT", "sasl_plain_username": "router"}
    client = {"bootstrap_servers": bootstrap, "sasl_plain_password": password, **login}
    consumer = AIOKafkaConsumer(
        *TOPICS, group_id="router", enable_auto_commit=False, auto_offset_reset="earliest", **client
    )
    producer = AIOKafkaProducer(
        acks="all", enable_idempotence=True, compression_type="lz4", linger_ms=5, max_batch_size=1 << 20, **client
    )
    await producer.start()
    await consumer.start()
    while not consumer.assignment():
        await consumer.getmany(timeout_ms=100)
    print("ready", flush=True)
    began = time.process_time()
    seen: set[tuple[str, str]] = set()
    while len(seen) < expected:
        batches = await consumer.getmany(timeout_ms=500, max_records=1000)
        sent = []
        for records in batches.values():
            for record in records:
                envelope = decode_envelope(record.value)
                if not verify(envelope, PUBLICS[envelope.keyid]):
                    continue
                event = decode_event(envelope.payload)
                if (event.source, event.id) not in seen:
                    seen.add((event.source, event.id))
                    sent.append(await producer.send(regional(event.lane), record.value, key=record.key))
        await asyncio.gather(*sent)
        if batches:
            await consumer.commit()
    print("done", len(seen), time.process_time() - began, flush=True)
    await consumer.stop()
    await producer.stop()


if __name__ == "__main__":
    gc.freeze()
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]).read_text("utf-8").strip(), int(sys.argv[3])))
