"""Which batches a log holds, and how each is packed: read from their headers as the broker keeps them.

https://kafka.apache.org/documentation/#recordbatch
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import for_code

from brokers.clients import fetch_raw, open_consumer, read_ends
from models.catalogue import KIND_BY_TOPIC
from tests.interop.clients import CODECS

# Offset and length of a batch; then its attributes, and how far its last record is from its first.
_BEGIN: Final = struct.Struct(">qi")
_ATTRIBUTES: Final = struct.Struct(">hi")
_ATTRIBUTES_AT: Final = 21
_CODEC_MASK: Final = 0b111
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
        return [batch for source, end in ends.items() for batch in await _read_log(consumer, source, end)]


async def _read_log(consumer: AIOKafkaConsumer, source: TopicPartition, end: int) -> list[Batch]:
    found: list[Batch] = []
    while (found[-1].last + 1 if found else 0) < end:
        code, fetched = await fetch_raw(consumer, source, found[-1].last + 1 if found else 0, _BYTES_MAX)
        if code:
            raise for_code(code)
        found += parse(fetched, source)
    return found


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
