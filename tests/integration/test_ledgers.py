"""Whose totals are shown: one ledger's, and no other's while it lives, nor after it until a person says so."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from ledger.identity import begin_incarnation, bind_new, make_claim, read_bindings, read_identity
from ledger.migrations.apply import migrate
from models.catalogue import KINDS, LOGINS
from models.topics import CLAIMS, TALLIES
from tests.containers.ports import choose_port
from tests.containers.postgres import PostgresServer, fresh_database
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.system import Process, System, wait_for_total, wait_until

STARTED = ("consume", "onboarding", "consume")


@asynccontextmanager
async def _copied(server: PostgresServer, system: System) -> AsyncIterator[System]:
    """Give a system with a copy of a ledger, as a restored backup is one. Nobody may be connected to the original."""
    async with fresh_database(server) as url:
        name, original = url.rpartition("/")[2], system.database_url.rpartition("/")[2]
        connection = await asyncpg.connect(server.url("postgres"))
        await connection.execute(f"DROP DATABASE {name}")
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {original}")
        await connection.close()
        yield System(system.bootstrap, url, system.folder, system.processes)


async def _count(system: System, records: int) -> tuple[Process, Process]:
    """Start a consumer and a stream worker, and let them count so many logins."""
    consumer, worker = system.start("consume"), system.start("total")
    await system.publish(make_record(LOGINS) for _ in range(records))
    await wait_for_total(worker, LOGINS, records)
    return consumer, worker


def _refused(system: System, **settings: str) -> str:
    """Start a consumer that ends at once, with exit code 2; return the last line that it says."""
    process = system.launch(choose_port(), *STARTED, **settings)
    assert process.popen.wait(60) == 2
    return (system.folder / f"consume-{process.port}.log").read_text().strip().rpartition("\n")[2]


def _waiting(system: System, **settings: str) -> Process:
    """Start a consumer that waits for the claim of another one to end."""
    process = system.launch(choose_port(), *STARTED, **settings)
    wait_until(lambda: "ledger" in process.read("readyz")[1], "it says whom it waits for")
    assert process.read("readyz")[0] == 503
    return process


async def _ledger(system: System) -> str:
    return str((await system.fetch("SELECT ledger FROM ledger_binding ORDER BY id DESC LIMIT 1"))[0][0])


def _tell_totals(worker: Process) -> dict[str, float | None]:
    return {kind.name: worker.value(kind.metric) for kind in KINDS}


async def test_a_ledger_that_comes_back_shows_its_totals_and_the_one_between_never_began(
    system: System, postgres_server: PostgresServer
) -> None:
    """Recipe 1a: ledger A, a fresh database, A again: what is shown is what A holds."""
    consumer, worker = await _count(system, 30)
    assert consumer.end() == 0
    async with fresh_database(postgres_server) as url:
        line = _refused(System(system.bootstrap, url, system.folder, system.processes))
        assert f"are those of ledger {await _ledger(system)} of environment development" in line
        assert "onboarding ledger adopt" in line
    system.start("consume")
    await system.publish(make_record(LOGINS) for _ in range(12))
    await wait_for_total(worker, LOGINS, 42)
    wait_until(lambda: worker.value("onboarding_total_current", kind=LOGINS.name) == 1, "it is current")


async def test_another_environments_consumer_takes_no_partition(
    system: System, postgres_server: PostgresServer
) -> None:
    """Recipe 1b: while ours live it is refused, before it joins the group; every record is recorded by ours."""
    system.start("consume")
    async with fresh_database(postgres_server) as url:
        other = System(system.bootstrap, url, system.folder, system.processes)
        assert "of environment development" in _refused(other, ONBOARDING_ENVIRONMENT="staging")
        await system.publish(make_record(LOGINS) for _ in range(64))
        await system.await_consumed(64)


async def test_a_copy_of_production_is_refused_while_production_lives_and_after(
    system: System, postgres_server: PostgresServer
) -> None:
    """As staging it is told to fork; forked it is another ledger; and as production it waits until production ends."""
    production, staging = {"ONBOARDING_ENVIRONMENT": "production"}, {"ONBOARDING_ENVIRONMENT": "staging"}
    consumer = system.start("consume", **production)
    await system.publish(make_record(LOGINS) for _ in range(5))
    await system.await_consumed(5)
    assert consumer.end() == 0
    async with _copied(postgres_server, system) as copy:
        consumer = system.start("consume", **production)
        assert "of environment production, and ONBOARDING_ENVIRONMENT says staging" in _refused(copy, **staging)
        waiting = _waiting(copy, **production)
        await system.publish(make_record(LOGINS) for _ in range(5))
        await system.await_consumed(10)
        waiting.end()
        assert consumer.end() == 0
        assert "onboarding ledger fork" in _refused(copy, **staging)
        forked = onboarding(copy, "ledger", "fork", "--why", "a test", environment="staging")
        assert (forked.returncode, await _ledger(copy) == await _ledger(system)) == (0, False)
        assert f"are those of ledger {await _ledger(system)} of environment production" in _refused(copy, **staging)


async def test_a_restored_copy_goes_on_without_a_person(system: System, postgres_server: PostgresServer) -> None:
    """It keeps the identity, and claims once nobody renews the claim of the incarnation before."""
    consumer, worker = await _count(system, 5)
    assert consumer.end() == 0
    async with _copied(postgres_server, system) as restored:
        await system.publish(make_record(LOGINS) for _ in range(4))
        going_on = restored.start("consume")
        await wait_for_total(worker, LOGINS, 9)
        assert await _ledger(restored) == await _ledger(system)
        epochs = await restored.fetch("SELECT count(DISTINCT incarnation) FROM ledger_epoch")
        assert epochs[0][0] == 2
        going_on.end()


async def test_a_ledger_takes_over_by_a_persons_word_once_the_other_has_ended(
    system: System, postgres_server: PostgresServer
) -> None:
    """While the other lives the word is refused; after it the other is refused, until it is adopted in its turn."""
    consumer, worker = await _count(system, 7)
    async with fresh_database(postgres_server) as url:
        new = System(system.bootstrap, url, system.folder, system.processes)
        _refused(new)
        adopting = ("ledger", "adopt", "--why", "the old one is lost", "--by", "An")
        lives = onboarding(new, *adopting)
        assert (lives.returncode, "lives: stop its consumers first" in lives.stderr) == (2, True)
        assert consumer.end() == 0
        assert onboarding(new, *adopting).returncode == 0
        consumer = new.start("consume")
        await system.publish(make_record(LOGINS) for _ in range(3))
        await wait_for_total(worker, LOGINS, 10)
        assert f"are those of ledger {await _ledger(new)}" in _refused(system)
        shown = onboarding(new, "ledger", "show").stdout
        assert all(text in shown for text in (await _ledger(new), "An", "the old one is lost", "lives"))
        assert consumer.end() == 0
        assert onboarding(system, *adopting).returncode == 0
        system.start("consume")
        await system.publish(make_record(LOGINS) for _ in range(2))
        await wait_for_total(worker, LOGINS, 12)


async def test_of_two_first_consumers_one_binds_the_ledger(database_url: str) -> None:
    """Started in the same instant, in two environments: the other reads what was bound, and is refused."""
    await migrate(database_url)
    first, second = [await asyncpg.connect(database_url) for _ in range(2)]
    try:
        found = await asyncio.gather(bind_new(first, "production", "k"), bind_new(second, "staging", "k"))
        assert found[0] == found[1] == await read_identity(first)
        assert len(await read_bindings(first)) == 2  # as it was made, and as it was bound
    finally:
        await asyncio.gather(first.close(), second.close())


async def test_a_consumer_goes_on_in_the_incarnation_that_another_process_has_begun(system: System) -> None:
    """After a start of their server one of them is first; the others hold its claim too, and none of them ends."""
    consumer, worker = await _count(system, 5)
    async with system.connected() as connection:
        identity = await read_identity(connection)
        before = await make_claim(connection, identity)
        assert before
        await begin_incarnation(connection, before.epoch)
        claim = await make_claim(connection, identity)
    assert claim
    assert claim.rank > before.rank
    async with AIOKafkaProducer(bootstrap_servers=system.bootstrap) as producer:
        value = claim.model_dump_json().encode()
        await producer.send_and_wait(CLAIMS.name, partition=0, key=claim.key, value=value)
    await system.publish(make_record(LOGINS) for _ in range(12))
    await wait_for_total(worker, LOGINS, 17)
    assert consumer.popen.poll() is None
    epochs = await system.fetch("SELECT DISTINCT epoch FROM progress WHERE topic = $1", LOGINS.topic)
    assert [tuple(row) for row in epochs] == [(claim.epoch,)]


async def test_a_consumer_whose_claim_was_taken_ends(system: System, postgres_server: PostgresServer) -> None:
    """One that was frozen while another ledger took over says so in one line, and writes no page that is shown."""
    consumer, worker = await _count(system, 7)
    async with fresh_database(postgres_server) as url:
        new = System(system.bootstrap, url, system.folder, system.processes)
        _refused(new)
        consumer.popen.send_signal(signal.SIGSTOP)
        assert onboarding(new, "ledger", "adopt", "--why", "a test").returncode == 0
        going_on = new.start("consume")
        consumer.popen.send_signal(signal.SIGCONT)
        assert consumer.popen.wait(60) == 2
        await system.publish(make_record(LOGINS) for _ in range(3))
        await wait_for_total(worker, LOGINS, 10)
        going_on.end()


@pytest.mark.parametrize("partitions", [3])
async def test_more_partitions_of_the_tallies_topic_divide_nothing(system: System, partitions: int) -> None:
    """Recipe 1c: one worker shows totals, and after a restart they are the same."""
    system.start("consume")
    workers = [system.start("total"), system.start("total")]
    await system.publish(make_record(kind) for kind in KINDS for _ in range(10))
    admin = AIOKafkaAdminClient(bootstrap_servers=system.bootstrap)
    await admin.start()
    await admin.create_partitions({TALLIES.name: NewPartitions(partitions)})
    await admin.close()
    await system.publish(make_record(kind) for kind in KINDS for _ in range(10))
    await system.await_consumed(20 * len(KINDS))
    expected: dict[str, float | None] = dict.fromkeys((kind.name for kind in KINDS), 20.0)
    wait_until(lambda: expected in map(_tell_totals, workers), "one shows all")
    wait_until(lambda: sum(_tell_totals(worker)[LOGINS.name] is not None for worker in workers) == 1, "and one alone")
    for worker in workers:
        worker.end()
    again = system.start("total")
    wait_until(lambda: _tell_totals(again) == expected, "after a restart they are the same")
