"""The laws of exactness, on real Kafka and real Postgres."""

import asyncpg
import pytest

from ledger.migrations.apply import migrate
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS
from tests.containers.postgres import PostgresServer, fresh_database
from tests.integration.commands import onboarding
from tests.integration.events import make_event, make_record, to_record
from tests.integration.system import System

_CELLS = """
SELECT topic, day, dimension, value, sum(facts) FROM tally
GROUP BY topic, day, dimension, value ORDER BY topic, day, dimension, value"""


async def test_no_commit_can_break_the_sum_of_outcomes(system: System) -> None:
    """Law 1: every record has one outcome; Postgres itself refuses a transaction that says otherwise."""
    system.start("consume")
    await system.publish([make_record(LOGINS)])
    await system.await_consumed(1)
    for counter in ("consumed", "accepted", "retries", "repeats", "conflicts", "refused"):
        with pytest.raises(asyncpg.CheckViolationError, match="every_record_has_one_outcome"):
            await system.fetch(f"UPDATE progress SET {counter} = {counter} + 1")


async def test_ledger_tallies_and_counters_agree(system: System) -> None:
    """Law 2: distinct facts in the ledger = sum of tallies = accepted, with duplicates and refusals in between."""
    system.start("consume")
    events = [make_event(kind) for kind in KINDS for _ in range(100)]
    kinds = [kind for kind in KINDS for _ in range(100)]
    records = [to_record(kind, event) for kind, event in zip(kinds, events, strict=True)]
    spoilt = [make_record(ACCOUNTS, data={"level": 9}) for _ in range(7)]
    await system.publish([*records, *records[:50], *spoilt])
    await system.await_consumed(100 * len(KINDS) + 57)
    for kind in KINDS:
        ledger = (await system.fetch(f"SELECT count(*) FROM {kind.table}"))[0][0]
        tally = await system.fetch("SELECT sum(facts) FROM tally WHERE topic = $1 AND dimension = 'all'", kind.topic)
        counter = await system.fetch("SELECT sum(accepted) FROM progress WHERE topic = $1", kind.topic)
        assert ledger == tally[0][0] == counter[0][0] == 100


async def test_two_replays_of_one_log_give_the_same_cells(system: System, postgres_server: PostgresServer) -> None:
    """Law 4: a second, empty database is filled from the same topics, by two consumers instead of one."""
    consumer = system.start("consume")
    provinces = ["01", "24", "48", "79", "96"]
    records = [
        make_record(IDENTITY_RECORDS, data={"province": provinces[n % 5]}, time=f"2024-06-{1 + n % 9:02}T01:00:00Z")
        for n in range(2_000)
    ]
    await system.publish(records + records[:300])
    await system.await_consumed(2_300)
    assert consumer.end() == 0
    async with fresh_database(postgres_server) as second_url:
        second = System(system.bootstrap, second_url, system.folder, system.processes)
        await migrate(second_url)
        assert onboarding(second, "ledger", "adopt", "--why", "a replay").returncode == 0
        replaying = [second.start("consume"), second.start("consume")]
        await second.await_consumed(2_300)
        assert await second.fetch(_CELLS) == await system.fetch(_CELLS)
        for process in replaying:
            process.end()


async def test_an_event_counts_on_its_day_in_vietnam(system: System) -> None:
    """Law 5: the day changes at 17:00 UTC, whatever the offset that the time is written with."""
    system.start("consume")
    days = {
        "2024-06-05T16:59:59.999999Z": "2024-06-05",
        "2024-06-05T17:00:00Z": "2024-06-06",
        "2024-06-06T00:00:00+07:00": "2024-06-06",
        "2024-06-05T23:59:59.999999+07:00": "2024-06-05",
        "2024-06-05T10:00:00-07:00": "2024-06-06",
        "2016-01-01T00:00:00+07:00": "2016-01-01",
    }
    await system.publish(make_record(LOGINS, time=time) for time in days)
    await system.await_consumed(len(days))
    rows = await system.fetch("SELECT day, sum(facts) FROM tally WHERE dimension = 'all' GROUP BY day")
    expected = {day: list(days.values()).count(day) for day in days.values()}
    assert {str(row[0]): row[1] for row in rows} == expected
