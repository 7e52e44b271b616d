"""What cannot be read, and brokers that say nothing: the feed finds out which it is, and stops what is spoilt alone."""

import pytest
from aiokafka import TopicPartition

from consumers.feed import DeadClientError, Feed
from ledger.continuity import Gap, mark_of
from models.gap_kinds import Break, Flaw
from tests.doubles.kafka import OTHER, SOURCE, UNREADABLE, Kafka, record_at, starts_at


async def test_a_batch_that_stays_unreadable_stops_its_partition_alone(kafka: Kafka, feed: Feed) -> None:
    """Twice it may have been spoilt on its way; the others go on meanwhile, and do not begin again."""
    kafka.logs[OTHER].write(1)
    kafka.spoilt = {OTHER}
    feed.begin(feed.assignment, starts_at(0))
    (part,) = await feed.fetch()
    assert (part.source, part.records) == (SOURCE, 10)
    for offset in (10, 11):
        assert feed.take_gaps() == []
        kafka.logs[SOURCE].write(1)
        (part,) = await feed.fetch()
        assert (part.source, part.from_offset, part.records) == (SOURCE, offset, 1)
    assert feed.take_gaps() == [Gap(OTHER, Break.UNREADABLE, 0, 0, 1, Flaw.CHECKSUM, "", b"batch")]
    assert feed.current
    assert feed.stopped == kafka.paused == {OTHER}


async def test_a_batch_that_was_spoilt_on_its_way_is_read_at_the_next_attempt(kafka: Kafka, feed: Feed) -> None:
    """And what is wrong elsewhere in the same log is another batch."""
    feed.begin(feed.assignment, starts_at(0))
    for offset in (0, 0, 4, 4, 9):
        kafka.unreadable = {SOURCE: UNREADABLE._replace(offset=offset)}
        await feed.fetch()
    assert feed.take_gaps() == []
    assert not feed.stopped


async def test_a_client_whose_fetching_task_is_dead_is_noticed_at_once(kafka: Kafka, feed: Feed) -> None:
    """It would say nothing for ever, as if there was nothing to fetch."""
    feed.begin(feed.assignment, starts_at(0))
    kafka._fetcher.error_future.set_result(None)  # noqa: SLF001 - the part of aiokafka that is looked at
    with pytest.raises(DeadClientError):
        await feed.fetch()


async def test_a_batch_that_the_broker_refuses_stops_its_partition_alone(kafka: Kafka, feed: Feed) -> None:
    """Kafka's client delivers nothing and raises nothing: the silence gives it away, and the leader is asked why."""
    kafka.logs[OTHER].write(1)
    feed.begin(feed.assignment, starts_at(0))
    _fall_silent(kafka, SOURCE)
    await feed.fetch()
    assert feed.take_gaps() == []
    kafka.spoilt = {SOURCE}
    kafka.clock.advance(60)
    await feed.fetch()
    assert feed.take_gaps() == [Gap(SOURCE, Break.UNREADABLE, 0, 0, 10, Flaw.CHECKSUM, "", b"batch")]
    assert feed.stopped == {SOURCE}
    assert not feed.is_silent()


async def test_a_silent_leader_is_not_asked_at_every_fetch(kafka: Kafka, feed: Feed) -> None:
    """While it is away the others must go on."""
    feed.begin(feed.assignment, starts_at(0))
    _fall_silent(kafka, SOURCE)
    for _fetch in range(3):
        await feed.fetch()
    assert kafka.asked == [(SOURCE, 0)]


async def test_a_record_that_only_the_mark_needs_is_asked_for_where_it_stands(kafka: Kafka, feed: Feed) -> None:
    """Fetching begins at the mark: what lies behind it may be whole while nothing is delivered."""
    feed.begin(feed.assignment, starts_at(5, mark_of(record_at(SOURCE, 4))))
    _fall_silent(kafka, SOURCE)
    await feed.fetch()
    assert kafka.asked == [(SOURCE, 4)]


def _fall_silent(kafka: Kafka, *sources: TopicPartition) -> None:
    """Let a minute pass in which brokers say nothing of source partitions."""
    kafka.silent = set(sources)
    kafka.clock.advance(60)


async def test_silence_of_the_brokers_is_noticed(kafka: Kafka, feed: Feed) -> None:
    """They answer a fetch within half a second, with nothing if there is nothing."""
    feed.begin(feed.assignment, starts_at(0))
    _fall_silent(kafka, SOURCE)
    await feed.fetch()
    assert not feed.is_silent()
    _fall_silent(kafka, SOURCE, OTHER)
    assert feed.is_silent()


async def test_silence_is_asked_of_what_is_still_assigned(kafka: Kafka, feed: Feed) -> None:
    """After a rebalance Kafka's client ends with an assertion when it is asked of another's source partition."""
    feed.begin(feed.assignment, starts_at(0))
    kafka.clock.advance(60)
    kafka.logs.clear()
    assert not feed.is_silent()
