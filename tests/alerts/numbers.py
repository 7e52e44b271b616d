"""Faults in the numbers themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import uuid4

from auditor.process import DAYS_OPEN
from models.calendar import VIETNAM, day_of
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, UNLOCKS
from models.tally import Page
from models.topics import TALLIES
from tests.alerts.stage import Stage
from tests.integration.events import make_record
from upstream.publishing.outgoing import Outgoing

_USUAL: Final = 120  # facts, more than the 100 from which half of it is low
_LOW: Final = 10


@asynccontextmanager
async def drift(stage: Stage) -> AsyncIterator[None]:
    """Raise a tally by hand; a rebuild mends it."""
    await stage.publish([make_record(UNLOCKS)])
    await stage.system.fetch("UPDATE tally SET facts = facts + 1 WHERE topic = $1", UNLOCKS.topic)
    yield
    await asyncio.to_thread(stage.type, "rebuild", "--why", "a tally was changed by the test of alerts")


@asynccontextmanager
async def falling_total(stage: Stage) -> AsyncIterator[None]:
    """Delete facts from the ledger by hand, and rebuild; as many new facts mend it."""
    await stage.publish([make_record(IDENTITY_RECORDS) for _ in range(10)])
    await asyncio.sleep(5)  # until the total with them has been scraped
    await stage.system.fetch(f"DELETE FROM {IDENTITY_RECORDS.table}")
    await asyncio.to_thread(stage.type, "rebuild", "--why", "facts were deleted by the test of alerts")
    yield
    await stage.publish([make_record(IDENTITY_RECORDS) for _ in range(20)])


@asynccontextmanager
async def no_recount(stage: Stage) -> AsyncIterator[None]:
    """Give the auditor an address of the totals at which nobody answers."""
    stage.restart("auditor", ONBOARDING_TOTALS_URL="http://127.0.0.1:1/metrics")
    yield
    stage.restart("auditor")


@asynccontextmanager
async def low_day(stage: Stage) -> AsyncIterator[None]:
    """Let the last day that is closed have a twelfth of what the same weekday had in four weeks.

    It is mended as no operator may: the day is opened again by hand, and closed with what was missing.
    """
    last = day_of(datetime.now(UTC)) - timedelta(days=DAYS_OPEN + 1)
    weeks = [last - timedelta(weeks=week) for week in (1, 2, 3, 4)]
    await stage.publish([record for day in weeks for record in _activations(day, _USUAL)] + _activations(last, _LOW))
    stage.restart("auditor")
    yield
    await stage.publish(_activations(last, _USUAL - _LOW))
    for table in ("restatement", "closed_day"):
        await stage.system.fetch(f"DELETE FROM {table} WHERE topic = $1 AND day = $2", ACCOUNTS.topic, last)
    stage.restart("auditor")


@asynccontextmanager
async def strange_pages(stage: Stage) -> AsyncIterator[None]:
    """Announce pages of a ledger that nobody knows."""
    page = Page(
        ledger=uuid4(), topic=UNLOCKS.topic, partition=0, partitions=1, epoch=2**40, revision=1, newest_at=None,
        totals={"all": {"": 10**9}}, days={},
    )  # fmt: skip
    value = page.model_dump_json().encode()
    async with stage.streaming(lambda: Outgoing(TALLIES.name, b"strange", value), 10):
        yield


def _activations(day: date, number: int) -> list[Outgoing]:
    """Return records of activations at noon of a day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=VIETNAM).isoformat()
    return [make_record(ACCOUNTS, time=noon) for _ in range(number)]
