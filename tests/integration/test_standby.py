"""A standby that is promoted is the same ledger: it goes on without a person, and Kafka holds what it has lost."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import asyncpg
import pytest

from models.catalogue import KINDS, LOGINS
from tests.containers.postgres import PostgresServer
from tests.faults.proxy import Proxies
from tests.integration.events import make_record
from tests.integration.system import System, wait_for_total

_LET_REPLICATE: Final = 'echo "host replication all all scram-sha-256" >> "$PGDATA/pg_hba.conf"'
# What a standby does at its first start: it copies the primary, and follows it from there.
_FOLLOW: Final = """
rm -rf "$PGDATA" && mkdir -m 0700 -p "$PGDATA"
pg_basebackup --host={host} --username=onboarding --pgdata="$PGDATA" --checkpoint=fast --write-recovery-conf
exec postgres
"""
_SYNC: Final = "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()"
# So that nothing more is on its way to who is frozen, and asks for nothing.
_CUT: Final = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_replication"


class Standby(PostgresServer):
    """A server that follows another one until it is promoted."""

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__()
        container: Any = primary.get_wrapped_container()
        container.reload()
        (network,) = container.attrs["NetworkSettings"]["Networks"].values()
        self.with_env("PGPASSWORD", primary.password)
        self.with_kwargs(entrypoint=["sh", "-ec", _FOLLOW.format(host=network["IPAddress"])], user="postgres")


@pytest.fixture
def pair(docker_engine: Any) -> Iterator[tuple[PostgresServer, Standby]]:
    """Give a primary of its own and its standby."""
    del docker_engine  # needed, not used: it sets the sweeping up
    with PostgresServer() as primary:
        container: Any = primary.get_wrapped_container()
        assert container.exec_run(["sh", "-c", _LET_REPLICATE], user="postgres").exit_code == 0
        asyncio.run(_ask(primary, "SELECT pg_reload_conf()"))
        with Standby(primary) as standby:
            yield primary, standby


async def _ask(server: PostgresServer, query: str) -> Any:
    connection = await asyncpg.connect(server.url(server.dbname))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_promoted_standby_goes_on_exactly_without_a_person(
    system: System, pair: tuple[PostgresServer, Standby]
) -> None:
    """It lacks what was recorded last: that comes from Kafka again, under running processes."""
    primary, standby = pair
    with Proxies() as proxies:
        proxy = proxies.open("127.0.0.1", primary.published_port)
        url = primary.url(primary.dbname).replace(f":{primary.published_port}/", f":{proxy.port}/")
        ours = System(system.bootstrap, url, system.folder, system.processes)
        consumers, worker = [ours.start("consume") for _ in range(2)], ours.start("total")
        await ours.publish(make_record(kind) for kind in KINDS for _ in range(20))
        await ours.await_consumed(20 * len(KINDS))
        while not await _ask(primary, _SYNC):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.1)
        await asyncio.to_thread(standby.freeze)
        await _ask(primary, _CUT)
        await ours.publish(make_record(kind) for kind in KINDS for _ in range(30))
        await ours.await_consumed(50 * len(KINDS))
        await wait_for_total(worker, LOGINS, 50)
        await asyncio.to_thread(primary.sigkill)
        await asyncio.to_thread(standby.thaw)
        assert await _ask(standby, "SELECT pg_promote()")
        assert await _ask(standby, "SELECT sum(consumed) FROM progress") < 50 * len(KINDS)
        proxy.lead_to("127.0.0.1", standby.published_port)
        await ours.publish(make_record(kind) for kind in KINDS for _ in range(5))
        await ours.await_consumed(55 * len(KINDS))
        for kind in KINDS:
            await wait_for_total(worker, kind, 55)
        ledgers = await ours.fetch("SELECT count(DISTINCT ledger), count(DISTINCT environment) FROM ledger_binding")
        assert ledgers[0][0] == 1
        assert all(consumer.popen.poll() is None for consumer in consumers)
        assert await ours.fetch("SELECT * FROM gap") == []
        for process in (*consumers, worker):  # before their way is gone, which they would dial again and again
            assert await asyncio.to_thread(process.end) == 0
