"""Which batches a log holds, and how each is packed: read from their headers as the broker keeps them.

https://kafka.apache.org/documentation/#recordbatch
"""

import struct
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import for_code
from aiokafka.protocol.fetch import FetchRequest

from brokers.clients import open_consumer, read_ends
from models.catalogue import KIND_BY_TOPIC
from tests.interop.clients import CODECS

# Offset and length of a batch; then its attributes, and how far its last record is from its first.
_BEGIN: Final = struct.Struct(">qi")
_ATTRIBUTES: Final = struct.Struct(">hi")
_ATTRIBUTES_AT: Final = 21
_CODEC_MASK: Final = 0b111
_WAIT_MILLISECONDS: Final = 500
# 16 MiB: more than a run writes to a partition; what does not fit in is asked for again.
_BYTES_MAX: Final = 16 * 1024 * 1024


class Batch(NamedTuple):
    """A batch of a log, with the offsets of its first and its last record."""

    topic: str
    partition: int
    first: int
    last: int
    codec: str


async def read_batches(bootstrap: str) -> list[Batch]:
    """Return every batch of the topics that are counted."""
    ends = await read_ends(bootstrap, KIND_BY_TOPIC)
    async with open_consumer(bootstrap) as consumer:
        await consumer.end_offsets([*ends])  # after this the client knows the leaders
        return [batch for source, end in ends.items() for batch in await _read_log(consumer, source, end)]


async def _read_log(consumer: AIOKafkaConsumer, source: TopicPartition, end: int) -> list[Batch]:
    found: list[Batch] = []
    while (found[-1].last + 1 if found else 0) < end:
        fetched = await _fetch(consumer, source, found[-1].last + 1 if found else 0)
        found += parse(fetched, source)
    return found


async def _fetch(consumer: AIOKafkaConsumer, source: TopicPartition, offset: int) -> bytes:
    """Return the batches at an offset as they are; aiokafka gives nothing but records."""
    client: Any = consumer._client  # noqa: SLF001 - aiokafka lets nobody else send a request
    wanted = [(source.topic, [(source.partition, offset, _BYTES_MAX)])]
    request = FetchRequest(_WAIT_MILLISECONDS, 1, _BYTES_MAX, 0, wanted)
    answer = await client.send(client.cluster.leader_for_partition(source), request)
    ((_topic, ((_partition, code, *_offsets, batches),)),) = answer.topics
    if code:
        raise for_code(code)
    return bytes(batches)


def parse(fetched: bytes, source: TopicPartition) -> Iterator[Batch]:
    """Yield the whole batches of what was fetched."""
    place = 0
    while len(fetched) >= place + _BEGIN.size:
        first, length = _BEGIN.unpack_from(fetched, place)
        end = place + _BEGIN.size + length
        if end > len(fetched):
            break
        attributes, last = _read_attributes(fetched, place)
        yield Batch(source.topic, source.partition, first, first + last, CODECS[attributes & _CODEC_MASK])
        place = end


def _read_attributes(fetched: bytes, place: int) -> tuple[int, int]:
    attributes, last = _ATTRIBUTES.unpack_from(fetched, place + _ATTRIBUTES_AT)
    return int(attributes), int(last)
