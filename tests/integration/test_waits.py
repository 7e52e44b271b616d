"""The time from record to activation: of closed days, from a citizen's first record, in seconds."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg

from auditor.process import DAYS_OPEN
from ledger.day_closing import close_days
from ledger.decisions.writer import open_writer
from ledger.waits import DAYS_MAX, record_waits
from models.calendar import day_of
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, Kind
from tests.integration.events import make_event, to_record
from tests.integration.system import System
from upstream.publishing.outgoing import Outgoing

DAY = date(2024, 6, 5)
ACTIVATED_AT = datetime(2024, 6, 5, 3, 0, tzinfo=UTC)  # 10:00 in Vietnam
HOUR = timedelta(hours=1)
WAITING = (ACCOUNTS, IDENTITY_RECORDS)
SHOWN = "SELECT * FROM dashboard.activation_wait ORDER BY day"


def citizen(*waits: timedelta, activated_at: datetime = ACTIVATED_AT) -> list[Outgoing]:
    """Return the activation of a citizen's account and records that came so long before it."""
    account = make_event(ACCOUNTS, time=activated_at.isoformat())
    times = [(activated_at - wait).isoformat() for wait in waits]
    records = [make_event(IDENTITY_RECORDS, subject=account["subject"], time=time) for time in times]
    return [to_record(ACCOUNTS, account), *(to_record(IDENTITY_RECORDS, record) for record in records)]


async def close(connection: asyncpg.Connection, last: date, *kinds: Kind) -> None:
    """Close the days of kinds up to one."""
    for kind in kinds:
        await close_days(connection, kind.topic, last, {})


async def close_and_ask(system: System, last: date) -> list[tuple[Any, ...]]:
    """Close the days of activations and records up to one, record the waits, and return what a dashboard reads."""
    async with open_writer(system.database_url) as connection:
        await close(connection, last, *WAITING)
        await record_waits(connection)
        return [tuple(row) for row in await connection.fetch(SHOWN)]


async def record(system: System, traffic: Sequence[Outgoing]) -> None:
    """Publish records and wait until they are recorded."""
    before = await system.consumed()
    await system.publish(traffic)
    await system.await_consumed(before + len(traffic))


async def test_waits_are_those_of_accounts_with_an_earlier_record(system: System) -> None:
    """Of several records the first counts; who has none, or only a later one, is left out."""
    system.start("consume")
    traffic = [
        *citizen(HOUR),
        *citizen(2 * HOUR, HOUR),  # entered twice: the first
        *citizen(3 * HOUR),
        *citizen(),
        *citizen(-HOUR),
    ]
    await record(system, traffic)
    ((day, accounts, median, ninetieth),) = await close_and_ask(system, DAY)
    assert (day, accounts, median) == (DAY, 3, 2 * 3600)
    assert median < ninetieth <= 3 * 3600


async def test_a_day_has_its_waits_once_it_is_closed_and_keeps_them(system: System) -> None:
    """An open day would change under the reader; a closed one is told once."""
    system.start("consume")
    traffic = [*citizen(HOUR), *citizen(HOUR, activated_at=ACTIVATED_AT + timedelta(days=1))]
    await record(system, traffic)
    first = await close_and_ask(system, DAY)
    assert [row[0] for row in first] == [DAY]
    await record(system, citizen(5 * HOUR))
    both = await close_and_ask(system, DAY + timedelta(days=1))
    assert both[0] == first[0]
    assert [row[0] for row in both] == [DAY, DAY + timedelta(days=1)]


async def test_a_day_waits_until_the_records_of_it_are_closed_too(system: System) -> None:
    """Else an account would be told without the record that is still on its way, and for ever."""
    system.start("consume")
    await record(system, citizen(HOUR))
    async with open_writer(system.database_url) as connection:
        await close(connection, DAY, ACCOUNTS)
        assert await record_waits(connection) == []
        await close(connection, DAY, IDENTITY_RECORDS)
        assert await record_waits(connection) == [DAY]


async def test_years_are_done_some_days_at_a_time_the_newest_first_and_from_where_it_was_cut_off(
    system: System,
) -> None:
    """One statement over a nation's years would read for long, and lose it all when it is cut off."""
    system.start("consume")
    days = [DAY - timedelta(days=number) for number in range(DAYS_MAX + 5)]
    begins_at = ACTIVATED_AT - timedelta(days=len(days) - 1)
    await record(system, [*citizen(HOUR), *citizen(2 * HOUR, activated_at=begins_at)])
    async with open_writer(system.database_url) as connection:
        await close(connection, DAY, *WAITING)
        transaction = connection.transaction()
        await transaction.start()
        assert await record_waits(connection) == days[:DAYS_MAX]
        await transaction.rollback()  # as Postgres does when the auditor is killed
        assert await record_waits(connection) == days[:DAYS_MAX]
        assert [row["day"] for row in await connection.fetch(SHOWN)] == [DAY]
        assert await record_waits(connection) == days[DAYS_MAX:]
        assert [row["day"] for row in await connection.fetch(SHOWN)] == [days[-1], DAY]
        assert await record_waits(connection) == []


async def test_nobody_waits_while_waits_are_recorded(system: System) -> None:
    """It may take minutes: meanwhile records are recorded and days are closed."""
    system.start("consume")
    await record(system, citizen(HOUR))
    async with open_writer(system.database_url) as first, open_writer(system.database_url) as second:
        await close(first, DAY, *WAITING)
        async with first.transaction():
            assert await record_waits(first) == [DAY]
            await record(system, citizen(HOUR))
            await close(second, DAY + HOUR * 24, *WAITING)


async def test_the_auditor_records_the_waits_of_days_that_another_one_closed(system: System) -> None:
    """One that is killed after it has closed a day and before it has recorded the waits loses nothing."""
    system.start("consume")
    last = day_of(datetime.now(UTC)) - timedelta(days=DAYS_OPEN + 1)
    await record(system, citizen(HOUR, activated_at=datetime.combine(last, ACTIVATED_AT.timetz())))
    async with open_writer(system.database_url) as connection:
        await close(connection, last, *WAITING)
    auditor = system.start("audit")
    await system.await_rows(SHOWN, 1)
    log = (system.folder / f"audit-{auditor.port}.log").read_text()
    assert f"recorded the waits for activation of 1 days, {last} to {last}" in log
