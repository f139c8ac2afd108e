"""A stand-in for the region in tests of a node alone: answers what came in with the receipts a test wants."""

import asyncio
import hashlib
from typing import Any

from confluent_kafka import Producer

from tamani.core.names import Country, receipts
from tamani.core.receipt import Receipt
from tests.support.cluster import KafkaCluster

AT = "2026-03-02T09:00:01Z"


def receipt_for(row: dict[str, Any], verdict: str = "archived", **more: Any) -> Receipt:
    """The answer to the value of an outbox row; its last five fields as the region gives them."""
    signed = {name: row[name] for name in ("source", "id", "keyid", "lane")} | {"sequence": str(row["sequence"])}
    facts = {"verdict": verdict, "code": verdict, "value_sha256": row["value_sha256"], "at": AT, "epoch": 1}
    return Receipt.model_validate(facts | signed | more)


def receipt_about(value: bytes, verdict: str, code: str, **more: Any) -> Receipt:
    """The answer to any value."""
    digest = hashlib.sha256(value).hexdigest()
    return Receipt.model_validate({"verdict": verdict, "code": code, "value_sha256": digest, "at": AT} | more)


async def answer(cluster: KafkaCluster, country: Country, *answers: Receipt | bytes) -> None:
    """Put answers on the country's receipts, in this order."""
    producer = Producer(cluster.confluent("archive"))
    for one in answers:
        producer.produce(receipts(country), one if isinstance(one, bytes) else one.encode(), b"")
    assert await asyncio.to_thread(producer.flush, 30) == 0
