"""How far a candidate is: asked of Kafka or Postgres over connections that stay open, so that asking costs little."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

from benchmarks.candidates import Candidate
from brokers.clients import open_admin, open_consumer
from models.topics import INPUTS

_INPUTS: Final = {topic.name for topic in INPUTS}


@dataclass(frozen=True)
class Progress:
    """What can be asked about one candidate.

    group -- the consumer group of the trial
    """

    candidate: Candidate
    group: str
    admin: AIOKafkaAdminClient
    consumer: AIOKafkaConsumer
    connection: asyncpg.Connection

    async def count(self) -> int:
        """Return how many records are done; none while there are no tables or no group."""
        with suppress(asyncpg.UndefinedTableError, KafkaError):
            if self.candidate.count:
                return int(await self.connection.fetchval(self.candidate.count))
            return await (self._count_traces() if self.candidate.trace else self._count_committed())
        return 0

    async def _count_committed(self) -> int:
        """Return how many records the group has committed in Kafka."""
        places = await self.admin.list_consumer_group_offsets(self.group)
        return sum(place.offset for source, place in places.items() if source.topic in _INPUTS)

    async def _count_traces(self) -> int:
        """Return how many records the topic of traces holds."""
        (topic,) = await self.admin.describe_topics([f"{self.group}{self.candidate.trace}"])
        sources = [TopicPartition(topic["topic"], place["partition"]) for place in topic["partitions"]]
        return sum((await self.consumer.end_offsets(sources)).values())

    async def is_shared(self, members: int) -> bool:
        """Tell whether so many members of the group have all partitions among them."""
        if self.candidate.group is None:
            return True
        with suppress(KafkaError):
            shares = await self._read_shares(self.candidate.group or self.group)
            described = await self.admin.describe_topics(sorted(_INPUTS))
            return len(shares) == members and sum(shares) == sum(len(topic["partitions"]) for topic in described)
        return False

    async def _read_shares(self, group: str) -> list[int]:
        """Return how many input partitions each member of a group has."""
        (answer,) = await self.admin.describe_consumer_groups([group])
        ((_error, _group, state, _type, _protocol, members, *_),) = answer.groups
        if state != "Stable":
            return []
        return [_count_inputs(assignment) for *_, assignment in members]

    async def remove_topics(self) -> None:
        """Delete all topics but those that were filled, so that the next candidate finds what this one found."""
        found = await self.admin.list_topics()
        await self.admin.delete_topics([name for name in found if name not in _INPUTS and not name.startswith("__")])


def _count_inputs(assignment: bytes) -> int:
    """Return how many partitions of the filled topics are assigned."""
    decoded = ConsumerProtocolMemberAssignment.decode(assignment)
    return sum(source.topic in _INPUTS for source in decoded.partitions())


@asynccontextmanager
async def open_progress(candidate: Candidate, group: str, bootstrap: str, database_url: str) -> AsyncIterator[Progress]:
    """Connect to both servers."""
    connection = await asyncpg.connect(database_url)
    try:
        async with open_admin(bootstrap) as admin, open_consumer(bootstrap) as consumer:
            yield Progress(candidate, group, admin, consumer, connection)
    finally:
        await connection.close()
