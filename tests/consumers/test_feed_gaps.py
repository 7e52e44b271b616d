"""A log that does not go on from what is stored stops its partition: the feed knows it by the last record."""

import pytest
from aiokafka import TopicPartition

from consumers.feed import Feed
from ledger.continuity import Gap, Start, mark_of
from models.gap_kinds import Break
from tests.doubles.kafka import OTHER, SOURCE, Kafka, record_at, starts_at
from tests.doubles.log import Log


async def test_the_last_recorded_record_is_read_again_and_not_delivered(feed: Feed) -> None:
    """By it the log is known: the batch begins behind it."""
    feed.begin(feed.assignment, starts_at(5, mark_of(record_at(SOURCE, 4))))
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (5, 10, 5)
    assert not feed.stopped


async def test_a_log_with_another_record_there_is_stopped(kafka: Kafka, feed: Feed) -> None:
    """A new topic of the same name, longer by now than the stored offset: nothing of it is delivered."""
    other = mark_of(record_at(SOURCE, 4))._replace(timestamp=1)
    feed.begin(feed.assignment, starts_at(5, other))
    assert await feed.fetch() == []
    assert feed.stopped == kafka.paused == {SOURCE}
    assert feed.take_gaps() == [Gap(SOURCE, Break.OTHER_RECORD, 5, 0, 10)]
    assert feed.take_gaps() == []


async def test_what_is_fetched_during_a_rebalance_is_not_judged(kafka: Kafka, feed: Feed) -> None:
    """It may come from other positions: a healthy log must not be taken for another one."""
    feed.begin(feed.assignment, starts_at(5, mark_of(record_at(SOURCE, 4))))
    kafka.positions[SOURCE] = 0
    kafka.during_fetch = lambda: setattr(feed, "_assignment", feed.assignment + 1)
    assert await feed.fetch() == []
    assert feed.take_gaps() == []
    assert not feed.stopped


async def test_a_log_that_lost_the_record_to_a_marker_is_stopped(kafka: Kafka, feed: Feed) -> None:
    """Where the record stood there is none: the position moved past it without one."""
    kafka.logs[SOURCE] = Log()
    kafka.logs[SOURCE].abort(6)
    feed.begin(feed.assignment, starts_at(5, mark_of(record_at(SOURCE, 4))))
    assert await feed.fetch() == []
    assert feed.stopped == {SOURCE}


async def test_a_mark_that_retention_has_taken_is_done_without(kafka: Kafka, feed: Feed) -> None:
    """The log begins exactly at the stored offset: nothing is missing."""
    kafka.logs[SOURCE] = Log.of(5, 7)
    feed.begin(feed.assignment, starts_at(5, mark_of(record_at(SOURCE, 4))))
    assert await feed.fetch() == []
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (5, 7, 2)


@pytest.mark.parametrize(
    ("log", "kind"),
    [(Log.of(6, 8), Break.BEGINS_AFTER), (Log.of(0, 2), Break.ENDS_BEFORE)],
    ids=["begins after", "ends before"],
)
async def test_a_log_without_the_stored_offset_is_stopped(kafka: Kafka, feed: Feed, log: Log, kind: Break) -> None:
    """Retention overtook the consumer, or the log was cut off."""
    kafka.logs[SOURCE] = log
    feed.begin(feed.assignment, starts_at(5, mark_of(record_at(SOURCE, 4))))
    assert await feed.fetch() == []
    assert feed.take_gaps() == [Gap(SOURCE, kind, 5, log.begin, log.end)]


async def test_what_is_stopped_in_postgres_is_not_fetched(kafka: Kafka, feed: Feed) -> None:
    """Until a person has accepted the gap; then it goes on from where that person said."""
    known = Start(5, mark_of(record_at(SOURCE, 4)), stopped=True)
    feed.begin(feed.assignment, {SOURCE: known, OTHER: Start(0, None, stopped=False)})
    assert await feed.fetch() == []
    assert feed.stopped == kafka.paused == {SOURCE}
    feed.begin(feed.assignment, starts_at(0))
    (part,) = await feed.fetch()
    assert (part.from_offset, part.records) == (0, 10)
    assert not kafka.paused


@pytest.mark.parametrize("log", [Log.of(6, 8), Log.of(5, 7)], ids=["with a gap", "without its mark"])
async def test_what_was_taken_from_us_while_its_log_was_looked_at_is_not_judged(
    kafka: Kafka, feed: Feed, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    """Its next owner looks at it."""
    kafka.logs[SOURCE] = log
    feed.begin(feed.assignment, starts_at(5, mark_of(record_at(SOURCE, 4))))

    async def take_away(_consumer: object, source: TopicPartition) -> tuple[int, int]:
        del kafka.logs[source]
        return log.begin, log.end

    monkeypatch.setattr("consumers.stops.read_bounds", take_away)
    assert await feed.fetch() == []
    await feed.stop_losing([SOURCE.topic])
    assert (feed.take_gaps(), feed.stopped) == ([], set())


async def test_a_topic_that_loses_records_is_stopped_where_it_is_still_ours(
    kafka: Kafka, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of its partitions goes to another process meanwhile."""
    feed.begin(feed.assignment, starts_at(5))

    async def take_away(_consumer: object, _source: TopicPartition) -> tuple[int, int]:
        kafka.logs.pop(OTHER, None)
        return 0, 10

    monkeypatch.setattr("consumers.stops.read_bounds", take_away)
    await feed.stop_losing([SOURCE.topic])
    assert (feed.take_gaps(), feed.stopped) == ([Gap(SOURCE, Break.COMPACTED, 5, 0, 10)], {SOURCE})
