"""Clients of Kafka for a few questions: closed again even where Kafka did not let them start."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NodeNotReadyError, for_code
from aiokafka.protocol.fetch import FetchRequest

from brokers.timing import REQUEST_MILLISECONDS
from models.topics import Topic

# A leader waits up to 500 ms for a byte to answer with.
_WAIT_MILLISECONDS: Final = 500
_BYTES_MIN: Final = 1
_READ_UNCOMMITTED: Final = 0


class _Admin(AIOKafkaAdminClient):  # type: ignore[misc]  # aiokafka is not typed
    """A client that asks the controller, and knows that there may be none for a while."""

    async def _send_to_controller(self, request: Any) -> Any:  # noqa: ANN401 - of aiokafka
        """Send a request. Raises aiokafka.errors.KafkaError, where aiokafka raises AttributeError too."""
        try:
            return await super()._send_to_controller(request)
        except AttributeError as error:
            raise NodeNotReadyError("no broker is known to be the controller") from error


@asynccontextmanager
async def open_admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a client that asks about topics and groups. Raises aiokafka.errors.KafkaError when Kafka is away."""
    admin = _Admin(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MILLISECONDS)
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


async def fetch_raw(
    consumer: AIOKafkaConsumer, source: TopicPartition, offset: int, bytes_max: int = 1
) -> tuple[int, bytes]:
    """Return the error code of a leader and the batches at an offset as they are: `getmany` keeps both to itself.

    bytes_max -- how much may come; one batch is sent whole however large it is
    Raises aiokafka.errors.KafkaError when the leader cannot be asked.
    """
    await consumer.end_offsets([source])  # after this the client knows the leader
    client: Any = consumer._client  # noqa: SLF001 - aiokafka lets nobody else send a request
    wanted = [(source.topic, [(source.partition, offset, bytes_max)])]
    request = FetchRequest(_WAIT_MILLISECONDS, _BYTES_MIN, bytes_max, _READ_UNCOMMITTED, wanted)
    answer = await client.send(client.cluster.leader_for_partition(source), request)
    ((_topic, ((_partition, code, *_offsets, batches),)),) = answer.topics
    return code, batches or b""


async def find_partitions(bootstrap: str, topics: Collection[str]) -> list[TopicPartition]:
    """Return every partition that topics have. Raises aiokafka.errors.KafkaError, also where one does not exist."""
    async with open_admin(bootstrap) as admin:
        described = await admin.describe_topics([*topics])
    for topic in described:
        if topic["error_code"]:
            raise for_code(topic["error_code"])
    return [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]


async def read_configs(
    admin: AIOKafkaAdminClient, names: Collection[str], kind: ConfigResourceType = ConfigResourceType.TOPIC
) -> dict[str, dict[str, str]]:
    """Return every setting of topics by name, or of brokers by id, defaults too. Raises aiokafka.errors.KafkaError."""
    if not names:
        return {}
    answers = await admin.describe_configs([ConfigResource(kind, name) for name in names])
    return {
        found: {name: value for name, value, *_others in settings}
        for answer in answers
        for _code, _message, _type, found, settings in answer.resources
    }


async def read_ends(bootstrap: str, topics: Collection[str]) -> dict[TopicPartition, int]:
    """Return up to where each log of some topics holds committed records. Raises aiokafka.errors.KafkaError."""
    sources = await find_partitions(bootstrap, topics)
    async with open_consumer(bootstrap, isolation_level="read_committed") as consumer:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(sources)
        return ends
