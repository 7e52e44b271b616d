"""What a consumer relies on in its Kafka client, asked of aiokafka with a broker and of the double alike."""

import asyncio
from typing import Any, Protocol

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError

from tests.doubles.kafka import OTHER, SOURCE

# 60 s: bounds a test that has failed; a broker answers within a second.
SECONDS_MAX = 60.0
NOBODYS = TopicPartition("nobody-s", 0)


class Side(Protocol):
    """A client that is assigned two partitions and has sought nothing yet, and who writes to their logs."""

    client: Any

    async def write(self, source: TopicPartition, count: int) -> None:
        """Append records."""

    async def commit(self, source: TopicPartition, count: int) -> None:
        """Append a transaction that is committed."""

    async def abort(self, source: TopicPartition, count: int) -> None:
        """Append a transaction that is aborted."""

    async def leave_open(self, source: TopicPartition, count: int) -> None:
        """Append a transaction that does not end."""

    async def delete_before(self, source: TopicPartition, offset: int) -> None:
        """Cut what is older off a log."""

    def silence(self) -> None:
        """Let brokers answer nothing more."""

    def now(self) -> float:
        """Return the time that the client goes by, in seconds since 1970."""


class KafkaContract:
    """Statements about a client; who holds one to them gives a fixture `side`."""

    async def test_records_come_from_where_was_sought(self, side: Side) -> None:
        """And the position follows them."""
        await side.write(SOURCE, 5)
        side.client.seek(SOURCE, 2)
        side.client.seek(OTHER, 0)
        assert await _fetch(side, SOURCE, 5) == [2, 3, 4]
        side.client.seek(SOURCE, 4)
        assert await _fetch(side, SOURCE, 5) == [4]

    async def test_no_more_come_than_were_asked_for(self, side: Side) -> None:
        """The position is behind those alone."""
        await side.write(SOURCE, 5)
        _begin(side)
        assert await _fetch(side, SOURCE, 2, max_records=2) == [0, 1]
        assert await side.client.position(SOURCE) == 2
        assert await _fetch(side, SOURCE, 5) == [2, 3, 4]

    async def test_what_is_not_named_is_left_for_later(self, side: Side) -> None:
        """A fetch of one partition takes nothing of another away."""
        await side.write(SOURCE, 1)
        await side.write(OTHER, 2)
        _begin(side)
        assert await _fetch(side, SOURCE, 1, SOURCE) == [0]
        assert await _fetch(side, OTHER, 2) == [0, 1]

    async def test_what_is_paused_is_not_delivered(self, side: Side) -> None:
        """Until it is resumed, from where it was."""
        await side.write(SOURCE, 2)
        await side.write(OTHER, 2)
        _begin(side)
        side.client.pause(SOURCE)
        assert await _fetch(side, OTHER, 2) == [0, 1]
        assert await side.client.position(SOURCE) == 0
        side.client.resume(SOURCE)
        assert await _fetch(side, SOURCE, 2) == [0, 1]

    async def test_transactions_are_delivered_once_they_are_committed(self, side: Side) -> None:
        """What was aborted never is; the position gets past it and past the markers, which are no records."""
        await side.commit(SOURCE, 2)
        await side.abort(SOURCE, 3)
        _begin(side)
        assert await _fetch(side, SOURCE, 7) == [0, 1]
        assert side.client.last_stable_offset(SOURCE) == 7

    async def test_what_a_transaction_holds_open_is_not_told_of(self, side: Side) -> None:
        """Neither in what is delivered nor in where the log ends."""
        await side.write(SOURCE, 2)
        await side.leave_open(SOURCE, 3)
        _begin(side)
        assert await _fetch(side, SOURCE, 2) == [0, 1]
        assert side.client.last_stable_offset(SOURCE) == 2
        assert await side.client.end_offsets([SOURCE]) == {SOURCE: 2}

    async def test_the_bounds_of_a_log_are_told(self, side: Side) -> None:
        """They move when its beginning is cut off."""
        await side.write(SOURCE, 5)
        await side.delete_before(SOURCE, 3)
        assert await side.client.beginning_offsets([SOURCE, OTHER]) == {SOURCE: 3, OTHER: 0}
        assert await side.client.end_offsets([SOURCE, OTHER]) == {SOURCE: 5, OTHER: 0}

    @pytest.mark.parametrize("offset", [0, 6], ids=["before its beginning", "behind its end"])
    async def test_a_position_that_the_log_does_not_hold_is_named(self, side: Side, offset: int) -> None:
        """The error says which and where; the other partition delivers all that it has, before it or after."""
        await side.write(SOURCE, 5)
        await side.delete_before(SOURCE, 3)
        await side.write(OTHER, 2)
        side.client.seek(SOURCE, offset)
        side.client.seek(OTHER, 0)
        got: list[int] = []
        with pytest.raises(OffsetOutOfRangeError) as raised:
            await _fetch_for_ever(side, OTHER, got)
        assert raised.value.args[0] == {SOURCE: offset}
        side.client.seek(SOURCE, 3)
        assert got + await _fetch(side, OTHER, 2) == [0, 1]

    async def test_nothing_is_decided_where_nothing_was_sought(self, side: Side) -> None:
        """Neither from Kafka's own offsets nor from an end of the log: that is the ledger's."""
        await side.write(SOURCE, 1)
        got: list[int] = []
        with pytest.raises(NoOffsetForPartitionError):
            await _fetch_for_ever(side, SOURCE, got)
        assert got == []
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(side.client.position(OTHER), 0.1)

    async def test_what_is_not_assigned_is_asked_of_nobody(self, side: Side) -> None:
        """The client says so, each way in its own: a caller must ask before."""
        assert side.client.assignment() == {SOURCE, OTHER}
        for refused in (side.client.pause, side.client.resume, lambda source: side.client.seek(source, 0)):
            with pytest.raises(IllegalStateError):
                refused(NOBODYS)
        with pytest.raises(IllegalStateError):
            await side.client.position(NOBODYS)
        for asked in (side.client.last_stable_offset, side.client.last_poll_timestamp):
            with pytest.raises(AssertionError):
                asked(NOBODYS)
        with pytest.raises(IllegalStateError):
            await side.client.commit({NOBODYS: 1})

    async def test_nothing_is_known_before_the_first_answer(self, side: Side) -> None:
        """And then when it came, by the clock of this machine, also where there was nothing to deliver."""
        for told in (side.client.last_stable_offset, side.client.last_poll_timestamp):
            assert told(SOURCE) is None
        before = side.now()
        _begin(side)
        async with asyncio.timeout(SECONDS_MAX):
            while side.client.last_poll_timestamp(SOURCE) is None:
                await _get(side, SOURCE)
        assert int(before * 1000) <= side.client.last_poll_timestamp(SOURCE) <= side.now() * 1000
        assert side.client.last_stable_offset(SOURCE) == 0

    async def test_silence_delivers_nothing_and_leaves_the_time_of_the_last_answer(self, side: Side) -> None:
        """A client raises nothing while brokers are away."""
        await side.write(SOURCE, 1)
        _begin(side)
        assert await _fetch(side, SOURCE, 1) == [0]
        side.silence()
        await _get(side, SOURCE)  # an answer that was on its way
        heard_at = side.client.last_poll_timestamp(SOURCE)
        for _fetch_again in range(3):
            assert not await side.client.getmany(timeout_ms=100)
        assert side.client.last_poll_timestamp(SOURCE) == heard_at

    async def test_partitions_are_known_of_topics_that_are(self, side: Side) -> None:
        """None, and not an empty set, where there is no such topic."""
        assert side.client.partitions_for_topic(SOURCE.topic) == {0, 1}
        assert side.client.partitions_for_topic(NOBODYS.topic) is None


def _begin(side: Side) -> None:
    """Go to the beginning of both logs."""
    for source in (SOURCE, OTHER):
        side.client.seek(source, 0)


async def _fetch(side: Side, source: TopicPartition, end: int, *named: TopicPartition, **options: int) -> list[int]:
    """Return the offsets delivered of a partition until its position is at an end."""
    found: list[int] = []
    async with asyncio.timeout(SECONDS_MAX):
        while await side.client.position(source) < end:
            found += await _get(side, source, *named, **options)
    return found


async def _fetch_for_ever(side: Side, source: TopicPartition, got: list[int]) -> None:
    """Add the offsets delivered of a partition to those of before. Raises what the client does."""
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            got += await _get(side, source)


async def _get(side: Side, source: TopicPartition, *named: TopicPartition, **options: int) -> list[int]:
    """Return the offsets that one fetch delivers of a partition."""
    fetched = await side.client.getmany(*named, timeout_ms=100, **options)
    return [record.offset for record in fetched.get(source, [])]
