"""The time from record to activation: of closed days, from a citizen's first record, in seconds."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg

from consumers.closing import close_days
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS
from operations.waits import record_waits
from tests.integration.events import make_event, to_record
from tests.integration.system import System
from upstream.outgoing import Outgoing

DAY = date(2024, 6, 5)
ACTIVATED_AT = datetime(2024, 6, 5, 3, 0, tzinfo=UTC)  # 10:00 in Vietnam
HOUR = timedelta(hours=1)


def citizen(*waits: timedelta, activated_at: datetime = ACTIVATED_AT) -> list[Outgoing]:
    """Return the activation of a citizen's account and records that came so long before it."""
    account = make_event(ACCOUNTS, time=activated_at.isoformat())
    times = [(activated_at - wait).isoformat() for wait in waits]
    records = [make_event(IDENTITY_RECORDS, subject=account["subject"], time=time) for time in times]
    return [to_record(ACCOUNTS, account), *(to_record(IDENTITY_RECORDS, record) for record in records)]


async def close_and_ask(system: System, last: date) -> list[tuple[Any, ...]]:
    """Close the days of the activations up to one, record the waits, and return what a dashboard reads."""
    connection = await asyncpg.connect(system.database_url)
    try:
        await close_days(connection, ACCOUNTS.topic, last, {})
        await record_waits(connection, ACCOUNTS.topic)
        return [tuple(row) for row in await connection.fetch("SELECT * FROM dashboard.activation_wait ORDER BY day")]
    finally:
        await connection.close()


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
    await system.publish(traffic)
    await system.await_consumed(len(traffic))
    ((day, accounts, median, ninetieth),) = await close_and_ask(system, DAY)
    assert (day, accounts, median) == (DAY, 3, 2 * 3600)
    assert median < ninetieth <= 3 * 3600


async def test_a_day_has_its_waits_once_it_is_closed_and_keeps_them(system: System) -> None:
    """An open day would change under the reader; a closed one is told once."""
    system.start("consume")
    traffic = [*citizen(HOUR), *citizen(HOUR, activated_at=ACTIVATED_AT + timedelta(days=1))]
    await system.publish(traffic)
    await system.await_consumed(len(traffic))
    first = await close_and_ask(system, DAY)
    assert [row[0] for row in first] == [DAY]
    late = citizen(5 * HOUR)
    await system.publish(late)
    await system.await_consumed(len(traffic) + len(late))
    both = await close_and_ask(system, DAY + timedelta(days=1))
    assert both[0] == first[0]
    assert [row[0] for row in both] == [DAY, DAY + timedelta(days=1)]
