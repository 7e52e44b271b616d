"""Creates topics where they are missing, and again where somebody deletes them."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Final, NoReturn

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from brokers.clients import open_admin
from models.topics import Topic

_log = logging.getLogger(__name__)

# 1 s: a producer gives a record up REQUEST_MILLISECONDS (4 s) after its topic is gone; the new one is there before.
_LOOK_SECONDS: Final = 1.0


async def create_topics(bootstrap: str, topics: Iterable[Topic], replication_factor: int) -> None:
    """Create the topics that are missing; one that exists is left as it is.

    Raises aiokafka.errors.KafkaError when the brokers cannot be reached or refuse.
    """
    async with open_admin(bootstrap) as admin:
        await _create(admin, topics, replication_factor)


async def keep_topics(bootstrap: str, topics: Sequence[Topic], replication_factor: int) -> NoReturn:
    """Look every second whether topics are there, and create what is missing; waits for Kafka while it is away."""
    while True:
        try:
            async with open_admin(bootstrap) as admin:
                await _watch(admin, topics)
                await _create(admin, topics, replication_factor)
        except (KafkaError, TimeoutError) as error:
            _log.warning("Kafka does not tell which topics there are: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)


async def _create(admin: AIOKafkaAdminClient, topics: Iterable[Topic], replication_factor: int) -> None:
    """Create topics, and raise what the brokers say but that one exists."""
    answer = await admin.create_topics([_describe(topic, replication_factor) for topic in topics])
    for _topic, code, *_message in answer.topic_errors:
        if code not in {0, TopicAlreadyExistsError.errno}:
            raise for_code(code)


async def _watch(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """Return once a topic is missing."""
    names = {topic.name for topic in topics}
    while True:
        missing = names.difference(await admin.list_topics())
        if missing:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    _log.error("somebody deleted %s: created again, empty", ", ".join(sorted(missing)))


def _describe(topic: Topic, replication_factor: int) -> NewTopic:
    """Describe a topic whose acknowledged records survive the loss of any one broker, where there are three."""
    in_sync = {"min.insync.replicas": str(max(1, replication_factor - 1))}
    return NewTopic(topic.name, topic.partitions, replication_factor, topic_configs={**topic.config, **in_sync})
