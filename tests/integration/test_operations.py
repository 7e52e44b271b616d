"""The operators' commands over a real Postgres and a page served over HTTP, with drifts made by hand."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from ledger.unavailable import UnavailableError
from models.catalogue import IDENTITY_RECORDS, KINDS, LOGINS
from models.tally import ALL
from operations.find.fate import find
from operations.find.sentences import tell
from operations.recount.counting import read_book
from operations.recount.drift import Counts
from operations.recount.recount import Looks, Recounted, compare, recount
from operations.scrape import scrape
from operations.snapshot import open_snapshot
from operations.totals.shown import read_totals
from tests.integration import ledger_rows as rows
from tests.operations.pages import say, write_page
from tests.operations.terminals import open_terminal

Value = TypeVar("Value")

PLACE = f"topic = '{IDENTITY_RECORDS.topic}' AND kafka_partition = 0"
CELL = f"{PLACE} AND day = '2024-06-01' AND dimension = 'province' AND value = '01'"
RECOUNT = [sys.executable, "-m", "onboarding", "recount"]
FACTS = sum(counts.get(ALL, 0) for counts in rows.COUNTS.values())
NAMED = f"{IDENTITY_RECORDS.name} tally {IDENTITY_RECORDS.topic}/0 day 2024-06-01 province=01"


@pytest_asyncio.fixture
async def ledger(database_url: str) -> str:
    """Give the address of a ledger that agrees with itself."""
    await rows.write_ledger(database_url)
    return database_url


@pytest_asyncio.fixture
async def process() -> AsyncIterator[str]:
    """Give the address of a process that shows the right totals."""
    async with serve(write_page(rows.COUNTS)) as address:
        yield address


async def test_a_ledger_that_agrees_is_clean(ledger: str, process: str) -> None:
    """Every table and the page say the same, days by the calendar of Vietnam."""
    reported: list[tuple[int, int]] = []
    found = await recount(ledger, f"{process}/metrics", lambda *facts: reported.append(facts))
    assert ([drift.describe() for drift in found.drifts], found.exit_code) == ([], 0)
    assert [reported[0], len(reported), reported[-1]] == [(0, FACTS), len(KINDS) + 1, (FACTS, FACTS)]
    assert {name: book.counts for name, book in found.last.kinds.items()} == rows.COUNTS


async def test_a_person_sees_how_far_a_recount_is_and_a_pipe_gets_the_result_alone(ledger: str, process: str) -> None:
    """What moves is on standard error, and there on a terminal alone."""
    environment = {**os.environ, "DATABASE_URL": ledger, "ONBOARDING_TOTALS_URL": f"{process}/metrics", "TERM": "xterm"}

    def run(error: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(RECOUNT, env=environment, stdout=subprocess.PIPE, stderr=error)

    with open_terminal() as terminal, run(terminal.theirs) as popen:
        moving = await asyncio.to_thread(terminal.read_all)
        seen = popen.communicate()[0]
    with run(subprocess.PIPE) as popen:
        piped, nothing = await asyncio.to_thread(popen.communicate)
    assert b"facts counted" in moving
    assert nothing == b""
    assert seen == piped
    assert piped.decode().count("tallies, counters and shown totals agree") == len(KINDS)


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (f"UPDATE tally SET facts = 3 WHERE {CELL}", f"{NAMED}: ledger 2, tally 3"),
        (f"DELETE FROM tally WHERE {CELL}", f"{NAMED}: ledger 2, tally has no such row"),
        (
            f"INSERT INTO tally VALUES ('{IDENTITY_RECORDS.topic}', 0, '2024-06-01', 'province', '96', 1)",
            f"{NAMED.replace('=01', '=96')}: ledger 0, tally 1",
        ),
        (
            f"INSERT INTO tally VALUES ('{IDENTITY_RECORDS.topic}', 7, '2024-06-03', 'colour', 'red', 1)",
            f"{IDENTITY_RECORDS.name} tally {IDENTITY_RECORDS.topic}/7 day 2024-06-03 colour=red: ledger 0, tally 1",
        ),
        (
            f"UPDATE progress SET retries = 2, conflicts = 0 WHERE {PLACE}",
            f"{IDENTITY_RECORDS.name} progress {IDENTITY_RECORDS.topic}/0 retries: ledger 1, progress 2",
        ),
        (
            "DELETE FROM refused WHERE kafka_offset = 2",
            f"{IDENTITY_RECORDS.name} progress {IDENTITY_RECORDS.topic}/1 consumed: ledger 2, progress 3",
        ),
    ],
    ids=["a cell", "a missing row", "an extra row", "an extra dimension", "a counter", "a lost refusal"],
)
async def test_a_number_changed_by_hand_is_named(ledger: str, process: str, harm: str, expected: str) -> None:
    """That cell and no other kind's is named, with exit code 1."""
    await rows.execute(ledger, harm)
    found = await recount(ledger, f"{process}/metrics", ignore)
    assert found.drifts[0].describe() == expected
    assert found.exit_code == 1
    assert len(found.drifts) <= 2
    assert {drift.kind for drift in found.drifts} == {IDENTITY_RECORDS.name}


async def test_a_lost_ledger_row_is_found_everywhere(ledger: str, process: str) -> None:
    """The ledger is what counts: without the row its tallies, its counter and the shown totals are too high."""
    await rows.execute(ledger, "DELETE FROM portal_logged_in")
    found = await look_once(ledger, f"{process}/metrics")
    assert {drift.where.partition(" ")[0] for drift in found.drifts} == {"tally", "progress", "metric"}
    assert {drift.kind for drift in found.drifts} == {LOGINS.name}


@pytest.mark.parametrize(
    ("shown", "drifts"),
    [
        ({**rows.COUNTS, LOGINS.name: {**rows.COUNTS[LOGINS.name], ALL: 2}}, ["ledger 1, metric 2"]),
        ({**rows.COUNTS, LOGINS.name: {**rows.COUNTS[LOGINS.name], ("portal", "tax"): 1}}, ["ledger 0, metric 1"]),
        ({name: rows.COUNTS[name] for name in rows.COUNTS if name != LOGINS.name}, ["ledger 1, metric not shown"]),
    ],
    ids=["a total", "a marginal", "a missing total"],
)
async def test_a_wrong_page_is_named(ledger: str, shown: Mapping[str, Counts], drifts: list[str]) -> None:
    """What the public reads is part of the recount."""
    async with serve(write_page(shown)) as address:
        found = await look_once(ledger, f"{address}/metrics")
        assert [drift.describe().partition(": ")[2] for drift in found.drifts] == drifts


async def test_a_recount_writes_nothing(ledger: str) -> None:
    """Who checks the books must not be able to change them."""
    with pytest.raises(UnavailableError, match="read-only"):
        async with open_snapshot(ledger) as connection:
            await connection.execute("UPDATE tally SET facts = 0")


async def test_a_database_without_a_ledger_is_told(database_url: str, process: str) -> None:
    """One clear line instead of an SQL error."""
    with pytest.raises(UnavailableError, match="holds no ledger"):
        await recount(database_url, f"{process}/metrics", ignore)


@pytest.mark.parametrize("wanted", [rows.COUNTED_EVENT, rows.COUNTED_KEY])
async def test_a_counted_event_is_found(ledger: str, wanted: UUID) -> None:
    """By its event id or by its business key, with every later record of the same fact."""
    found = await find(ledger, wanted)
    assert [(fact.place.partition, fact.place.offset) for fact in found.counted] == [(0, 0)]
    assert "retry" in [repetition.duplicate for repetition in found.repetitions]
    assert found.exit_code == 0


async def test_a_duplicate_is_found_with_its_original(ledger: str) -> None:
    """A duplicate of what, is the question."""
    (conflict,) = (await find(ledger, rows.CONFLICT_EVENT)).repetitions
    assert conflict.duplicate == "conflict"
    assert conflict.of is not None
    assert (conflict.of.event_id, conflict.of.day.isoformat()) == (rows.COUNTED_EVENT, "2024-06-01")


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [(rows.REFUSED_EVENT, "province_unknown"), (rows.REFUSED_BINARY_EVENT, "not_json")],
    ids=["structured, in upper case", "binary"],
)
async def test_a_refused_event_is_found(ledger: str, wanted: UUID, reason: str) -> None:
    """Its id is only in the bytes that were kept; nothing else of them is told."""
    found = await find(ledger, wanted)
    assert [refusal.reason for refusal in found.refusals] == [reason]
    assert rows.SUBJECT not in "".join(tell(wanted, found))


async def test_an_unseen_event_is_told_with_how_far_the_ledger_is(ledger: str) -> None:
    """It may still come."""
    found = await find(ledger, UUID(int=999))
    assert found.exit_code == 1
    assert sorted(found.newest) == sorted(kind.topic for kind in KINDS[:3])  # of those that have any record


async def test_the_totals_come_with_their_days(ledger: str, process: str) -> None:
    """Totals as shown, days as counted."""
    totals = await read_totals(ledger, f"{process}/metrics")
    figures = totals.kinds[IDENTITY_RECORDS.name]
    assert (figures.total, figures.days, figures.average_a_day) == (4, 2, 2.0)
    assert [str(figures.first_day), str(figures.last_day)] == ["2024-06-01", "2024-06-02"]
    assert (totals.activation_percent, totals.exit_code) == (25.0, 0)


@asynccontextmanager
async def serve(page: str) -> AsyncIterator[str]:
    """Yield the address of a process that shows `page`."""
    application = web.Application()
    application.router.add_get("/metrics", say(page))
    server = TestServer(application)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


async def look_once(database_url: str, totals_url: str) -> Recounted:
    """Recount with a clock on which no lag is waited for."""
    clock = iter((0.0, 1_000.0))

    async with open_snapshot(database_url) as connection:
        book = await read_book(connection, ignore)
    return await compare(
        Looks(
            read=lambda: same(book),
            reread=same,
            scrape=lambda: scrape(totals_url),
            seconds=lambda: next(clock),
            pause=lambda: same(None),
        )
    )


async def same(value: Value) -> Value:
    """Return what is given."""
    return value


def ignore(_facts: int, _total: int) -> None:
    """Take a report of progress and do nothing with it."""
