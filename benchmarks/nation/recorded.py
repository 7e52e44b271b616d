"""How far recording is, asked of Postgres over a connection that stays open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg
from aiokafka import TopicPartition

from benchmarks.candidates import PRODUCT


@dataclass(frozen=True)
class Recorded:
    """What Postgres says of progress."""

    connection: asyncpg.Connection

    async def count(self) -> int:
        """Return how many records are recorded; none before the tables are made."""
        with suppress(asyncpg.UndefinedTableError):
            return int(await self.connection.fetchval(PRODUCT.count))
        return 0

    async def marks(self) -> dict[TopicPartition, int]:
        """Return the offset of the last record that is recorded of each source partition."""
        rows = await self.connection.fetch(
            "SELECT topic, kafka_partition, mark_offset FROM progress WHERE mark_offset IS NOT NULL"
        )
        return {TopicPartition(row[0], row[1]): row[2] for row in rows}


@asynccontextmanager
async def open_recorded(database_url: str) -> AsyncIterator[Recorded]:
    """Connect."""
    connection = await asyncpg.connect(database_url)
    try:
        yield Recorded(connection)
    finally:
        await connection.close()
