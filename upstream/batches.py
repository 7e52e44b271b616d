"""Cuts a stream into blocks of bounded memory, and a block into batches, one or more for each partition."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from aiokafka.partitioner import DefaultPartitioner

from upstream.outgoing import Outgoing

# 20,000 records: about 800 for each of 24 partitions, so that batches are large, and 8 MB in all.
_BLOCK_RECORDS_MAX: Final = 20_000
# 16 MB: blocks of the largest records (256 KiB) stay as small.
_BLOCK_BYTES_MAX: Final = 16_000_000

# Partitions of each topic, in order.
Partitions = dict[str, list[int]]
# An aiokafka BatchBuilder, which has no types, with where it belongs.
Batch = tuple[str, int, Any]

# The murmur2 of every Kafka client: one key, one partition, whoever sends.
_choose_partition: Final = DefaultPartitioner()


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


def pack(block: list[Outgoing], partitions: Partitions, create_batch: Callable[[], Any]) -> Iterator[Batch]:
    """Yield the batches of a block: a full one as soon as it is full, so that the order of each key is kept."""
    open_batches: dict[tuple[str, int], Any] = {}
    for topic, key, value in block:
        known = partitions[topic]
        place = (topic, _choose_partition(key, known, known))
        batch = open_batches.get(place)
        if batch is None or batch.append(timestamp=None, key=key, value=value) is None:
            if batch is not None:
                yield *place, batch
            batch = open_batches[place] = create_batch()
            batch.append(timestamp=None, key=key, value=value)
    for place, batch in open_batches.items():
        yield *place, batch
