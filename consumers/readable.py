"""What is wrong with the next batch of a log: asked of its leader in one request that touches nothing else."""

from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException, OffsetOutOfRangeError, UnknownError, for_code
from aiokafka.protocol.fetch import FetchRequest

from brokers.batches import Unreadable, examine
from brokers.clients import open_consumer
from models.breaks import Flaw

# A leader waits up to 500 ms for a byte to answer with, and sends one batch whole however large it is.
_WAIT_MILLISECONDS: Final = 500
_BYTES_MIN: Final = 1
_READ_UNCOMMITTED: Final = 0
# What a leader answers that cannot read its own log: a batch that is no batch, or an error it has no name for.
_UNREADABLE: Final = frozenset({CorruptRecordException.errno, UnknownError.errno})


async def ask_leader(bootstrap: str, source: TopicPartition, offset: int) -> Unreadable | None:
    """Tell what is wrong with the batch at an offset; None where it can be read, or there is none.

    Raises aiokafka.errors.KafkaError when Kafka cannot be asked.
    """
    async with open_consumer(bootstrap) as consumer:
        code, batches = await _fetch(consumer, source, offset)
    if code in _UNREADABLE:
        return Unreadable(offset, Flaw.BROKER, "", b"")
    if code not in {0, OffsetOutOfRangeError.errno}:  # out of range: a gap of another kind
        raise for_code(code)
    return examine(batches or b"", offset)


async def _fetch(consumer: AIOKafkaConsumer, source: TopicPartition, offset: int) -> tuple[int, bytes]:
    """Return the error code of a leader and the batches at an offset; `getmany` keeps the code to itself."""
    await consumer.end_offsets([source])  # after this the client knows the leader
    client: Any = consumer._client  # noqa: SLF001 - aiokafka lets nobody else send a request
    wanted = [(source.topic, [(source.partition, offset, _BYTES_MIN)])]
    request = FetchRequest(_WAIT_MILLISECONDS, _BYTES_MIN, _BYTES_MIN, _READ_UNCOMMITTED, wanted)
    answer = await client.send(client.cluster.leader_for_partition(source), request)
    ((_topic, ((_partition, code, *_offsets, batches),)),) = answer.topics
    return code, batches
