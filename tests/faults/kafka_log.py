"""What Kafka holds, as a reader of committed records sees it; where a partition ends."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple, Protocol, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.faults.contract import Lane

_WAIT_MILLISECONDS: Final = 200
# 10 ms: the broker must not keep a request waiting for records at the end of one partition before the next is read.
_FETCH_MILLISECONDS: Final = 10
# 10,000 records of a few hundred bytes: few round trips, little memory.
_RECORDS_MAX: Final = 10_000


class Visible(NamedTuple):
    """One record that Kafka holds and that no transaction hides."""

    offset: int
    appended_milliseconds: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class KafkaLog(Protocol):
    """What partitions hold."""

    def read(self, lane: Lane) -> AsyncIterator[Visible]:
        """Yield every committed record of a partition."""

    async def find_end(self, lane: Lane) -> int:
        """Return the offset up to which readers of committed records see a partition."""


class Reader:
    """What Kafka holds now, read by a consumer that `begin` was called with."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    def read(self, lane: Lane) -> AsyncIterator[Visible]:
        """Yield every committed record of a partition."""
        return read_lane(self._consumer, lane)

    async def find_end(self, lane: Lane) -> int:
        """Return the offset up to which readers of committed records see a partition."""
        return await find_end(self._consumer, lane)


class KeptLog:
    """What Kafka held when it was read, for those who ask again and again."""

    def __init__(self, records: Mapping[Lane, Sequence[Visible]], ends: Mapping[Lane, int]) -> None:
        self._records = records
        self._ends = ends

    @classmethod
    async def keep(cls, bootstrap: str, lanes: Sequence[Lane]) -> Self:
        """Read partitions to their ends."""
        async with open_log(bootstrap) as consumer:
            await begin(consumer, lanes)
            reader = Reader(consumer)
            records = {lane: [record async for record in reader.read(lane)] for lane in lanes}
            return cls(records, {lane: await reader.find_end(lane) for lane in lanes})

    async def read(self, lane: Lane) -> AsyncIterator[Visible]:
        """Yield every committed record of a partition."""
        for record in self._records[lane]:
            yield record

    async def find_end(self, lane: Lane) -> int:
        """Return the offset up to which readers of committed records saw a partition."""
        return self._ends[lane]


@asynccontextmanager
async def open_log(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Yield a consumer of committed records that belongs to no group."""
    options = {
        "isolation_level": "read_committed",
        "enable_auto_commit": False,
        "fetch_max_wait_ms": _FETCH_MILLISECONDS,
    }
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, **options)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def begin(consumer: AIOKafkaConsumer, lanes: Iterable[Lane]) -> None:
    """Go to the first record of partitions; all at once, so that the next one is fetched while one is read."""
    sources = [TopicPartition(*lane) for lane in lanes]
    consumer.assign(sources)
    await consumer.seek_to_beginning(*sources)


async def find_end(consumer: AIOKafkaConsumer, lane: Lane) -> int:
    """Return the offset up to which readers of committed records see a partition."""
    source = TopicPartition(*lane)
    return int((await consumer.end_offsets([source]))[source])


async def find_ends(bootstrap: str, lanes: Iterable[Lane]) -> Mapping[Lane, tuple[int, int]]:
    """Return for each partition where readers of committed records are held up, and where it really ends."""
    sources = [TopicPartition(*lane) for lane in lanes]
    async with open_log(bootstrap) as consumer:
        stable = await consumer.end_offsets(sources)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(sources)
    finally:
        await consumer.stop()
    return {Lane(*source): (stable[source], ends[source]) for source in sources}


async def read_lane(consumer: AIOKafkaConsumer, lane: Lane) -> AsyncIterator[Visible]:
    """Yield every committed record of a partition, from its first one to where it ends now; after `begin`."""
    source = TopicPartition(*lane)
    end = await find_end(consumer, lane)
    while await consumer.position(source) < end:
        fetched = await consumer.getmany(source, timeout_ms=_WAIT_MILLISECONDS, max_records=_RECORDS_MAX)
        for record in fetched.get(source, ()):
            yield Visible(record.offset, record.timestamp, record.key, record.value, tuple(record.headers))
