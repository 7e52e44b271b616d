"""The yardstick: the least that puts events of Kafka into Postgres exactly once, and nothing that the product adds.

aiokafka, pydantic, COPY and the offsets in one transaction, the next batch decoded while Postgres writes. It refuses
nothing, knows no duplicates (its index is not unique), counts nothing and shows nothing: a bad record ends it.
`python -m benchmarks.peers.bare_loop` is one process; several share the partitions.
"""

import asyncio
import gc
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition

from brokers.timing import HEARTBEAT_SECONDS, SESSION_SECONDS
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.topics import INPUTS

Fetched = Mapping[TopicPartition, list[ConsumerRecord]]
Batch = dict[Kind, list[tuple[Any, ...]]]

BATCH_RECORDS_MAX: Final = 5_000  # what it is fastest with
_WAIT_MILLISECONDS: Final = 200
_TYPES: Final = {"level": "smallint"}
_OFFSETS: Final = """CREATE TABLE IF NOT EXISTS bare_offset (
    topic text, partition int, next_offset bigint NOT NULL, PRIMARY KEY (topic, partition)) WITH (fillfactor = 20)"""
_STORE: Final = """INSERT INTO bare_offset SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset"""
_READ: Final = "SELECT topic, partition, next_offset FROM bare_offset"


def columns(kind: Kind) -> tuple[str, ...]:
    """Return the columns of a kind's table: those of the product's ledger."""
    every = ("event_id", "subject", "occurred_at", "kafka_partition", "kafka_offset", "appended_at", "source")
    return (kind.business_key, *every, *kind.dimensions, *kind.details)


async def make_tables(connection: asyncpg.Connection) -> None:
    """Make the tables where they are missing, the same as the product's but for the uniqueness of the key."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(1)")  # several processes begin at once
        await connection.execute(_OFFSETS)
        for kind in KINDS:
            await connection.execute(_describe(kind))


def _describe(kind: Kind) -> str:
    """Return the SQL that makes the table of a kind with its index."""
    own = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in (*kind.dimensions, *kind.details))
    return f"""CREATE TABLE IF NOT EXISTS bare_{kind.table} (
        {kind.business_key} uuid NOT NULL, event_id uuid NOT NULL, subject bytea NOT NULL,
        occurred_at timestamptz NOT NULL, kafka_partition smallint NOT NULL, kafka_offset bigint NOT NULL,
        appended_at timestamptz NOT NULL, source text NOT NULL, {own});
        CREATE INDEX IF NOT EXISTS bare_{kind.table}_key ON bare_{kind.table} ({kind.business_key})"""


def decode(fetched: Fetched) -> Batch:
    """Return records as the rows of their kinds. Raises ValidationError when one is no event."""
    batch: Batch = {}
    for source, records in fetched.items():
        kind = KIND_BY_TOPIC[source.topic]
        batch.setdefault(kind, []).extend([_decode(kind, record) for record in records])
    return batch


def _decode(kind: Kind, record: ConsumerRecord) -> tuple[Any, ...]:
    """Return a record as the row of its kind."""
    event = kind.event.__pydantic_validator__.validate_json(record.value)
    data = event.data
    return (
        getattr(data, kind.business_key),
        event.id,
        bytes.fromhex(event.subject),
        event.time,
        record.partition,
        record.offset,
        datetime.fromtimestamp(record.timestamp / 1000, UTC),
        event.source,
        *(getattr(data, name) for name in (*kind.dimensions, *kind.details)),
    )


class _Seeker(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Goes on where Postgres says."""

    def __init__(self, consumer: AIOKafkaConsumer, connection: asyncpg.Connection) -> None:
        self._consumer = consumer
        self._connection = connection

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Do nothing: a benchmark has no rebalance but the first."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Seek every partition."""
        stored = {TopicPartition(row[0], row[1]): row[2] for row in await self._connection.fetch(_READ)}
        for source in assigned:
            self._consumer.seek(source, stored.get(source, 0))


async def write(connection: asyncpg.Connection, batch: Batch, fetched: Fetched) -> None:
    """Write rows and offsets in one transaction."""
    ends = [(*source, records[-1].offset + 1) for source, records in fetched.items()]
    async with connection.transaction():
        for kind, rows in batch.items():
            await connection.copy_records_to_table(f"bare_{kind.table}", records=rows, columns=columns(kind))
        await connection.execute(_STORE, *zip(*sorted(ends), strict=True))


def _build_consumer(bootstrap: str, group: str) -> AIOKafkaConsumer:
    """Return a consumer with the timing of the product: with aiokafka's own, a second one has to wait for its share."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        session_timeout_ms=int(SESSION_SECONDS * 1000),
        heartbeat_interval_ms=int(HEARTBEAT_SECONDS * 1000),
    )


async def run(bootstrap: str, database_url: str, group: str) -> None:
    """Record until stopped."""
    connection = await asyncpg.connect(database_url)
    await make_tables(connection)
    consumer = _build_consumer(bootstrap, group)
    seeker = _Seeker(consumer, await asyncpg.connect(database_url))
    consumer.subscribe([topic.name for topic in INPUTS], listener=seeker)
    await consumer.start()
    writing = asyncio.create_task(asyncio.sleep(0))
    while True:
        fetched = await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS, max_records=BATCH_RECORDS_MAX)
        batch = decode(fetched)
        await writing
        if fetched:
            writing = asyncio.create_task(write(connection, batch, fetched))


if __name__ == "__main__":
    gc.disable()  # as the product, but for its look every ten seconds: rows make no cycles
    uvloop.run(run(os.environ["KAFKA_BOOTSTRAP_SERVERS"], os.environ["DATABASE_URL"], os.environ["BENCH_GROUP"]))
