"""A ledger as years have filled it: millions of facts that were recorded long ago, made inside Postgres.

Facts, tallies and counters agree as if the product had recorded them; `onboarding recount` finds no drift. The topics
they came from have been made anew since, and a person has accepted that: every source partition goes on at offset 0 of
another incarnation of its log, so the topics that a benchmark fills are recorded from their beginning.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Final, NamedTuple

import asyncpg

from benchmarks.stage.prefill_statements import SETTLE, start_again, write_filling
from benchmarks.stage.servers import new_database
from benchmarks.stage.traffic import make_days
from benchmarks.stage.waiting import Tell, tell_while
from ledger.migrations.apply import migrate
from models.calendar import VIETNAM
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KIND_BY_NAME, LOGINS, Kind

Report = Callable[[int], None]

# What is filled is worth nothing before its end, where a checkpoint makes it durable; an index of 25 million keys is
# sorted in 512 MB at once.
_SESSION: Final = {"synchronous_commit": "off", "maintenance_work_mem": "512MB"}
# Percent of a leaf page that is in use after a long time: ordered keys fill pages as Postgres leaves them (its default
# of 90), random keys ln 2 of them (A. Yao, "On random 2-3 trees", 1978).
_FULL_PERCENT: Final = {"v7": 90, "v4": 69}


@dataclass(frozen=True)
class Filling:
    """What a ledger holds.

    ids -- "v7": business keys in order of time (UUIDv7), "v4": random ones
    """

    rows: int
    ids: str


class Portion(NamedTuple):
    """The facts of one kind and one day, numbered from `first` on."""

    day: date
    first: int
    facts: int


async def fill_ledger(url: str, filling: Filling, report: Report, tell: Tell) -> None:
    """Fill an empty database.

    report -- called with how many facts are there so far
    tell -- called with a line of text while something takes long beside that
    """
    await migrate(url)
    filler, portions = _Filler(url, filling.ids, report, tell), share_out(filling.rows)
    async with asyncio.TaskGroup() as group:
        for name, parts in portions.items():
            group.create_task(filler.fill(KIND_BY_NAME[name], parts))
    async with _connected(url) as connection:
        for statement in SETTLE:
            await tell_while("settling the ledger", connection.execute(statement), tell)


def share_out(rows: int) -> dict[str, list[Portion]]:
    """Share facts out to kinds in the national proportion, and to days that end before those of the traffic."""
    days = list(make_days(rows))
    facts = {
        IDENTITY_RECORDS.name: [len(day.records) for day in days],
        ACCOUNTS.name: [len(day.accounts) for day in days],
        LOGINS.name: [day.logins for day in days],
    }
    dates = [day.date - timedelta(days=len(days)) for day in days]
    return {name: list(_number(dates, counts)) for name, counts in facts.items()}


def _number(dates: list[date], counts: list[int]) -> Iterator[Portion]:
    """Yield the portions of one kind that are not empty, numbered through."""
    for day, first, facts in zip(dates, accumulate(counts, initial=0), counts, strict=False):
        if facts:
            yield Portion(day, first, facts)


@dataclass
class _Filler:
    """Fills the tables of one ledger, and knows how many facts there are."""

    url: str
    ids: str
    report: Report
    tell: Tell
    filled: int = 0

    async def fill(self, kind: Kind, portions: Sequence[Portion]) -> None:
        """Fill the table of a kind, and only then make its index: the fastest way to so many rows."""
        async with _connected(self.url) as connection:
            await connection.execute(f"ALTER TABLE {kind.table} DROP CONSTRAINT {kind.table}_pkey")
            await self._add(connection, kind, portions)
            await tell_while(f"indexing {kind.table}", self._index(connection, kind), self.tell)
            vacuuming = connection.execute(f"VACUUM (ANALYZE) {kind.table}")
            await tell_while(f"vacuuming {kind.table}", vacuuming, self.tell)

    async def _add(self, connection: asyncpg.Connection, kind: Kind, portions: Sequence[Portion]) -> None:
        """Add facts with their tallies day by day."""
        statement, values = write_filling(kind, self.ids)
        for day, first, facts in portions:
            begins_at = datetime.combine(day, time(), VIETNAM)
            await connection.execute(statement, day, begins_at, first, facts, *values)
            self.filled += facts
            self.report(self.filled)

    async def _index(self, connection: asyncpg.Connection, kind: Kind) -> None:
        """Make the key the one unique key again, its pages as full as a long time leaves them."""
        index = f"{kind.table}_pkey"
        await connection.execute(
            f"ALTER TABLE {kind.table} ADD CONSTRAINT {index} PRIMARY KEY ({kind.business_key}) "
            f"WITH (fillfactor = {_FULL_PERCENT[self.ids]})"
        )
        await connection.execute(f"ALTER INDEX {index} RESET (fillfactor)")


@asynccontextmanager
async def copied_ledger(url: str, template: str, tell: Tell) -> AsyncIterator[str]:
    """Give the address of a copy of a filled database, and drop it afterwards.

    url -- of any database of that server
    tell -- called with a line of text while it takes long
    Its keys are in the machine's memory, as those of a server that has run for a while, and its epoch is a new one, as
    what was announced of another copy is not true of this one.
    """
    async with AsyncExitStack() as stack:
        copying = stack.enter_async_context(new_database(url, f"TEMPLATE {template} STRATEGY FILE_COPY"))
        copy = await tell_while("copying the ledger", copying, tell)
        async with _connected(copy) as connection:
            await tell_while("reading its keys", start_again(connection), tell)
        yield copy


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection for work that takes long."""
    connection = await asyncpg.connect(url, server_settings=_SESSION)
    try:
        yield connection
    finally:
        await connection.close()
