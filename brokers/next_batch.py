"""What is wrong with the next batch of a log: asked of its leader in one request that touches nothing else."""

from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, OffsetOutOfRangeError, UnknownError, for_code

from brokers.batches import Unreadable, examine
from brokers.clients import fetch_raw, open_consumer
from models.gap_kinds import Flaw

# What a leader answers that cannot read its own log: a batch that is no batch, or an error it has no name for.
_UNREADABLE: Final = frozenset({CorruptRecordException.errno, UnknownError.errno})


async def ask_leader(bootstrap: str, source: TopicPartition, offset: int) -> Unreadable | None:
    """Tell what is wrong with the batch at an offset; None where it can be read, or there is none.

    Raises aiokafka.errors.KafkaError when Kafka cannot be asked.
    """
    async with open_consumer(bootstrap) as consumer:
        code, batches = await fetch_raw(consumer, source, offset)
    if code in _UNREADABLE:
        return Unreadable(offset, Flaw.BROKER, "", b"")
    if code not in {0, OffsetOutOfRangeError.errno}:  # out of range: a gap of another kind
        raise for_code(code)
    return examine(batches, offset)
