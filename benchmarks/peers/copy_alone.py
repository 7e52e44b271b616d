"""A limit: PostgreSQL takes the rows of the bare loop, in its batches and transactions, and nothing else happens.

All records are fetched and decoded first; the processes wait for each other, and then write. Every process has its own
share of the partitions.
"""

import asyncio
import gc
import os
from typing import Final

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer

from benchmarks.peers.bare_loop import BATCH_RECORDS_MAX, Batch, Fetched, decode, make_tables, write
from brokers.clients import list_partitions, open_consumer
from models.topics import INPUTS

_WAIT_MILLISECONDS: Final = 200
# 50 ms: the processes begin together, as exactly as a trial looks.
_LOOK_SECONDS: Final = 0.05
_COUNT_HOLDERS: Final = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


async def _read(consumer: AIOKafkaConsumer, share: slice) -> list[tuple[Batch, Fetched]]:
    """Return all that a share of the partitions holds."""
    consumer.assign(list_partitions(INPUTS)[share])
    missing = sum((await consumer.end_offsets(consumer.assignment())).values())
    read: list[tuple[Batch, Fetched]] = []
    while missing:
        fetched = await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS, max_records=BATCH_RECORDS_MAX)
        missing -= sum(map(len, fetched.values()))
        if fetched:
            read.append((decode(fetched), {source: records[-1:] for source, records in fetched.items()}))
    return read


async def _meet(connection: asyncpg.Connection, processes: int) -> None:
    """Wait until every process is here: each holds a lock that they can share, and counts its holders."""
    await connection.execute("SELECT pg_advisory_lock_shared(2)")
    while await connection.fetchval(_COUNT_HOLDERS) < processes:  # noqa: ASYNC110 - other processes come
        await asyncio.sleep(_LOOK_SECONDS)


async def run(bootstrap: str, database_url: str, number: int, processes: int) -> None:
    """Write the share of one process, and stay."""
    connection = await asyncpg.connect(database_url)
    await make_tables(connection)
    async with open_consumer(bootstrap, auto_offset_reset="earliest") as consumer:
        read = await _read(consumer, slice(number, None, processes))
    await _meet(connection, processes)
    for batch, fetched in read:
        await write(connection, batch, fetched)
    await asyncio.Event().wait()


if __name__ == "__main__":
    gc.disable()  # as the bare loop
    uvloop.run(
        run(
            os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            os.environ["DATABASE_URL"],
            int(os.environ["BENCH_NUMBER"]),
            int(os.environ["BENCH_PROCESSES"]),
        )
    )
