"""Partitions that move again and again, while Postgres is slow to say where each stands."""

import asyncio
from contextlib import suppress
from functools import partial

import asyncpg
import pytest
from aiokafka.admin import NewPartitions
from aiokafka.errors import NoOffsetForPartitionError

from brokers.clients import open_admin
from brokers.next_batch import ask_leader
from brokers.topic_creation import create_topics
from consumers.feed import Feed
from consumers.process import build_consumer
from ledger.continuity import Start
from ledger.migrations.apply import migrate
from models.catalogue import KINDS, LOGINS
from models.topics import INPUTS, PARTITIONS
from tests.integration.events import make_record
from tests.integration.system import SECONDS_MAX, System

_ROUNDS = 3
_RECORDS_A_ROUND = 1_500


async def _slow_down(database_url: str, until: asyncio.Event) -> None:
    """Hold the table of progress for most of a second, let go, and begin again: take-overs last as long."""
    connection = await asyncpg.connect(database_url)
    while not until.is_set():
        async with connection.transaction():
            await connection.execute("LOCK TABLE progress IN EXCLUSIVE MODE")
            await asyncio.sleep(0.8)
        await asyncio.sleep(0.1)
    await connection.close()


async def _feed(system: System) -> None:
    """Publish a round of records of every kind, a few at a time."""
    for _ in range(_RECORDS_A_ROUND // 30):
        await system.publish(make_record(KINDS[n % 3]) for n in range(30))


async def test_rebalances_during_slow_take_overs_lose_and_double_nothing(system: System) -> None:
    """Whatever was fetched, or read from Postgres, before a rebalance must not be recorded after it."""
    staying = await asyncio.to_thread(system.start, "consume")
    stop = asyncio.Event()
    slowing = asyncio.create_task(_slow_down(system.database_url, stop))
    for _ in range(_ROUNDS):
        feeding = asyncio.create_task(_feed(system))
        joined = await asyncio.to_thread(system.start, "consume")
        assert await asyncio.to_thread(joined.end) == 0
        await feeding
    stop.set()
    await slowing
    await system.await_consumed(_ROUNDS * _RECORDS_A_ROUND)
    rows = await system.fetch("SELECT sum(accepted), sum(next_offset) FROM progress")
    assert tuple(rows[0]) == (_ROUNDS * _RECORDS_A_ROUND,) * 2
    assert all(process.popen.poll() in {None, 0} for process in system.processes)
    # Its own start, and for each of the others that came and went at least one of the two.
    assert (staying.value("onboarding_rebalances_total") or 0) > _ROUNDS


@pytest.mark.usefixtures("whole_batches")
async def test_a_rebalance_while_a_fetch_waits_holds_nothing_up(
    clean_kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka knows no offset of this group: until `begin` its partitions have no position, and none is waited for."""
    monkeypatch.setattr("consumers.feed._FETCH_MILLISECONDS", 1)  # what is fetched is there before Kafka's offsets are
    await create_topics(clean_kafka, INPUTS, 1)
    consumer = build_consumer(clean_kafka)
    feed = Feed(consumer, partial(ask_leader, clean_kafka))
    consumer.subscribe([LOGINS.topic], listener=feed)
    await consumer.start()
    try:
        async with open_admin(clean_kafka) as admin:
            await admin.create_partitions({LOGINS.topic: NewPartitions(total_count=PARTITIONS + 1)})
        await asyncio.wait_for(_fetch_until_assigned(feed, PARTITIONS + 1), SECONDS_MAX)
    finally:
        await consumer.stop()


async def _fetch_until_assigned(feed: Feed, partitions: int) -> None:
    """Fetch, from the beginning of what is assigned, until so many partitions are."""
    while len(feed.sources) < partitions or not feed.current:
        if not feed.current:
            feed.begin(feed.assignment, {source: Start(0, None, stopped=False) for source in feed.sources})
        with suppress(NoOffsetForPartitionError):
            await feed.fetch()


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    """One takes the lock, the others wait for it and find the work done."""
    await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT count(*) FROM ledger_epoch") == 1
    await connection.close()


async def test_the_broker_writes_the_time_of_input_records(system: System) -> None:
    """Whether an event is in the future is judged by it."""
    await asyncio.to_thread(system.start, "consume")
    await system.publish(make_record(kind) for kind in KINDS)
    stamps = await system.timestamp_types([topic.name for topic in INPUTS])
    assert stamps == {topic.name: {1} for topic in INPUTS}  # 1 is LogAppendTime
