"""Creates the topics of the system where they are missing."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from models.topics import TOPICS


async def create_topics(bootstrap: str, replication_factor: int) -> None:
    """Create the topics that are missing; one that exists is left as it is.

    Raises aiokafka.errors.KafkaError when the brokers cannot be reached or refuse.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics(
            [
                NewTopic(topic.name, topic.partitions, replication_factor, topic_configs=dict(topic.config))
                for topic in TOPICS
            ]
        )
        for _topic, code, *_message in answer.topic_errors:
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise for_code(code)
    finally:
        await admin.close()
