"""What a feed delivers around rebalances: records from the positions it was told, or nothing."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from consumers.feed import Feed
from models.catalogue import LOGINS

SOURCE = TopicPartition(LOGINS.topic, 0)
OTHER = TopicPartition(LOGINS.topic, 1)


class Kafka:
    """Stands in for AIOKafkaConsumer: one log a source partition, and what a test does while it is asked."""

    def __init__(self) -> None:
        self.logs: dict[TopicPartition, list[int]] = {SOURCE: [], OTHER: []}
        self.positions: dict[TopicPartition, int] = {}
        self.during_fetch: Callable[[], None] = lambda: None
        self.heard_at = time.time()
        self.paused: set[TopicPartition] = set()

    def assignment(self) -> set[TopicPartition]:
        """Return what is assigned."""
        return set(self.logs)

    def seek(self, source: TopicPartition, offset: int) -> None:
        """Go to an offset."""
        self.positions[source] = offset

    def pause(self, source: TopicPartition) -> None:
        """Deliver nothing of a source partition."""
        self.paused.add(source)

    async def position(self, source: TopicPartition) -> int:
        """Return where the next fetch begins."""
        return self.positions[source]

    async def getmany(self, **_options: int) -> Mapping[TopicPartition, list[Any]]:
        """Return everything from the positions on, and move them to the end of the logs."""
        found = {
            source: [_record(source, offset) for offset in log if offset >= self.positions.get(source, 0)]
            for source, log in self.logs.items()
        }
        self.positions |= {source: log[-1] + 1 for source, log in self.logs.items() if log}
        self.during_fetch()
        return found

    def last_poll_timestamp(self, _source: TopicPartition) -> int:
        """Return when a broker last answered, in milliseconds."""
        return int(self.heard_at * 1000)


def _record(source: TopicPartition, offset: int) -> ConsumerRecord[bytes, bytes]:
    """Return a record that will be refused; what it says does not matter here."""
    return ConsumerRecord(source.topic, source.partition, offset, 1_700_000_000_000, 1, b"k", b"v", 0, 1, 1, ())


@pytest.fixture
def kafka() -> Kafka:
    """Give a log of ten records."""
    made = Kafka()
    made.logs[SOURCE] = list(range(10))
    return made


@pytest.fixture
async def feed(kafka: Kafka) -> Feed:
    """Give a feed that was just assigned both source partitions."""
    made = Feed(kafka)
    await made.on_partitions_assigned([SOURCE, OTHER])
    return made


async def test_records_come_from_the_positions_that_were_told(kafka: Kafka, feed: Feed) -> None:
    """Not from where Kafka thinks that the group stands."""
    kafka.positions = {SOURCE: 0, OTHER: 0}
    assert feed.begin(feed.assignment, {SOURCE: 4, OTHER: 0})
    (part,) = await feed.fetch()
    assert (part.source, part.from_offset, part.next_offset, part.records) == (SOURCE, 4, 10, 6)


async def test_positions_that_were_read_before_a_rebalance_are_not_taken(feed: Feed) -> None:
    """Reading them takes time; by then they may belong to others."""
    before = feed.assignment
    await feed.on_partitions_revoked([SOURCE])
    assert not feed.begin(before, {SOURCE: 4})
    assert not feed.current


async def test_what_is_fetched_during_a_rebalance_is_thrown_away(kafka: Kafka, feed: Feed) -> None:
    """And the next `begin` fetches it again, from the position that Postgres gives."""
    feed.begin(feed.assignment, {SOURCE: 0, OTHER: 0})
    kafka.during_fetch = lambda: setattr(feed, "_assignment", feed.assignment + 1)
    assert await feed.fetch() == []
    assert not feed.current
    kafka.during_fetch = lambda: None
    feed.begin(feed.assignment, {SOURCE: 2, OTHER: 0})
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (2, 10, 8)


async def test_records_below_the_position_are_a_bug_that_is_not_written(kafka: Kafka, feed: Feed) -> None:
    """Whatever goes wrong in a client, a record is never recorded for offsets that are not its own."""
    feed.begin(feed.assignment, {SOURCE: 5, OTHER: 0})
    kafka.positions[SOURCE] = 0
    with pytest.raises(RuntimeError, match=r"fetched 0\.\.9 for 5\.\.10"):
        await feed.fetch()


async def test_markers_of_transactions_are_passed_over(kafka: Kafka, feed: Feed) -> None:
    """They are no records, but the stored offset must get past them, or the lag never ends."""
    kafka.logs[SOURCE] = []
    feed.begin(feed.assignment, {SOURCE: 3, OTHER: 0})
    kafka.positions[SOURCE] = 5
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (3, 5, 0)


async def test_a_stopped_source_partition_stays_stopped_until_the_next_assignment(kafka: Kafka, feed: Feed) -> None:
    """Beginning again after a fault must not hide it; the pause outlives a seek."""
    feed.begin(feed.assignment, {SOURCE: 0, OTHER: 0})
    feed.stop(OffsetOutOfRangeError({SOURCE: 0, TopicPartition(LOGINS.topic, 7): 3}))
    feed.begin_again()
    feed.begin(feed.assignment, {SOURCE: 0, OTHER: 0})
    assert feed.stopped == kafka.paused == {SOURCE}
    await feed.on_partitions_assigned([SOURCE, OTHER])
    assert feed.stopped == set()


async def test_silence_of_the_brokers_is_noticed(kafka: Kafka, feed: Feed) -> None:
    """They answer a fetch within half a second, with nothing if there is nothing."""
    feed.begin(feed.assignment, {SOURCE: 0, OTHER: 0})
    feed._assigned_at -= 60  # noqa: SLF001 - a minute ago
    assert not feed.is_silent()
    kafka.heard_at -= 60
    assert feed.is_silent()
