"""Harm to the tallies topic: deleted while everything runs."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from models.topics import TALLIES
from tests.faults.faults.fault import Fault
from tests.faults.stage import Stage

_SOURCE = TopicPartition(TALLIES.name, 0)


class DeleteTallies(Fault):
    """What the consumers have announced is gone, with the topic."""

    name = "tallies topic deleted"
    harm = "the tallies topic"
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Delete the topic."""
        self._end = await _read_end(stage)
        admin = AIOKafkaAdminClient(bootstrap_servers=stage.cluster.publisher_bootstrap)
        await admin.start()
        try:
            await admin.delete_topics([TALLIES.name])
        finally:
            await admin.close()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say where the topic ended before and ends now, and what else was seen."""
        seen = f"its end was offset {self._end} and is {await _read_end(stage)}"
        return "; ".join([seen, *stage.symptoms(since)])


async def _read_end(stage: Stage) -> int:
    """Return the offset at which the topic ends; -1 when there is none."""
    async with AIOKafkaConsumer(bootstrap_servers=stage.cluster.publisher_bootstrap) as consumer:
        if TALLIES.name not in await consumer.topics():
            return -1
        return int((await consumer.end_offsets([_SOURCE]))[_SOURCE])
