"""Clients of Kafka for a few questions: closed again even where Kafka did not let them start."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code

from brokers.timing import REQUEST_MILLISECONDS
from models.topics import Topic


@asynccontextmanager
async def open_admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a client that asks about topics and groups. Raises aiokafka.errors.KafkaError when Kafka is away."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MILLISECONDS)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def open_consumer(bootstrap: str, **settings: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a client that asks about logs and is in no group. Raises aiokafka.errors.KafkaError when Kafka is away.

    settings -- more of `AIOKafkaConsumer`
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MILLISECONDS, **settings)
    try:
        await consumer.start()
        await asyncio.sleep(0)  # one that is stopped before its tasks have begun fails
        yield consumer
    finally:
        await consumer.stop()


def list_partitions(topics: Iterable[Topic]) -> list[TopicPartition]:
    """Return every partition that topics are created with."""
    return [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]


async def read_bounds(consumer: AIOKafkaConsumer, source: TopicPartition) -> tuple[int, int]:
    """Return the first offset of a log and the one behind its last.

    Raises aiokafka.errors.KafkaError, and ValueError when the topic has no such partition.
    """
    starts, ends = await consumer.beginning_offsets([source]), await consumer.end_offsets([source])
    return starts[source], ends[source]


async def read_ends(bootstrap: str, topics: Collection[str]) -> dict[TopicPartition, int]:
    """Return up to where each log of some topics holds committed records. Raises aiokafka.errors.KafkaError."""
    async with open_admin(bootstrap) as admin:
        described = await admin.describe_topics([*topics])
    for topic in described:
        if topic["error_code"]:
            raise for_code(topic["error_code"])
    sources = [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]
    async with open_consumer(bootstrap, isolation_level="read_committed") as consumer:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(sources)
        return ends
