"""The shape of a topic is watched: what loses records stops, what is wrong is told, and what is unusual still works."""

import asyncio
import time

import pytest
from aiokafka import AIOKafkaProducer

from brokers.answers import answers
from brokers.clients import read_ends
from brokers.topic_creation import create_topics
from models.catalogue import KIND_BY_TOPIC, LOCKS, LOGINS
from models.gap_kinds import Break
from models.topics import CONSUMER_GROUP, INPUTS, TOPICS, Topic
from tests.containers.topics import set_input
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.system import Process, System, wait_for_total, wait_until

_STOPPED = "SELECT DISTINCT kind FROM gap WHERE topic = $1 AND accepted_at IS NULL"


async def _keep_busy(system: System, until: asyncio.Event) -> None:
    """Publish logins to every partition, some hundred a second, until told to stop."""
    while not until.is_set():
        await system.publish(make_record(LOGINS) for _ in range(32))
        await asyncio.sleep(0.05)


def _wrong(consumer: Process, topic: str, setting: str) -> float | None:
    return consumer.value("onboarding_topic_setting_wrong", topic=topic, setting=setting)


async def test_a_topic_that_is_compacted_stops_and_goes_on_by_a_persons_word(system: System) -> None:
    """Kafka removes records there that nobody may have recorded; the other topics count on.

    It is stopped at once and where recording stands, however busy it is.
    """
    consumer, worker = system.start("consume"), system.start("total")
    rest = asyncio.Event()
    busy = asyncio.create_task(_keep_busy(system, rest))
    await set_input(system.bootstrap, LOGINS.topic, {"cleanup.policy": "compact"})
    await asyncio.to_thread(wait_until, lambda: _wrong(consumer, LOGINS.topic, "cleanup.policy") == 1, "it is told")
    await system.await_rows(f"SELECT FROM gap WHERE topic = '{LOGINS.topic}' AND accepted_at IS NULL", 8)
    assert [row[0] for row in await system.fetch(_STOPPED, LOGINS.topic)] == [Break.COMPACTED]
    rest.set()
    await busy
    await system.publish([*(make_record(LOGINS) for _ in range(20)), *(make_record(LOCKS) for _ in range(5))])
    await wait_for_total(worker, LOCKS, 5)
    stopped = await asyncio.to_thread((system.folder / f"consume-{consumer.port}.log").read_text)
    assert stopped.count("is stopped at offset") == 8
    assert "compacted" in onboarding(system, "gaps").stdout
    await set_input(system.bootstrap, LOGINS.topic)
    wait_until(lambda: _wrong(consumer, LOGINS.topic, "cleanup.policy") is None, "it is right again")
    for partition in range(8):
        done = onboarding(system, "accept-gap", LOGINS.topic, str(partition), "--why", "the policy is right again")
        assert done.returncode == 0, done.stderr
    sent = sum((await read_ends(system.bootstrap, [LOGINS.topic])).values())
    assert sent > 20
    await wait_for_total(worker, LOGINS, sent)


async def test_topics_of_one_partition_count_and_are_told(clean_kafka: str, system: System) -> None:
    """Somebody has created them before us; whether Kafka answers is asked of the partitions that exist."""
    small = [Topic(topic.name, 1, topic.config) for topic in TOPICS]
    await create_topics(clean_kafka, small, 1)
    consumer, worker = system.start("consume"), system.start("total")
    await system.publish(make_record(LOGINS) for _ in range(10))
    await wait_for_total(worker, LOGINS, 10)
    wait_until(lambda: _wrong(consumer, LOGINS.topic, "partitions") == 1, "it is told")
    assert await answers(clean_kafka, CONSUMER_GROUP, INPUTS)


@pytest.mark.parametrize("factor", [1_000], ids=["microseconds for milliseconds"])
async def test_a_record_appended_at_a_nonsense_time_blinds_nobody(system: System, factor: int) -> None:
    """On a topic whose senders write the time: freshness goes on with the next record; what was stored is mended."""
    consumer, worker = system.start("consume"), system.start("total")
    wrong = {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": str(2**62)}
    await set_input(system.bootstrap, LOGINS.topic, wrong)
    first, second = (make_record(LOGINS, subject="5d" * 32) for _ in range(2))
    now = round(time.time() * 1_000)
    async with AIOKafkaProducer(bootstrap_servers=system.bootstrap) as producer:
        await producer.send_and_wait(first.topic, key=first.key, value=first.value, timestamp_ms=now * factor)
        await producer.send_and_wait(second.topic, key=second.key, value=second.value, timestamp_ms=now)
    await wait_for_total(worker, LOGINS, 2)
    newest = f"onboarding_{LOGINS.name}_newest_timestamp_seconds"
    wait_until(lambda: worker.value(newest) == now / 1_000, "the total is as new as the second record")
    await system.fetch("UPDATE progress SET newest_at = '9000-01-01' WHERE newest_at IS NOT NULL")
    consumer.end()
    system.start("consume")
    assert not await system.fetch("SELECT FROM progress WHERE newest_at > now() + interval '1 hour'")
    assert KIND_BY_TOPIC[LOGINS.topic] is LOGINS
