"""Whether Kafka answers: asked over connections of its own, so that a client that is stuck cannot hide it."""

import asyncio
from collections.abc import Iterable
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code

from brokers.timing import REQUEST_MILLISECONDS
from models.topics import Topic

# 10 s for a few requests, each answered within milliseconds, or within 4 s when a leader has just moved.
_ANSWERS_SECONDS_MAX: Final = 10.0


async def answers(bootstrap: str, group: str, topics: Iterable[Topic]) -> bool:
    """Tell whether a group's coordinator and the leader of every partition of topics answer."""
    try:
        async with asyncio.timeout(_ANSWERS_SECONDS_MAX):
            await _ask_coordinator(bootstrap, group)
            await _ask_leaders(bootstrap, topics)
    except (KafkaError, TimeoutError):
        return False
    return True


async def _ask_coordinator(bootstrap: str, group: str) -> None:
    """Ask for the group's members, which only its coordinator knows. Raises KafkaError when it does not."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MILLISECONDS)
    try:
        await admin.start()
        for answer in await admin.describe_consumer_groups([group]):
            for code, *_group in answer.groups:
                if code:
                    raise for_code(code)
    finally:
        await admin.close()


async def _ask_leaders(bootstrap: str, topics: Iterable[Topic]) -> None:
    """Ask for the end of every partition, which only its leader knows."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MILLISECONDS)
    try:
        await consumer.start()
        await consumer.end_offsets([TopicPartition(topic.name, n) for topic in topics for n in range(topic.partitions)])
    finally:
        await consumer.stop()
