"""Faults in what comes and how it is recorded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import RecordsToDelete

from brokers.clients import open_admin
from models.catalogue import EXPIRIES, IDENTITY_RECORDS, LOCKS, LOGINS
from models.topics import CONSUMER_GROUP, INPUTS
from tests.alerts.stage import Stage
from tests.containers.topics import set_input
from tests.integration.events import make_event, make_record, to_record
from tests.integration.gaps import accept_gap, await_stopped
from upstream.publishing.outgoing import Outgoing

SUBJECT: Final = "5d" * 32  # of records that must lie in one source partition
# More than the 100 an hour from which silence is one.
_USUAL_RECORDS: Final = 150
_SLOW: Final = """
CREATE OR REPLACE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$"""
_SLOW_TRIGGER: Final = """
CREATE TRIGGER be_slow AFTER UPDATE ON progress FOR EACH STATEMENT EXECUTE FUNCTION be_slow()"""
_FAST: Final = "DROP FUNCTION be_slow CASCADE"
_DAY: Final = str(24 * 3600 * 1000)  # in milliseconds


@asynccontextmanager
async def silence(stage: Stage) -> AsyncIterator[None]:
    """Let an upstream system, the only one of its topic, send nothing any more."""
    await stage.publish([make_record(LOCKS) for _ in range(_USUAL_RECORDS)])
    yield
    await stage.publish([make_record(LOCKS)])


@asynccontextmanager
async def garbage(stage: Stage) -> AsyncIterator[None]:
    """Publish what is no event."""
    async with stage.streaming(lambda: Outgoing(LOGINS.topic, b"k", b"garbage"), 20):
        yield


@asynccontextmanager
async def repetition(stage: Stage) -> AsyncIterator[None]:
    """Publish one event again and again."""
    record = make_record(EXPIRIES)
    async with stage.streaming(lambda: record, 50):
        yield


@asynccontextmanager
async def contradiction(stage: Stage) -> AsyncIterator[None]:
    """Publish a fact, and then something else under its key."""
    event = make_event(LOGINS)
    await stage.publish([to_record(LOGINS, event), to_record(LOGINS, event | {"time": "2024-06-05T10:00:00+07:00"})])
    yield


@asynccontextmanager
async def slow_database(stage: Stage) -> AsyncIterator[None]:
    """Let Postgres take 2 s for a batch while 10,000 records come a second, and then 9 s."""
    record = make_record(IDENTITY_RECORDS, subject=SUBJECT)
    await _slow_down(stage, 1)
    async with stage.streaming(lambda: record, 10_000):
        await asyncio.sleep(15)  # 150,000 records: fifteen batches
    await stage.system.fetch(_SLOW.format(seconds=4.5))
    yield
    await stage.system.fetch(_FAST)


@asynccontextmanager
async def standstill(stage: Stage) -> AsyncIterator[None]:
    """Let Postgres take 18 s for a batch, within the time that each of its statements may take."""
    await _slow_down(stage, 9)
    async with stage.streaming(lambda: make_record(LOGINS), 10):
        yield
    await stage.system.fetch(_FAST)


@asynccontextmanager
async def locked_progress(stage: Stage) -> AsyncIterator[None]:
    """Hold a lock that every batch needs."""
    connection = await asyncpg.connect(stage.system.database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE progress IN ACCESS EXCLUSIVE MODE")
    async with stage.streaming(lambda: make_record(LOGINS), 10):
        yield
    await transaction.rollback()
    await connection.close()


async def _slow_down(stage: Stage, seconds: float) -> None:
    """Let each of the two statements that move `progress` in a batch take so long; 10 s at most are allowed to one."""
    await stage.system.fetch(_SLOW.format(seconds=seconds))
    await stage.system.fetch(_SLOW_TRIGGER)


@asynccontextmanager
async def deleted_records(stage: Stage) -> AsyncIterator[None]:
    """Delete records that are not recorded yet."""
    await stage.publish([make_record(LOGINS, subject=SUBJECT)])
    query = "SELECT kafka_partition, next_offset FROM progress WHERE topic = $1 AND newest_at IS NOT NULL"
    partition, offset = (await stage.system.fetch(f"{query} ORDER BY newest_at DESC LIMIT 1", LOGINS.topic))[0]
    source = TopicPartition(LOGINS.topic, partition)
    stage.end("consumer")
    await stage.system.publish([make_record(LOGINS, subject=SUBJECT) for _ in range(10)])
    async with open_admin(stage.kafka.bootstrap) as admin:
        await admin.delete_records({source: RecordsToDelete(before_offset=offset + 5)})
    stage.start("consumer")
    yield
    await accept_gap(stage.system, source, "--why", "deleted by the test of alerts")
    await await_stopped(stage.running["consumer"], source, 0)


@asynccontextmanager
async def short_retention(stage: Stage) -> AsyncIterator[None]:
    """Let a topic keep a day, less than the oldest backup; the consumer sees that at its start, and once a minute."""
    await set_input(stage.kafka.bootstrap, LOGINS.topic, {"retention.ms": _DAY})
    stage.restart("consumer")
    yield
    await set_input(stage.kafka.bootstrap, LOGINS.topic)
    stage.restart("consumer")


@asynccontextmanager
async def changed_topic(stage: Stage) -> AsyncIterator[None]:
    """Let senders write the time of their records; the consumer sees that four times a minute."""
    await set_input(stage.kafka.bootstrap, LOGINS.topic, {"message.timestamp.type": "CreateTime"})
    yield
    await set_input(stage.kafka.bootstrap, LOGINS.topic)


@asynccontextmanager
async def stranger_in_group(stage: Stage) -> AsyncIterator[None]:
    """Let a client that is not ours join the group of the consumers; it is given half of the partitions."""
    names = [topic.name for topic in INPUTS]
    stranger = AIOKafkaConsumer(*names, bootstrap_servers=stage.system.bootstrap, group_id=CONSUMER_GROUP)
    await stranger.start()
    yield
    await stranger.stop()
