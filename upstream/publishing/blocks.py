"""Cuts a stream into blocks of bounded memory, and a block into batches, one or more for each partition."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from aiokafka.partitioner import DefaultPartitioner

from upstream.publishing.outgoing import Outgoing

# 20,000 records: about 800 for each of 24 partitions, so that batches are large, and 8 MB in all.
_BLOCK_RECORDS_MAX: Final = 20_000
# 16 MB: blocks of the largest records (256 KiB) stay as small.
_BLOCK_BYTES_MAX: Final = 16_000_000

# Partitions of each topic, in order.
Partitions = dict[str, list[int]]
# An aiokafka BatchBuilder, which has no types, with where it belongs.
Batch = tuple[str, int, Any]

# Given a key and the partitions of its topic, in order.
ChoosePartition = Callable[[bytes, Sequence[int]], int]

_choose_by_murmur2: Final = DefaultPartitioner()


def choose_as_java(key: bytes, partitions: Sequence[int]) -> int:
    """Choose as Kafka's own client and those that follow it do: one key, one partition, whoever sends."""
    return int(_choose_by_murmur2(key, partitions, partitions))


def choose_by_crc32(key: bytes, partitions: Sequence[int]) -> int:
    """Choose as librdkafka's "consistent" does: in a hundredth of the time of a murmur2 in Python."""
    return partitions[zlib.crc32(key) % len(partitions)]


def make_blocks(outgoing: Iterator[Outgoing]) -> Iterator[list[Outgoing]]:
    """Yield the records in blocks, none empty, none much larger than the limits above."""
    block: list[Outgoing] = []
    size = 0
    for record in outgoing:
        block.append(record)
        size += len(record.value)
        if len(block) >= _BLOCK_RECORDS_MAX or size >= _BLOCK_BYTES_MAX:
            yield block
            block, size = [], 0
    if block:
        yield block


def pack(
    block: list[Outgoing], partitions: Partitions, choose: ChoosePartition, create_batch: Callable[[], Any]
) -> Iterator[Batch]:
    """Yield the batches of a block: a full one as soon as it is full, so that the order of each key is kept."""
    open_batches: dict[tuple[str, int], Any] = {}
    for topic, key, value in block:
        place = (topic, choose(key, partitions[topic]))
        batch = open_batches.get(place)
        if batch is None or batch.append(timestamp=None, key=key, value=value) is None:
            if batch is not None:
                yield *place, batch
            batch = open_batches[place] = create_batch()
            batch.append(timestamp=None, key=key, value=value)
    for place, batch in open_batches.items():
        yield *place, batch
