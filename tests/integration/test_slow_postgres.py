"""A Postgres in which a batch takes longer than it may: batches shrink until they are committed, and it is told."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from auditor import jobs
from auditor.jobs import Job, Jobs
from ledger.connection import connect
from models.catalogue import LOGINS
from operations.snapshot import open_snapshot
from runtime.health import Health
from tests.faults.proxy import Proxies, Proxy
from tests.integration.events import make_record
from tests.integration.system import System, wait_for_total, wait_until

_SLOW = """
CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.008); RETURN NEW; END $$"""
_TRIGGER = "CREATE TRIGGER be_slow BEFORE INSERT ON portal_logged_in FOR EACH ROW EXECUTE FUNCTION be_slow()"


async def test_a_batch_that_takes_too_long_is_recorded_in_smaller_ones(system: System) -> None:
    """2,000 records of 8 ms, 16 s, where a statement may take 10: the same batch is not tried for ever."""
    consumer, worker = system.start("consume"), system.start("total")
    for statement in (_SLOW, _TRIGGER):
        await system.fetch(statement)
    consumer.popen.send_signal(signal.SIGSTOP)  # so that they come together
    await system.publish(make_record(LOGINS, subject="5d" * 32) for _ in range(2_000))
    consumer.popen.send_signal(signal.SIGCONT)
    wait_until(lambda: "records was late" in consumer.read("readyz")[1], "it says what it waits for")
    assert consumer.value("onboarding_dependency_up", dependency="postgres") == 0
    await system.await_consumed(2_000)
    await wait_for_total(worker, LOGINS, 2_000)
    wait_until(lambda: consumer.read("readyz")[0] == 200, "it works again")


@contextmanager
def _led_to(database_url: str) -> Iterator[tuple[Proxy, str]]:
    """Give a proxy before a database, and the address that leads through it."""
    server, _, database = database_url.rpartition("/")
    address, port = server.rsplit(":", 1)
    with Proxies() as proxies:
        proxy = proxies.open("127.0.0.1", int(port))
        yield proxy, f"{address}:{proxy.port}/{database}"


async def test_a_transaction_on_a_connection_that_is_half_open_waits_once(database_url: str) -> None:
    """For the statement; not as long again for its rollback, after which nobody would know what had gone wrong."""
    with _led_to(database_url) as (proxy, url):
        connection = await connect(url, "a test", {}, statement_seconds=2)
        begun_at = time.monotonic()
        ended_at: list[float] = []
        with pytest.raises(TimeoutError):
            await _ask_half_open(connection, proxy, ended_at)
        assert connection.is_closed()
        assert time.monotonic() - begun_at < 1.5 * (ended_at[0] - begun_at)


async def _ask_half_open(connection: asyncpg.Connection, proxy: Proxy, ended_at: list[float]) -> None:
    """Leave a connection half open within a transaction; note when its statement is given up."""
    async with connection.transaction():
        await asyncio.to_thread(proxy.leave_half_open)
        try:
            await connection.execute("SELECT 1")
        finally:
            ended_at.append(time.monotonic())


async def test_a_consumer_with_half_open_connections_goes_on_with_new_ones(system: System) -> None:
    """The server is well, and what was said to it on the old ones never arrives."""
    with _led_to(system.database_url) as (proxy, url):
        consumer = system.start("consume", DATABASE_URL=url)
        await system.publish(make_record(LOGINS) for _ in range(50))
        await system.await_consumed(50)
        await asyncio.to_thread(proxy.leave_half_open)
        await system.publish(make_record(LOGINS) for _ in range(50))
        await system.await_consumed(100)
        assert await system.fetch("SELECT FROM gap") == []
        assert await asyncio.to_thread(consumer.end) == 0  # before its way is gone, which it would dial again and again


async def test_a_job_on_a_half_open_connection_is_given_up_told_and_done_on_a_new_one(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one of the auditor: its snapshot would hold up the vacuum for ever, while it says that it works."""
    monkeypatch.setattr(jobs, "_PATIENCE_SECONDS", 0.0)
    health, told, done = Health(), list[str](), asyncio.Event()
    with _led_to(database_url) as (proxy, url):

        async def work() -> None:
            async with open_snapshot(url) as connection:
                if not told:
                    await asyncio.to_thread(proxy.leave_half_open)
                    told.append("half open")
                await connection.fetchval("SELECT 1")
            done.set()

        trying = asyncio.create_task(
            Jobs(health).run(Job(name="recount", work=work, pause_seconds=0.5, seconds_max=2.0))
        )
        async with asyncio.timeout(30):
            await asyncio.to_thread(
                wait_until, lambda: "not done within 2 s, given up" in health.describe(), "it says so"
            )
            assert health.describe().startswith("waiting for recount: ")
            assert (health.ready, health.alive) == (False, True)
            await done.wait()
            await asyncio.to_thread(wait_until, lambda: health.ready, "it works again")
        trying.cancel()
        await asyncio.wait([trying])
