"""What a feed delivers around rebalances: records from the positions it was told, or nothing."""

import asyncio
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CorruptRecordException, OffsetOutOfRangeError

from consumers.feed import DeadClientError, Feed
from consumers.gaps import Gap, Mark, Start, mark_of
from models.breaks import Break
from models.catalogue import LOGINS

SOURCE = TopicPartition(LOGINS.topic, 0)
OTHER = TopicPartition(LOGINS.topic, 1)


class Kafka:
    """Stands in for AIOKafkaConsumer: one log a source partition, and what a test does while it is asked."""

    def __init__(self) -> None:
        self.logs: dict[TopicPartition, list[int]] = {SOURCE: [], OTHER: []}
        self.positions: dict[TopicPartition, int] = {}
        self.during_fetch: Callable[[], None] = lambda: None
        self.heard_at = dict.fromkeys(self.logs, time.time())
        self.paused: set[TopicPartition] = set()
        self.spoilt: set[TopicPartition] = set()
        self.asked: list[tuple[TopicPartition, int]] = []
        self._fetcher = SimpleNamespace(error_future=asyncio.Future())

    def assignment(self) -> set[TopicPartition]:
        """Return what is assigned."""
        return set(self.logs)

    def seek(self, source: TopicPartition, offset: int) -> None:
        """Go to an offset."""
        self.positions[source] = offset

    def pause(self, *sources: TopicPartition) -> None:
        """Deliver nothing of source partitions."""
        self.paused |= set(sources)

    def resume(self, *sources: TopicPartition) -> None:
        """Deliver source partitions again."""
        self.paused -= set(sources)

    async def beginning_offsets(self, sources: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the first offset of each log."""
        return {source: self.logs[source][0] if self.logs[source] else 0 for source in sources}

    async def end_offsets(self, sources: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the offset behind the last of each log."""
        return {source: self.logs[source][-1] + 1 if self.logs[source] else 0 for source in sources}

    async def position(self, source: TopicPartition) -> int:
        """Return where the next fetch begins."""
        return self.positions[source]

    async def getmany(self, *sources: TopicPartition, **_options: int) -> Mapping[TopicPartition, list[Any]]:
        """Return everything from the positions on, and move them to the end of the logs."""
        wanted = set(sources or self.logs) - self.paused
        if self.spoilt & wanted:
            raise CorruptRecordException("Invalid CRC")
        logs = {source: log for source, log in self.logs.items() if source in wanted}
        for source, log in logs.items():
            if log and not log[0] <= self.positions.get(source, 0) <= log[-1] + 1:
                raise OffsetOutOfRangeError({source: self.positions[source]})
        found = {
            source: [_record(source, offset) for offset in log if offset >= self.positions.get(source, 0)]
            for source, log in logs.items()
        }
        self.positions |= {source: log[-1] + 1 for source, log in logs.items() if log}
        self.during_fetch()
        return found

    async def is_readable(self, source: TopicPartition, offset: int) -> bool:
        """Tell whether the next batch is whole."""
        self.asked.append((source, offset))
        return source not in self.spoilt

    def last_poll_timestamp(self, source: TopicPartition) -> int:
        """Return when a broker last answered, in milliseconds."""
        assert source in self.logs, "Partition is not assigned"
        return int(self.heard_at[source] * 1000)


def _record(source: TopicPartition, offset: int) -> ConsumerRecord[bytes, bytes]:
    """Return a record that will be refused; what it says does not matter here."""
    return ConsumerRecord(source.topic, source.partition, offset, 1_700_000_000_000, 1, b"k", b"v", 0, 1, 1, ())


def _starts(next_offset: int, mark: Mark | None = None) -> Mapping[TopicPartition, Start]:
    """Return where both source partitions go on; the second from its beginning."""
    return {SOURCE: Start(next_offset, mark, stopped=False), OTHER: Start(0, None, stopped=False)}


@pytest.fixture
async def kafka() -> Kafka:
    """Give a log of ten records."""
    made = Kafka()
    made.logs[SOURCE] = list(range(10))
    return made


@pytest.fixture
async def feed(kafka: Kafka) -> Feed:
    """Give a feed that was just assigned both source partitions."""
    made = Feed(kafka, kafka.is_readable)
    await made.on_partitions_assigned([SOURCE, OTHER])
    return made


async def test_records_come_from_the_positions_that_were_told(kafka: Kafka, feed: Feed) -> None:
    """Not from where Kafka thinks that the group stands."""
    kafka.positions = {SOURCE: 0, OTHER: 0}
    assert feed.begin(feed.assignment, _starts(4))
    (part,) = await feed.fetch()
    assert (part.source, part.from_offset, part.next_offset, part.records) == (SOURCE, 4, 10, 6)


async def test_positions_that_were_read_before_a_rebalance_are_not_taken(feed: Feed) -> None:
    """Reading them takes time; by then they may belong to others."""
    before = feed.assignment
    await feed.on_partitions_revoked([SOURCE])
    assert not feed.begin(before, _starts(4))
    assert not feed.current


async def test_what_is_fetched_during_a_rebalance_is_thrown_away(kafka: Kafka, feed: Feed) -> None:
    """And the next `begin` fetches it again, from the position that Postgres gives."""
    feed.begin(feed.assignment, _starts(0))
    kafka.during_fetch = lambda: setattr(feed, "_assignment", feed.assignment + 1)
    assert await feed.fetch() == []
    assert not feed.current
    kafka.during_fetch = lambda: None
    feed.begin(feed.assignment, _starts(2))
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (2, 10, 8)


async def test_records_below_the_position_are_a_bug_that_is_not_written(kafka: Kafka, feed: Feed) -> None:
    """Whatever goes wrong in a client, a record is never recorded for offsets that are not its own."""
    feed.begin(feed.assignment, _starts(5))
    kafka.positions[SOURCE] = 0
    with pytest.raises(RuntimeError, match=r"fetched 0\.\.9 for 5\.\.10"):
        await feed.fetch()


async def test_markers_of_transactions_are_passed_over(kafka: Kafka, feed: Feed) -> None:
    """They are no records, but the stored offset must get past them, or the lag never ends."""
    kafka.logs[SOURCE] = []
    feed.begin(feed.assignment, _starts(3))
    kafka.positions[SOURCE] = 5
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (3, 5, 0)


async def test_the_last_recorded_record_is_read_again_and_not_delivered(feed: Feed) -> None:
    """By it the log is known: the batch begins behind it."""
    feed.begin(feed.assignment, _starts(5, mark_of(_record(SOURCE, 4))))
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (5, 10, 5)
    assert not feed.stopped


async def test_a_log_with_another_record_there_is_stopped(kafka: Kafka, feed: Feed) -> None:
    """A new topic of the same name, longer by now than the stored offset: nothing of it is delivered."""
    other = mark_of(_record(SOURCE, 4))._replace(timestamp=1)
    feed.begin(feed.assignment, _starts(5, other))
    assert await feed.fetch() == []
    assert feed.stopped == kafka.paused == {SOURCE}
    assert feed.take_gaps() == [Gap(SOURCE, Break.OTHER_RECORD, 5, 0, 10)]
    assert feed.take_gaps() == []


async def test_what_is_fetched_during_a_rebalance_is_not_judged(kafka: Kafka, feed: Feed) -> None:
    """It may come from other positions: a healthy log must not be taken for another one."""
    feed.begin(feed.assignment, _starts(5, mark_of(_record(SOURCE, 4))))
    kafka.positions[SOURCE] = 0
    kafka.during_fetch = lambda: setattr(feed, "_assignment", feed.assignment + 1)
    assert await feed.fetch() == []
    assert feed.take_gaps() == []
    assert not feed.stopped


async def test_a_log_that_lost_the_record_to_a_marker_is_stopped(kafka: Kafka, feed: Feed) -> None:
    """Where the record stood there is none: the position moved past it without one."""
    kafka.logs[SOURCE] = []
    feed.begin(feed.assignment, _starts(5, mark_of(_record(SOURCE, 4))))
    kafka.positions[SOURCE] = 7
    assert await feed.fetch() == []
    assert feed.stopped == {SOURCE}


async def test_a_mark_that_retention_has_taken_is_done_without(kafka: Kafka, feed: Feed) -> None:
    """The log begins exactly at the stored offset: nothing is missing."""
    kafka.logs[SOURCE] = [5, 6]
    feed.begin(feed.assignment, _starts(5, mark_of(_record(SOURCE, 4))))
    assert await feed.fetch() == []
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (5, 7, 2)


@pytest.mark.parametrize(
    ("log", "kind"), [([6, 7], Break.BEGINS_AFTER), ([0, 1], Break.ENDS_BEFORE)], ids=["begins after", "ends before"]
)
async def test_a_log_without_the_stored_offset_is_stopped(
    kafka: Kafka, feed: Feed, log: list[int], kind: Break
) -> None:
    """Retention overtook the consumer, or the log was cut off."""
    kafka.logs[SOURCE] = log
    feed.begin(feed.assignment, _starts(5, mark_of(_record(SOURCE, 4))))
    assert await feed.fetch() == []
    assert feed.take_gaps() == [Gap(SOURCE, kind, 5, log[0], log[-1] + 1)]


async def test_what_is_stopped_in_postgres_is_not_fetched(kafka: Kafka, feed: Feed) -> None:
    """Until a person has accepted the gap; then it goes on from where that person said."""
    known = Start(5, mark_of(_record(SOURCE, 4)), stopped=True)
    feed.begin(feed.assignment, {SOURCE: known, OTHER: Start(0, None, stopped=False)})
    assert await feed.fetch() == []
    assert feed.stopped == kafka.paused == {SOURCE}
    feed.begin(feed.assignment, _starts(0))
    (part,) = await feed.fetch()
    assert (part.from_offset, part.records) == (0, 10)
    assert not kafka.paused


async def test_a_batch_that_stays_unreadable_stops_its_partition_alone(kafka: Kafka, feed: Feed) -> None:
    """Three times it may have been spoilt on its way; then it is found, and the others begin again."""
    kafka.logs[OTHER] = [0]
    kafka.spoilt = {OTHER}
    for _attempt in range(4):
        assert feed.take_gaps() == []
        feed.begin(feed.assignment, _starts(0))
        with pytest.raises(CorruptRecordException):
            await feed.fetch()
        feed.begin_again()
    assert feed.take_gaps() == [Gap(OTHER, Break.UNREADABLE, 0, 0, 1)]
    assert not feed.current
    feed.begin(feed.assignment, {**_starts(0), OTHER: Start(0, None, stopped=True)})
    (part,) = await feed.fetch()
    assert (part.source, part.records) == (SOURCE, 10)


async def test_a_client_whose_fetching_task_is_dead_is_noticed_at_once(kafka: Kafka, feed: Feed) -> None:
    """It would say nothing for ever, as if there was nothing to fetch."""
    feed.begin(feed.assignment, _starts(0))
    kafka._fetcher.error_future.set_result(None)  # noqa: SLF001 - the part of aiokafka that is looked at
    with pytest.raises(DeadClientError):
        await feed.fetch()


async def test_a_batch_that_the_broker_refuses_stops_its_partition_alone(kafka: Kafka, feed: Feed) -> None:
    """Kafka's client delivers nothing and raises nothing: the silence gives it away, and the leader is asked why."""
    kafka.logs[OTHER] = [0]
    feed.begin(feed.assignment, _starts(0))
    _fall_silent(kafka, feed, SOURCE)
    await feed.fetch()
    assert feed.take_gaps() == []
    kafka.spoilt = {SOURCE}
    kafka.paused = {SOURCE}  # so that the client delivers nothing of it
    feed._doubted_at -= 60  # noqa: SLF001 - a minute ago
    await feed.fetch()
    assert feed.take_gaps() == [Gap(SOURCE, Break.UNREADABLE, 10, 0, 10)]
    assert feed.stopped == {SOURCE}
    assert not feed.is_silent()


async def test_a_silent_leader_is_not_asked_at_every_fetch(kafka: Kafka, feed: Feed) -> None:
    """While it is away the others must go on."""
    feed.begin(feed.assignment, _starts(0))
    _fall_silent(kafka, feed, SOURCE)
    for _fetch in range(3):
        await feed.fetch()
    assert kafka.asked == [(SOURCE, 0)]


async def test_a_record_that_only_the_mark_needs_is_asked_for_where_it_stands(kafka: Kafka, feed: Feed) -> None:
    """Fetching begins at the mark: what lies behind it may be whole while nothing is delivered."""
    kafka.paused = {SOURCE}
    feed.begin(feed.assignment, _starts(5, mark_of(_record(SOURCE, 4))))
    kafka.pause(SOURCE)
    _fall_silent(kafka, feed, SOURCE)
    await feed.fetch()
    assert kafka.asked == [(SOURCE, 4)]


def _fall_silent(kafka: Kafka, feed: Feed, *sources: TopicPartition) -> None:
    """Let a minute pass in which brokers say nothing of source partitions."""
    feed._assigned_at -= 60  # noqa: SLF001 - a minute ago
    kafka.heard_at |= {source: time.time() - 60 for source in sources}


async def test_silence_of_the_brokers_is_noticed(kafka: Kafka, feed: Feed) -> None:
    """They answer a fetch within half a second, with nothing if there is nothing."""
    feed.begin(feed.assignment, _starts(0))
    _fall_silent(kafka, feed, SOURCE)
    assert not feed.is_silent()
    _fall_silent(kafka, feed, SOURCE, OTHER)
    assert feed.is_silent()


async def test_silence_is_asked_of_what_is_still_assigned(kafka: Kafka, feed: Feed) -> None:
    """After a rebalance Kafka's client ends with an assertion when it is asked of another's source partition."""
    feed.begin(feed.assignment, _starts(0))
    feed._assigned_at -= 60  # noqa: SLF001 - a minute ago
    kafka.logs.clear()
    assert not feed.is_silent()
