"""What a feed delivers around rebalances: records from the positions it was told, or nothing."""

from unittest.mock import Mock

import pytest

from brokers.fetches import SILENT, STREAMING
from consumers.feed import Feed
from consumers.outages import BatchFailedError
from tests.doubles.kafka import OTHER, SOURCE, Kafka, starts_at
from tests.doubles.log import Log


async def test_records_come_from_the_positions_that_were_told(kafka: Kafka, feed: Feed) -> None:
    """Not from where Kafka thinks that the group stands."""
    kafka.positions = {SOURCE: 0, OTHER: 0}
    assert feed.begin(feed.assignment, starts_at(4))
    (part,) = await feed.fetch()
    assert (part.source, part.from_offset, part.next_offset, part.records) == (SOURCE, 4, 10, 6)


async def test_positions_that_were_read_before_a_rebalance_are_not_taken(feed: Feed) -> None:
    """Reading them takes time; by then they may belong to others."""
    before = feed.assignment
    await feed.on_partitions_revoked([SOURCE])
    assert not feed.begin(before, starts_at(4))
    assert not feed.current


async def test_what_is_fetched_during_a_rebalance_is_thrown_away(kafka: Kafka, feed: Feed) -> None:
    """And the next `begin` fetches it again, from the position that Postgres gives."""
    feed.begin(feed.assignment, starts_at(0))

    def rebalance() -> None:
        kafka.positions.clear()
        feed._assignment += 1  # noqa: SLF001 - what a revocation does

    kafka.during_fetch = rebalance
    assert await feed.fetch() == []
    assert not feed.current
    assert kafka.waits_for_positions == 0
    kafka.during_fetch = lambda: None
    feed.begin(feed.assignment, starts_at(2))
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (2, 10, 8)


async def test_what_the_client_has_lost_before_it_says_so_is_asked_of_nobody(kafka: Kafka, feed: Feed) -> None:
    """The client changes its assignment, waits for something, and only then tells of it."""
    feed.begin(feed.assignment, starts_at(10))
    await feed.fetch()
    assert feed.current
    assert feed.is_through({SOURCE: 10, OTHER: 0})
    del kafka.logs[OTHER]
    assert not feed.current
    assert not feed.is_through({SOURCE: 10, OTHER: 0})
    assert feed.stable_offset(OTHER) is None
    assert await feed.fetch() == []
    assert not feed.begin(feed.assignment, starts_at(10))


async def test_a_position_that_never_comes_is_waited_for_a_while(
    kafka: Kafka, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a client has forgotten, the loop comes back, and seeks every position anew."""
    monkeypatch.setattr("consumers.feed._FETCH_SECONDS_MAX", 0.01)
    feed.begin(feed.assignment, starts_at(0))
    kafka.during_fetch = kafka.positions.clear
    assert await feed.fetch() == []
    assert kafka.waits_for_positions == 1
    assert not feed.current


async def test_records_below_the_position_are_a_bug_that_is_not_written(kafka: Kafka, feed: Feed) -> None:
    """Whatever goes wrong in a client, a record is never recorded for offsets that are not its own."""
    feed.begin(feed.assignment, starts_at(5))
    kafka.positions[SOURCE] = 0
    with pytest.raises(BatchFailedError) as raised:
        await feed.fetch()
    assert str(raised.value.cause) == "fetched 0..9 for 5..10"


async def test_what_decoding_fails_over_is_named(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who records tries it alone then; nothing of it is taken as delivered."""
    feed.begin(feed.assignment, starts_at(0))
    with monkeypatch.context() as planted:
        planted.setattr("ledger.batch.name_source", Mock(side_effect=KeyError("x")))
        with pytest.raises(BatchFailedError) as raised:
            await feed.fetch()
    assert SOURCE in raised.value.sources
    assert feed.position_of(SOURCE) == 0


async def test_markers_of_transactions_are_passed_over(kafka: Kafka, feed: Feed) -> None:
    """They are no records, but the stored offset must get past them, or the lag never ends."""
    kafka.logs[SOURCE] = Log()
    kafka.logs[SOURCE].abort(4)
    feed.begin(feed.assignment, starts_at(3))
    (part,) = await feed.fetch()
    assert (part.from_offset, part.next_offset, part.records) == (3, 5, 0)


async def test_brokers_hold_fetches_back_only_while_records_stream(kafka: Kafka, feed: Feed) -> None:
    """After silence the first record comes at once, and an idle process asks seldom."""
    feed.begin(feed.assignment, starts_at(0))
    for patience in (STREAMING, SILENT):
        await feed.fetch()
        assert (kafka._fetcher._fetch_min_bytes, kafka._fetcher._fetch_max_wait_ms) == patience  # noqa: SLF001
        kafka.logs[SOURCE].delete_before(10)
