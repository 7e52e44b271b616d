"""Reading as a consumer process does, for as long as a test wants it."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.consumer import fetcher

from brokers.batches import take_unreadable
from brokers.whole_batches import read_whole_batches


@contextmanager
def reading_whole_batches() -> Iterator[None]:
    """Let this process read whole batches during the block, and leave aiokafka as it was."""
    before = {name: getattr(fetcher, name) for name in ("MemoryRecords", "PartitionRecords", "FetchResult")}
    read_whole_batches()
    try:
        yield
    finally:
        vars(fetcher).update(before)
        take_unreadable()
