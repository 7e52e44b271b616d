"""Creates topics where they are missing."""

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from brokers.timing import REQUEST_MILLISECONDS
from models.topics import Topic


async def create_topics(bootstrap: str, topics: Iterable[Topic], replication_factor: int) -> None:
    """Create the topics that are missing; one that exists is left as it is.

    Raises aiokafka.errors.KafkaError when the brokers cannot be reached or refuse.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MILLISECONDS)
    try:
        await admin.start()
        answer = await admin.create_topics([_describe(topic, replication_factor) for topic in topics])
        for _topic, code, *_message in answer.topic_errors:
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise for_code(code)
    finally:
        await admin.close()


def _describe(topic: Topic, replication_factor: int) -> NewTopic:
    """Describe a topic whose acknowledged records survive the loss of any one broker, where there are three."""
    in_sync = {"min.insync.replicas": str(max(1, replication_factor - 1))}
    return NewTopic(topic.name, topic.partitions, replication_factor, topic_configs={**topic.config, **in_sync})
