"""Each harm does what it says: a fault that harms nobody would make every fault run a success."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from tests.containers.waiting import await_condition
from tests.faults.cluster import Cluster
from tests.faults.database import COMMIT, Database
from tests.faults.lookup import find_leader
from tests.faults.proxy import Proxies

pytestmark = pytest.mark.slow

TOPIC = "grounds.v1"
RECORDS = [f"record {number}".encode() for number in range(100)]
# 30 s: what is awaited comes within milliseconds, or a new leader within five seconds.
SECONDS_MAX = 30.0


async def test_a_committed_transaction_looks_lost(database: Database) -> None:
    """The worker that gets no answer to its COMMIT must be able to find that it had been done."""
    connection = await asyncpg.connect(database.worker_url)
    await connection.execute("CREATE TABLE answer (number int)")
    database.proxy.lose_answer_to(COMMIT)
    with pytest.raises((OSError, asyncpg.PostgresConnectionError)):
        await insert_in_transaction(connection)
    assert database.proxy.lost == 1
    assert await fetch(database.url, "SELECT number FROM answer") == 1


async def test_a_full_disk_refuses_rows_until_it_is_freed(database: Database) -> None:
    """Disk full must reach the worker as PostgreSQL's own error, and be over when there is space again."""
    await fetch(database.url, "CREATE TABLE heap (filler text)")
    database.fill_disk()
    with pytest.raises(asyncpg.DiskFullError):
        await fetch(database.url, f"INSERT INTO heap {BULK}")
    database.free_disk()
    await fetch(database.url, f"INSERT INTO heap {BULK}")
    assert await fetch(database.url, "SELECT count(*) FROM heap") == 1_000


async def test_taken_connections_are_missing_to_others(database: Database) -> None:
    """Everyone must lose the connection they have, and get no other until the crowd leaves."""
    before = await asyncpg.connect(database.worker_url)
    await asyncio.to_thread(database.take_connections)
    await until(before.is_closed)
    with pytest.raises(asyncpg.TooManyConnectionsError):
        await asyncpg.connect(database.worker_url)
    await asyncio.to_thread(database.give_connections_back)
    await until(lambda: asyncio.run(can_connect(database.worker_url)))


async def test_a_killed_database_keeps_rows_on_its_disk(database: Database) -> None:
    """The disk is in memory: it must outlive the server all the same."""
    await fetch(database.url, "CREATE TABLE kept AS SELECT 1 AS number")
    database.sigkill()
    database.restart()
    assert await fetch(database.worker_url, "SELECT number FROM kept") == 1


async def test_a_database_that_is_rolled_back_is_what_it_was(database: Database) -> None:
    """Rows from before the copy are there, those from after it are not."""
    await fetch(database.url, "CREATE TABLE old AS SELECT 1 AS number")
    database.back_up()
    await fetch(database.worker_url, "INSERT INTO old VALUES (2)")
    database.roll_back()
    assert await fetch(database.worker_url, "SELECT sum(number) FROM old") == 1


async def test_a_deadlock_is_found_soon(database: Database) -> None:
    """A fault holds for seconds: a deadlock must be found within them."""
    assert await fetch(database.url, "SHOW deadlock_timeout") == "100ms"


async def test_an_isolated_leader_loses_leadership_but_not_its_clients(cluster: Cluster) -> None:
    """The worst of cuts: the old leader still answers, and still believes that it leads."""
    leader = cluster.leader_of(TOPIC, 0)
    await asyncio.to_thread(leader.isolate)
    await until(lambda: cluster.leader_of(TOPIC, 0) is not leader)
    assert await find_leader(leader.bootstrap, TOPIC, 0) == leader.number
    assert await find_leader(leader.worker_address, TOPIC, 0) == leader.number
    await asyncio.to_thread(cluster.recover)
    assert cluster.leader_of(TOPIC, 0) is not leader
    assert await find_leader(leader.bootstrap, TOPIC, 0) != leader.number


async def test_a_killed_leader_takes_no_acknowledged_record_with_it(cluster: Cluster) -> None:
    """Records acknowledged by the in-sync replicas must be there without the leader, and with it again."""
    before = await ends(cluster.publisher_bootstrap)
    await send(cluster.publisher_bootstrap)
    leader = cluster.leader_of(TOPIC, 0)
    leader.sigkill()
    await until(lambda: cluster.leader_of(TOPIC, 0) is not leader)
    assert await ends(cluster.publisher_bootstrap) == before + len(RECORDS)
    await asyncio.to_thread(cluster.recover)
    assert await ends(cluster.publisher_bootstrap) == before + len(RECORDS)


async def test_a_killed_coordinator_is_replaced(cluster: Cluster) -> None:
    """A fault that is meant for the coordinator must find it, and its successor."""
    coordinator = cluster.coordinator_of("grounds")
    await asyncio.to_thread(coordinator.sigkill)
    await until(lambda: cluster.coordinator_of("grounds") is not coordinator)
    await asyncio.to_thread(cluster.recover)


async def test_a_frozen_broker_loses_leadership(cluster: Cluster) -> None:
    """A frozen broker is a zombie: its peers must go on without it."""
    leader = cluster.leader_of(TOPIC, 0)
    leader.freeze()
    await until(lambda: cluster.leader_of(TOPIC, 0) is not leader)
    leader.thaw()
    await asyncio.to_thread(cluster.recover)


async def test_workers_are_cut_off_while_publishers_are_not(cluster: Cluster) -> None:
    """A worker's own network may fail while everyone else's works."""
    for broker in cluster.brokers:
        broker.cut_workers()
    with pytest.raises((KafkaError, TimeoutError)):
        await find_leader(cluster.brokers[0].worker_address, TOPIC, 0)
    await send(cluster.publisher_bootstrap)
    for broker in cluster.brokers:
        broker.mend_workers()
    await send(cluster.worker_bootstrap)


BULK = "SELECT repeat(md5(number::text), 200) FROM generate_series(1, 1000) number"


@pytest.fixture(scope="module")
def proxies() -> Iterator[Proxies]:
    """Give the module's proxies."""
    with Proxies() as proxies:
        yield proxies


@pytest.fixture(scope="module")
def servers(docker_engine: Any, proxies: Proxies) -> Iterator[tuple[Cluster, Database]]:
    """Give three brokers and a database for all tests of the module, for they are slow to start."""
    del docker_engine  # needed, not used: it sets the sweeping up
    with Cluster(3, proxies) as cluster, Database(proxies) as database:
        asyncio.run(create_topic(cluster))
        yield cluster, database


@pytest.fixture
def cluster(servers: tuple[Cluster, Database]) -> Cluster:
    """Give a cluster whose brokers are all well."""
    servers[0].recover()
    return servers[0]


@pytest.fixture
def database(servers: tuple[Cluster, Database]) -> Database:
    """Give a database that is well."""
    servers[1].recover()
    return servers[1]


async def until(holds: Callable[[], bool]) -> None:
    """Wait, without holding this loop up, until something blocking says yes."""
    await asyncio.to_thread(await_condition, holds, "the harm shows", SECONDS_MAX)


async def can_connect(url: str) -> bool:
    """Tell whether the database takes one more connection."""
    try:
        await (await asyncpg.connect(url)).close()
    except asyncpg.TooManyConnectionsError:
        return False
    return True


async def insert_in_transaction(connection: Any) -> None:
    """Insert a row in a transaction of its own."""
    async with connection.transaction():
        await connection.execute("INSERT INTO answer VALUES (1)")


async def fetch(url: str, statement: str) -> Any:
    """Run a statement on a connection of its own and return its one value."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def create_topic(cluster: Cluster) -> None:
    """Create a topic with a copy on every broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.publisher_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 1, cluster.replication_factor)])
    await admin.close()


async def send(bootstrap: str) -> None:
    """Send all records, each acknowledged by the in-sync replicas."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        for sent in [await producer.send(TOPIC, record) for record in RECORDS]:
            await sent


async def ends(bootstrap: str) -> int:
    """Return how many records the topic has."""
    partition = TopicPartition(TOPIC, 0)
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        return int((await consumer.end_offsets([partition]))[partition])
