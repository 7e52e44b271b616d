"""Never a silent gap: a log that does not go on from where recording stands stops its partition."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from brokers.topic_creation import create_topics
from models.catalogue import ACCOUNTS, LOGINS
from models.topics import INPUTS, TOPICS
from tests.integration.events import make_record
from tests.integration.gaps import accept_gap, await_stopped, find_place
from tests.integration.system import Process, System, wait_for_total, wait_until
from upstream.publishing.outgoing import Outgoing

SUBJECT = "5d" * 32  # of every login here: all of them are in one source partition


def _logins(number: int) -> list[Outgoing]:
    """Return records of new logins of one citizen."""
    return [make_record(LOGINS, subject=SUBJECT) for _ in range(number)]


@asynccontextmanager
async def _admin(system: System) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=system.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _recreate_topic(system: System) -> None:
    """Delete the topic of the logins and make another of the same name."""
    async with _admin(system) as admin:
        await admin.delete_topics([LOGINS.topic])
        while LOGINS.topic in await admin.list_topics():  # noqa: ASYNC110 - Kafka tells nobody when it is gone
            await asyncio.sleep(0.05)
    await create_topics(system.bootstrap, TOPICS, 1)


async def _next_offset(system: System, source: TopicPartition) -> tuple[int, int]:
    rows = await system.fetch(
        "SELECT next_offset, incarnation FROM progress WHERE topic = $1 AND kafka_partition = $2", *source
    )
    return rows[0][0], rows[0][1]


async def test_records_that_retention_took_stop_their_partition_until_the_gap_is_accepted(system: System) -> None:
    """The others, and the process, go on; after the audited word the partition does, from the log's first record."""
    consumer = system.start("consume")
    await system.publish(_logins(1))
    await system.await_consumed(1)
    source = await find_place(system, LOGINS)
    assert consumer.end() == 0
    await system.publish([Outgoing(LOGINS.topic, SUBJECT.encode(), b"never read")] * 4 + _logins(3))
    async with _admin(system) as admin:
        await admin.delete_records({source: RecordsToDelete(before_offset=5)})

    consumer, worker = system.start("consume"), system.start("total")
    await await_stopped(consumer, source, 1)
    await system.publish([make_record(ACCOUNTS) for _ in range(20)])
    await system.await_consumed(21)
    assert await _next_offset(system, source) == (1, 0)
    (gap,) = await system.fetch("SELECT kind, next_offset, log_start, log_end FROM gap")
    assert tuple(gap) == ("begins_after", 1, 5, 8)

    answer = await accept_gap(system, source, "--why", "a test deleted them", "--by", "the test")
    assert (answer.exit_code, answer.output) == (
        0,
        f"{source.topic}/{source.partition} goes on at offset 5, within 5 seconds; offsets 1 to 4 are left out\n",
    )
    await system.await_consumed(24)
    await await_stopped(consumer, source, 0)
    await wait_for_total(worker, LOGINS, 4)
    (gap,) = await system.fetch("SELECT accepted_by, why, resumed_offset, accepted_at IS NOT NULL FROM gap")
    assert tuple(gap) == ("the test", "a test deleted them", 5, True)


async def test_a_stopped_partition_stays_stopped_for_every_next_owner(system: System) -> None:
    """What Postgres knows to be broken is not fetched, by whomever, and shown from the first moment."""
    system.start("consume").end()
    await system.fetch(
        "INSERT INTO gap (topic, kafka_partition, kind, next_offset, log_start, log_end) "
        "SELECT topic, kafka_partition, 'ends_before', 9, 0, 0 FROM progress WHERE topic = $1",
        LOGINS.topic,
    )
    await system.publish([*_logins(3), make_record(ACCOUNTS)])
    consumer = system.start("consume")
    await system.await_consumed(1)
    for partition in range(8):
        await await_stopped(consumer, TopicPartition(LOGINS.topic, partition), 1)


@pytest.mark.parametrize("records", [2, 20], ids=["shorter", "longer"])
async def test_another_topic_of_the_same_name_is_recognised(system: System, records: int) -> None:
    """Shorter or longer than what was recorded of its predecessor; then counted whole, nothing twice."""
    consumer, worker = system.start("consume"), system.start("total")
    first = _logins(10)
    await system.publish(first)
    await system.await_consumed(10)
    source = await find_place(system, LOGINS)
    assert consumer.end() == 0
    await _recreate_topic(system)
    await system.publish(first[:1] + _logins(records - 1))

    consumer = system.start("consume")
    await await_stopped(consumer, source, 1)
    assert await _next_offset(system, source) == (10, 0)
    kinds = await system.fetch("SELECT kind FROM gap")
    assert [row[0] for row in kinds] == ["ends_before" if records == 2 else "other_record"]
    assert (await accept_gap(system, source, "--why", "made anew")).exit_code == 0
    await system.await_consumed(10 + records)
    assert await _next_offset(system, source) == (records, 1)
    await wait_for_total(worker, LOGINS, 10 + records - 1)


async def test_a_topic_made_anew_while_consumers_run_is_recognised(system: System) -> None:
    """The partition stops by itself; nobody has to restart anything.

    It is seen while it is shorter than the old one: records that came in between two fetches would hide it.
    """
    consumer = system.start("consume")
    await system.publish(_logins(10))
    await system.await_consumed(10)
    source = await find_place(system, LOGINS)
    await _recreate_topic(system)
    await await_stopped(consumer, source, 1)
    await system.publish(_logins(15))
    assert await _next_offset(system, source) == (10, 0)


async def test_a_log_that_is_whole_goes_on_over_markers_and_restarts(system: System) -> None:
    """Its last record is read again at every start, and neither counted again nor taken for a gap."""
    for expected in (5, 10, 15):
        consumer = system.start("consume")
        await system.publish(_logins(5))
        await system.await_consumed(expected)
        assert consumer.end() == 0
    assert await system.fetch("SELECT * FROM gap") == []
    assert (await system.fetch("SELECT sum(retries) FROM progress"))[0][0] == 0


async def test_a_gap_that_is_not_there_cannot_be_accepted(system: System) -> None:
    """Nor one at an offset that the log does not hold: one line says what is."""
    system.start("consume").end()
    answer = await accept_gap(system, TopicPartition(LOGINS.topic, 0), "--why", "by mistake")
    assert answer.exit_code == 2
    assert "has no open gap" in answer.output
    answer = await accept_gap(system, TopicPartition(LOGINS.topic, 0), "--why", "by mistake", "--offset", "7")
    assert answer.exit_code == 2
    assert "holds 0 to 0, not 7" in answer.output


async def test_how_far_back_kafka_reaches_is_shown(system: System) -> None:
    """Retention as set, and where a log begins that has lost its beginning: what a restore will need."""
    await create_topics(system.bootstrap, TOPICS, 1)
    await system.publish([make_record(LOGINS, subject=SUBJECT) for _ in range(3)])
    async with _admin(system) as admin:
        await admin.delete_records(
            {TopicPartition(LOGINS.topic, n): RecordsToDelete(before_offset=-1) for n in range(8)}
        )
    await system.publish(_logins(1))
    consumer = system.start("consume")
    await asyncio.to_thread(wait_until, lambda: _begins(consumer) != [], "the beginning is shown")
    assert len(_begins(consumer)) == 1
    assert 0 <= time.time() - _begins(consumer)[0] < 600
    for topic in INPUTS:
        assert consumer.value("onboarding_topic_retention_seconds", topic=topic.name) == 30 * 24 * 3600
    assert consumer.value("onboarding_backup_age_max_seconds") == 14 * 24 * 3600


def _begins(consumer: Process) -> list[float]:
    """Return since when the logs hold records that have lost their beginning."""
    return [*consumer.scrape("onboarding_log_begins_timestamp_seconds").values()]
