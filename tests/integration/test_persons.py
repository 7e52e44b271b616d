"""What a person has to mend is named by who waits for it, and counted on from there; at a start it is one line."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from models.catalogue import LOGINS
from tests.containers.kafka import KafkaBroker
from tests.containers.ports import choose_port
from tests.containers.postgres import PostgresServer
from tests.integration.events import make_record
from tests.integration.system import Process, System, wait_until

_USER = "rotated"
_END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1"
_RAISE = """
CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{}'; END $$"""
_REFUSE = "CREATE TRIGGER refuse BEFORE INSERT ON tally FOR EACH STATEMENT EXECUTE FUNCTION refuse()"


async def _await_named(process: Process, words: str) -> None:
    """Wait until a process says what it waits for, as Postgres that is away; it lives."""
    await asyncio.to_thread(wait_until, lambda: words in process.read("readyz")[1], f"it says {words!r}")
    assert process.read("readyz")[0] == 503
    assert process.value("onboarding_dependency_up", dependency="postgres") == 0
    assert process.read("healthz")[0] == 200


@asynccontextmanager
async def _user(system: System) -> AsyncIterator[str]:
    """Give an address of the ledger for a user of its own."""
    await system.fetch(f"CREATE ROLE {_USER} SUPERUSER LOGIN PASSWORD 'one'")
    yield system.database_url.replace("onboarding:onboarding@", f"{_USER}:one@")
    system.end_all()
    await system.fetch(f"REASSIGN OWNED BY {_USER} TO onboarding")
    await system.fetch(f"DROP ROLE {_USER}")


async def test_a_password_that_is_changed_under_a_process_is_named_until_it_is_right_again(system: System) -> None:
    """Consumer and auditor live on; what is published meanwhile is counted afterwards."""
    async with _user(system) as url:
        consumer = system.start("consume", DATABASE_URL=url)
        auditor = system.start("audit", DATABASE_URL=url)
        await system.fetch(f"ALTER ROLE {_USER} PASSWORD 'two'")
        await system.fetch(_END_SESSIONS, _USER)
        await system.publish(make_record(LOGINS) for _ in range(20))
        await _await_named(consumer, "accept the user and the password of DATABASE_URL")
        await system.fetch(f"ALTER ROLE {_USER} PASSWORD 'one'")
        await system.await_consumed(20)
        await asyncio.to_thread(wait_until, lambda: consumer.read("readyz")[0] == 200, "it works again")
        assert auditor.popen.poll() is None


@pytest.mark.parametrize(
    ("code", "words"),
    [("42501", "grant the user"), ("XX001", "to be sound")],
)
async def test_what_postgres_refuses_until_a_person_acts_is_named(system: System, code: str, words: str) -> None:
    """No record is set aside for it, and no partition stopped."""
    consumer = system.start("consume")
    for statement in (_RAISE.format(code), _REFUSE):
        await system.fetch(statement)
    await system.publish(make_record(LOGINS) for _ in range(20))
    await _await_named(consumer, words)
    await system.fetch("DROP FUNCTION refuse CASCADE")
    await system.await_consumed(20)
    assert await system.fetch("SELECT FROM gap") == []


def _see_refused(system: System, verb: str, words: str) -> None:
    """See a process end at its start, with exit code 2 and one line."""
    process = system.launch(choose_port(), verb, "onboarding", verb)
    assert process.popen.wait(60) == 2
    log = (system.folder / f"{verb}-{process.port}.log").read_text()
    assert words in log.strip().rpartition("\n")[2]
    assert "Traceback" not in log


async def test_a_database_that_cannot_hold_every_name_is_refused(
    system: System, postgres_server: PostgresServer
) -> None:
    """Before anything is made in it."""
    connection = await asyncpg.connect(postgres_server.url("postgres"))
    encoding = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    await connection.execute(f"CREATE DATABASE latin {encoding}")
    try:
        latin = System(system.bootstrap, postgres_server.url("latin"), system.folder, system.processes)
        await asyncio.to_thread(_see_refused, latin, "consume", "is encoded in LATIN1")
    finally:
        await connection.execute("DROP DATABASE latin WITH (FORCE)")
        await connection.close()


@pytest.fixture
def strict_broker(docker_engine: Any) -> Iterator[str]:
    """Give the address of a broker that takes no member with a session as short as ours."""
    del docker_engine  # needed, not used: it sets the sweeping up
    broker = KafkaBroker()
    broker.with_envs(KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS="10000")
    with broker:
        yield broker.bootstrap


async def test_brokers_that_refuse_our_session_are_told_of(system: System, strict_broker: str) -> None:
    """Consumer and stream worker name the setting, and what it must be."""
    strict = System(strict_broker, system.database_url, system.folder, system.processes)
    for verb in ("consume", "total"):
        await asyncio.to_thread(_see_refused, strict, verb, "set group.min.session.timeout.ms to 6000 or less")
