"""What a consumer does while servers are away, locked or have lost records: it waits, shows it, and goes on."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from models.catalogue import LOGINS
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer
from tests.integration.events import make_record
from tests.integration.raw_records import send_nothing
from tests.integration.system import Process, System, wait_for_total, wait_until


async def _await_status(process: Process, page: str, status: int) -> None:
    """Wait until a page of a process has a status."""
    await asyncio.to_thread(wait_until, lambda: process.read(page)[0] == status, f"{page} answers {status}")


@contextmanager
def _frozen(server: KafkaBroker | PostgresServer) -> Iterator[None]:
    """Freeze a server while the block runs."""
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


async def test_recording_waits_for_postgres_and_goes_on(system: System, postgres_server: PostgresServer) -> None:
    """While Postgres is frozen the consumer is alive but not ready; afterwards nothing is lost."""
    consumer = system.start("consume")
    await system.publish([make_record(LOGINS)])
    await system.await_consumed(1)
    with _frozen(postgres_server):
        await system.publish([make_record(LOGINS) for _ in range(10)])
        await _await_status(consumer, "readyz", 503)
        assert consumer.read("healthz")[0] == 200
    await system.await_consumed(11)
    await _await_status(consumer, "readyz", 200)


async def test_recording_waits_for_kafka_and_goes_on(system: System, kafka_broker: KafkaBroker) -> None:
    """While the broker is frozen the consumer is alive but not ready; afterwards it records on."""
    consumer = system.start("consume")
    with _frozen(kafka_broker):
        await _await_status(consumer, "readyz", 503)
        assert consumer.read("healthz")[0] == 200
        assert "Kafka" in consumer.read("readyz")[1]
    await _await_status(consumer, "readyz", 200)
    await system.publish([make_record(LOGINS) for _ in range(10)])
    await system.await_consumed(10)


async def test_a_consumer_obeys_sigterm_while_kafka_is_away(system: System, kafka_broker: KafkaBroker) -> None:
    """Its supervisor does not have to kill it."""
    consumer = system.start("consume")
    with _frozen(kafka_broker):
        await _await_status(consumer, "readyz", 503)
        assert consumer.end(signal.SIGTERM) == 0


async def test_a_lock_held_by_somebody_else_is_waited_for_and_shown(system: System) -> None:
    """A person's transaction on the table of progress stops recording, not the process, and the page says so."""
    consumer = system.start("consume")
    connection = await asyncpg.connect(system.database_url)
    async with connection.transaction():
        await connection.execute("LOCK TABLE progress IN EXCLUSIVE MODE")
        await system.publish([make_record(LOGINS)])
        await _await_status(consumer, "readyz", 503)
        assert "a lock in Postgres" in consumer.read("readyz")[1]
        assert consumer.read("healthz")[0] == 200
    await connection.close()
    await system.await_consumed(1)


async def test_a_frozen_owner_inside_its_transaction_is_ended_by_the_next_owner(system: System) -> None:
    """Its row lock would outlast every time-out of Postgres: here, a session that owns all and keeps its lock."""
    system.start("consume").end()
    frozen = await asyncpg.connect(system.database_url)
    transaction = frozen.transaction()
    await transaction.start()
    await frozen.execute(
        "UPDATE progress SET owner_pid = pg_backend_pid(), owner_started_at = "
        "(SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())"
    )
    await transaction.commit()
    await frozen.execute("BEGIN")
    await frozen.execute("UPDATE progress SET next_offset = next_offset")
    await system.publish([make_record(LOGINS)])
    system.start("consume")
    await system.await_consumed(1)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await frozen.fetch("SELECT 1")
    frozen.terminate()


async def test_markers_and_aborted_records_of_transactions_leave_no_lag(system: System) -> None:
    """An upstream system may publish in transactions: what it aborts is never counted, and the lag goes to zero."""
    consumer, worker = system.start("consume"), system.start("total")
    producer = AIOKafkaProducer(bootstrap_servers=system.bootstrap, transactional_id="an-upstream-system")
    await producer.start()
    try:
        for ending in (producer.commit_transaction, producer.abort_transaction, producer.commit_transaction):
            await producer.begin_transaction()
            for record in [make_record(LOGINS) for _ in range(10)]:
                await producer.send_and_wait(record.topic, key=record.key, value=record.value)
            await ending()
    finally:
        await producer.stop()
    await system.await_consumed(20)
    await wait_for_total(worker, LOGINS, 20)
    await asyncio.to_thread(wait_until, lambda: _lag(consumer) == 0, "the lag is zero")


def _lag(consumer: Process) -> float:
    """Return the lag of all partitions."""
    return sum(consumer.scrape("onboarding_lag_records").values())


async def test_a_refused_record_without_key_and_value_holds_up_nothing(system: System) -> None:
    """No Kafka client publishes such a record; it and the one behind it reach the refused topic."""
    consumer = system.start("consume")
    await send_nothing(system.bootstrap, LOGINS.topic)
    await system.publish([make_record(LOGINS, specversion="2.0")])
    await system.await_consumed(2)
    deadline = time.monotonic() + 30
    while (await system.fetch("SELECT count(*) FROM refused WHERE published_at IS NULL"))[0][0]:
        assert time.monotonic() < deadline, "refused records stay unpublished"
        await asyncio.sleep(0.1)
    assert consumer.read("readyz")[0] == 200
