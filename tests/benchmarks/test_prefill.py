"""A ledger that was filled holds what the product would have recorded, and goes on from where topics begin."""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import pytest

from benchmarks.stage.prefill import Filling, copied_ledger, fill_ledger, share_out
from benchmarks.stage.traffic import EVENTS_A_DAY, TRAFFIC_KINDS
from benchmarks.stage.waiting import tell_while
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from models.places import PROVINCE_CODES
from operations.recount.counting import read_book
from operations.snapshot import open_snapshot

ROWS = 3_000


async def fill(url: str, ids: str) -> None:
    """Fill a small ledger."""
    await fill_ledger(url, Filling(ROWS, ids), lambda _count: None, lambda _line: None)


async def fetch(url: str, statement: str) -> list[Any]:
    """Ask a database one thing."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


@pytest.mark.parametrize("rows", [1, 1_000, 3 * EVENTS_A_DAY + 7])
def test_every_fact_is_shared_out_once_and_before_the_traffic(rows: int) -> None:
    """Days add up to the facts asked for, each kind is numbered without a gap, and all end with the year 2023."""
    portions = share_out(rows)
    assert sum(part.facts for parts in portions.values() for part in parts) == rows
    for parts in portions.values():
        ends = [part.first + part.facts for part in parts]
        assert [part.first for part in parts] == [0, *ends][: len(parts)]
    assert max(part.day for parts in portions.values() for part in parts) == date(2023, 12, 31)


def test_kinds_have_the_national_proportion() -> None:
    """The tables grow as the nation's do."""
    facts = {name: sum(part.facts for part in parts) for name, parts in share_out(153_190).items()}
    assert facts == {IDENTITY_RECORDS.name: 75_160, ACCOUNTS.name: 53_880, LOGINS.name: 24_150}


@pytest.mark.parametrize("ids", ["v7", "v4"])
async def test_a_recount_finds_no_drift(database_url: str, ids: str) -> None:
    """Facts, tallies and counters agree in every cell."""
    await fill(database_url, ids)
    async with open_snapshot(database_url) as connection:
        book = await read_book(connection, lambda _facts, _total: None)
    assert [drift.describe() for kind in book.kinds.values() for drift in kind.drifts] == []
    assert book.facts == ROWS


async def test_facts_are_such_as_the_product_records(database_url: str) -> None:
    """Pseudonyms have their size, places and ways are known ones, and no column is empty."""
    await fill(database_url, "v7")
    rows = await fetch(database_url, f"SELECT * FROM {IDENTITY_RECORDS.table}")
    assert {len(row["subject"]) for row in rows} == {32}
    assert {row["province"] for row in rows} <= set(PROVINCE_CODES)
    assert all(None not in tuple(row) for row in rows)


async def test_ordered_keys_follow_time_and_random_ones_do_not(database_url: str) -> None:
    """New records meet the end of the index, or all of it."""
    await fill(database_url, "v7")
    for kind in TRAFFIC_KINDS:
        rows = await fetch(database_url, f"SELECT {kind.business_key} AS key FROM {kind.table} ORDER BY occurred_at")
        keys = [row["key"] for row in rows]
        assert keys == sorted(keys)
        assert {key.version for key in keys} == {7}


async def test_random_keys_are_of_version_4(database_url: str) -> None:
    """New records meet the index everywhere."""
    await fill(database_url, "v4")
    for kind in TRAFFIC_KINDS:
        rows = await fetch(database_url, f"SELECT {kind.business_key} AS key FROM {kind.table}")
        assert {row["key"].version for row in rows} == {4}


async def test_a_key_is_unique_again(database_url: str) -> None:
    """The index that was put off is there."""
    await fill(database_url, "v7")
    for kind in TRAFFIC_KINDS:
        with pytest.raises(asyncpg.UniqueViolationError):
            await fetch(database_url, f"INSERT INTO {kind.table} SELECT * FROM {kind.table} LIMIT 1")


async def test_recording_goes_on_at_the_beginning_of_topics(database_url: str) -> None:
    """No offset of the filled ledger is in the way of topics that a benchmark fills."""
    await fill(database_url, "v7")
    rows = await fetch(database_url, "SELECT DISTINCT next_offset, mark_offset, incarnation FROM progress")
    assert [tuple(row) for row in rows] == [(0, None, 1)]
    assert await fetch(database_url, "SELECT FROM gap WHERE accepted_at IS NULL") == []


async def test_work_that_is_soon_done_is_not_told_of() -> None:
    """What it returns and what it raises come through."""
    told: list[str] = []
    assert await tell_while("asking", asyncio.sleep(0, result=7), told.append) == 7
    with pytest.raises(asyncpg.PostgresError):
        await tell_while("asking", fail(), told.append)
    assert told == []


async def fail() -> None:
    """Fail as a statement does."""
    raise asyncpg.PostgresError


async def test_a_copy_has_the_same_facts_and_an_epoch_of_its_own(database_url: str) -> None:
    """What was announced of another copy counts as older, and nothing is left of the copy."""
    await fill(database_url, "v7")
    newest, count = "SELECT max(epoch) FROM ledger_epoch", f"SELECT count(*) FROM {LOGINS.table}"
    async with copied_ledger(database_url, database_url.rpartition("/")[2], lambda _line: None) as copy:
        assert await fetch(copy, count) == await fetch(database_url, count)
        assert await fetch(copy, newest) > await fetch(database_url, newest)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await fetch(copy, newest)
