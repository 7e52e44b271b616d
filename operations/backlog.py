"""How far recording is behind the topics."""

from typing import NamedTuple

import asyncpg
from aiokafka import TopicPartition

_READ_NEXT_OFFSETS = "SELECT topic, kafka_partition, next_offset FROM progress"


class Backlog(NamedTuple):
    """Offsets of all input topics together."""

    recorded: int
    published: int


async def read_backlog(connection: asyncpg.Connection, ends: dict[TopicPartition, int]) -> Backlog:
    """Compare what is recorded with the ends of the topics."""
    rows = await connection.fetch(_READ_NEXT_OFFSETS)
    recorded = {TopicPartition(row[0], row[1]): row[2] for row in rows}
    behind = sum(max(0, end - recorded.get(source, 0)) for source, end in ends.items())
    published = sum(ends.values())
    return Backlog(published - behind, published)
