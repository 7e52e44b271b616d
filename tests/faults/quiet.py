"""Waits until nothing is under way any more, which is when a check makes sense."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import asyncpg
from aiokafka.errors import KafkaError

from ledger.sqlstates import ERRORS
from tests.faults.book import count_unpublished, read_counted, read_next_offsets
from tests.faults.contract import KINDS, LANES, Lane
from tests.faults.exposition import parse
from tests.faults.kafka_log import find_ends

# 0.2 s: a look costs Kafka and Postgres a few milliseconds.
_LOOK_SECONDS: Final = 0.2

Scrape = Callable[[], Awaitable[str]]


async def await_quiet(database_url: str, bootstrap: str, scrape: Scrape, seconds_max: float) -> bool:
    """Wait until no transaction is open, all is recorded, published and shown; tell whether that came in time.

    scrape -- returns the page of the active stream worker, or "" while nobody answers.
    """
    deadline = time.monotonic() + seconds_max
    while not await is_quiet(database_url, bootstrap, scrape):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    return True


async def is_quiet(database_url: str, bootstrap: str, scrape: Scrape) -> bool:
    """Tell whether nothing is under way; of servers that do not answer yet nobody knows."""
    try:
        ends = await find_ends(bootstrap, LANES)
        recorded, unpublished, counted = await _read_ledger(database_url)
    except (*ERRORS, KafkaError):
        return False
    done = all(stable == end == recorded.get(lane, 0) for lane, (stable, end) in ends.items())
    return done and not unpublished and shows(await scrape(), counted)


async def _read_ledger(database_url: str) -> tuple[Mapping[Lane, int], int, Mapping[str, int]]:
    """Return what is recorded up to where, how many refusals are not published, and what is counted."""
    connection = await asyncpg.connect(database_url)
    try:
        recorded = await read_next_offsets(connection)
        return recorded, await count_unpublished(connection), await read_counted(connection)
    finally:
        await connection.close()


def shows(scrape_text: str, counted: Mapping[str, int]) -> bool:
    """Tell whether a page shows what Postgres counts, by topic."""
    shown = parse(scrape_text)
    return all(shown.get(kind.metric) == counted.get(kind.topic, 0) for kind in KINDS)
