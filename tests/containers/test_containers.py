"""The containers under the integration tests keep what they are given and leave nothing behind."""

import asyncio
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.containers.cleaner import clean, groups, topics
from tests.containers.engine import ROOT
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import IMAGE, PostgresServer
from tests.containers.sweeper import SWEEP_SECONDS_MAX, leftovers, sweep
from tests.containers.waiting import await_condition

TOPIC = "containers.v1"
# 30 s: they come within a second; a lost record would never come.
RECEIVE_SECONDS_MAX = 30
LABEL = "org.onboarding.sweep"
RECORDS = [f"record {number}".encode() for number in range(500)]


async def test_a_killed_broker_keeps_records_and_offsets(clean_kafka: str, kafka_broker: KafkaBroker) -> None:
    """Fault tests kill the broker: what it had acknowledged, and the group's position, must outlive that."""
    await send(clean_kafka, RECORDS)
    assert await receive(clean_kafka, 200) == RECORDS[:200]
    kafka_broker.sigkill()
    kafka_broker.restart()
    assert kafka_broker.bootstrap == clean_kafka
    assert await receive(clean_kafka, 300) == RECORDS[200:]


async def test_a_frozen_broker_goes_on_where_it_was(clean_kafka: str, kafka_broker: KafkaBroker) -> None:
    """Fault tests freeze the broker: it must lose nothing."""
    await send(clean_kafka, RECORDS)
    kafka_broker.freeze()
    kafka_broker.reload()
    assert kafka_broker.status == "paused"
    kafka_broker.thaw()
    assert await receive(clean_kafka, 500) == RECORDS


def test_a_broker_left_frozen_or_dead_is_brought_back(kafka_broker: KafkaBroker) -> None:
    """A failed fault test must not fail the tests after it."""
    for harm in (kafka_broker.freeze, kafka_broker.sigkill):
        harm()
        kafka_broker.recover().reload()
        assert kafka_broker.status == "running"


async def test_cleaning_a_broker_takes_topics_and_groups(clean_kafka: str) -> None:
    """Topics have fixed names: a test must not find the records or the position of the one before."""
    await send(clean_kafka, RECORDS)
    await receive(clean_kafka, 500)
    assert await census(clean_kafka) == ([TOPIC], ["containers"])
    await clean(clean_kafka)
    assert await census(clean_kafka) == ([], [])


async def test_a_killed_database_keeps_rows(database_url: str, postgres_server: PostgresServer) -> None:
    """Fault tests kill the database: what was committed must outlive that, at the same address."""
    await run(database_url, "CREATE TABLE fact AS SELECT generate_series(1, 1000) AS number")
    postgres_server.sigkill()
    postgres_server.restart()
    assert await run(database_url, "SELECT sum(number) FROM fact") == 500_500


@pytest.mark.parametrize("test", ["first", "second"])
async def test_each_test_has_its_own_database(database_url: str, test: str) -> None:
    """Tests share one server: the second would find the first one's table if they shared the database too."""
    await run(database_url, f"CREATE TABLE only_once AS SELECT '{test}' AS test")
    assert await run(database_url, "SELECT test FROM only_once") == test


def test_a_sweep_removes_everything(docker_engine: Any, labelled: str) -> None:
    """A session must leave no container, network or volume on a developer's machine."""
    assert len(leftovers(docker_engine, labelled)) == 3
    sweep(docker_engine, labelled)
    assert leftovers(docker_engine, labelled) == []


def test_the_watcher_sweeps_after_a_kill(docker_engine: Any, labelled: str) -> None:
    """A killed pytest runs no fixture's end, so another process must do the sweep."""
    program = f"from tests.containers.sweeper import Watcher as W; w = W({labelled!r}); print(flush=True); input()"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as session:
        assert session.stdout
        session.stdout.readline()
        session.send_signal(signal.SIGKILL)
    await_condition(lambda: not leftovers(docker_engine, labelled), "the sweep", SWEEP_SECONDS_MAX)


@pytest.fixture
def labelled(docker_engine: Any) -> Iterator[str]:
    """Give a label that a running container, a network and a volume carry."""
    name = f"onboarding-sweep-{uuid.uuid4().hex}"
    try:
        make_things(docker_engine, name)
        yield f"{LABEL}={name}"
    finally:
        sweep(docker_engine, f"{LABEL}={name}")


def make_things(docker_engine: Any, name: str) -> None:
    """Make a network, a volume and a container that runs on both, all called and labelled `name`."""
    common = {"name": name, "labels": {LABEL: name}}
    docker_engine.networks.create(**common, internal=True)
    docker_engine.volumes.create(**common)
    docker_engine.containers.run(
        IMAGE, ["sleep", "infinity"], **common, network=name, volumes=[f"{name}:/kept"], detach=True
    )


async def send(bootstrap: str, values: list[bytes]) -> None:
    """Create the topic with one partition and send the values, each acknowledged."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        for sent in [await producer.send(TOPIC, value) for value in values]:
            await sent


async def receive(bootstrap: str, count: int) -> list[bytes]:
    """Read the next `count` values of the group, and commit its position behind them."""
    options = {"group_id": "containers", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap, **options) as consumer:
        async with asyncio.timeout(RECEIVE_SECONDS_MAX):
            records = [await consumer.getone() for _ in range(count)]
        await consumer.commit({TopicPartition(TOPIC, 0): records[-1].offset + 1})
    return [record.value for record in records]


async def census(bootstrap: str) -> tuple[list[str], list[str]]:
    """Return the broker's topics and groups."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    found = await topics(admin), await groups(admin)
    await admin.close()
    return found


async def run(url: str, statement: str) -> Any:
    """Run a statement on a new connection and return its one value."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
