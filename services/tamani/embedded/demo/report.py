"""Waiting until ledger and receipts account for every value produced, then telling the figures.

No time is waited for: receipts are read as they come until each place below the inbound topics' ends has its answer and
the ledger holds exactly what they say was archived.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition

from tamani.core.errors import OutageError
from tamani.core.names import Country, Lane, inbound, receipts
from tamani.core.receipt import Receipt, decode_receipt
from tamani.embedded.archive_voice import SOURCE as ARCHIVE
from tamani.embedded.demo.figures import Figures, Place, count_answers, first_answers
from tamani.runtime.kafka import make_consumer
from tamani.runtime.settings import ServiceSettings
from tamani.runtime.topics import plan_bus

As = Callable[[str], ServiceSettings]
# What the archive itself tells (of the contested notice) is no doing of the demo's bodies.
_COUNTS: Final = """
SELECT (SELECT count(*) FROM ledger JOIN source_ref USING (source_no) WHERE source <> %s),
    (SELECT count(*) FROM equivocation)
"""
READER: Final = "archive"  # reads what was answered
AUDITOR: Final = "operator"  # may see where the inbound topics end


class Settling:
    """The answers so far, against what was produced by the time `target` was taken."""

    def __init__(self, as_: As, database: str) -> None:
        self._as = as_
        self._database = database
        self._receipts: list[Receipt] = []

    async def settle(self, patience: float) -> Figures:
        """The figures, once everything produced before this call is accounted for.

        Raises:
            OutageError: `failed.demo.unsettled`, not in time; the detail says what lacks.
        """
        target = await self._produced()
        consumer = make_consumer(self._as(READER))
        await consumer.start()
        try:
            async with asyncio.timeout(patience):
                return await self._until_accounted(consumer, target)
        except TimeoutError as error:
            raise OutageError("failed.demo.unsettled", self._lack(target)) from error
        finally:
            await consumer.stop()

    async def _produced(self) -> set[Place]:
        """Every place of the inbound topics that holds a value now."""
        consumer = make_consumer(self._as(AUDITOR))
        await consumer.start()
        try:
            topics = [plan_bus().topic(inbound(country, lane)) for country in Country for lane in Lane]
            known = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
            ends = await consumer.end_offsets(known)
            starts = await consumer.beginning_offsets(known)
        finally:
            await consumer.stop()
        return {(tp.topic, tp.partition, offset) for tp in known for offset in range(starts[tp], ends[tp])}

    async def _until_accounted(self, consumer: AIOKafkaConsumer, target: set[Place]) -> Figures:
        partitions = [TopicPartition(receipts(country), 0) for country in Country]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        while True:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                self._receipts.extend(decode_receipt(record.value) for record in batch)
            answers = first_answers(self._receipts)
            if target <= answers.keys():
                figures = count_answers(answer for answer in answers.values() if answer.source != ARCHIVE)
                ledger, evidence = await self._ledger()
                if ledger == figures.archived and (evidence > 0) == (figures.equivocations > 0):
                    return figures

    async def _ledger(self) -> tuple[int, int]:
        """How many notices and how many pieces of evidence the ledger holds."""
        async with await psycopg.AsyncConnection.connect(self._database) as connection:
            ((ledger, evidence),) = await (await connection.execute(_COUNTS, [ARCHIVE])).fetchall()
        return int(ledger), int(evidence)

    def _lack(self, target: set[Place]) -> str:
        answers = first_answers(self._receipts)
        figures = count_answers(answers.values())
        missing = sorted(target - answers.keys())
        return f"{len(missing)} sans réponse / unanswered, {missing[:3]}; {figures.lines()[0]}"
