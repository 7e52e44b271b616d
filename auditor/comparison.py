"""Whether what is shown is the ledger's: looked at often and cheaply, between two recounts of every cell."""

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple

from models.catalogue import KINDS
from operations.scrape import Scrape, scrape_any
from operations.snapshot import open_snapshot

# 10 s: what is shown as current was the ledger's value within so long.
CURRENT_SECONDS: Final = 10.0
_EPOCH: Final = "SELECT max(epoch) FROM ledger_epoch"
_COUNTED: Final = "SELECT topic, sum(facts)::bigint FROM tally WHERE dimension = 'all' GROUP BY topic"


class Counted(NamedTuple):
    """What the ledger holds at a moment, by topic; within an epoch no number goes down."""

    epoch: int
    facts: Mapping[str, int]


async def find_strays(database_url: str, totals_url: str) -> set[str]:
    """Return the kinds whose shown total is none that the ledger had within the last ten seconds; takes so long.

    Raises UnavailableError when Postgres or every stream worker is away.
    """
    before = await _count(database_url)
    await asyncio.sleep(CURRENT_SECONDS)
    page = await scrape_any(totals_url)
    return judge_shown(before, page, await _count(database_url))


def judge_shown(before: Counted, page: Scrape, after: Counted) -> set[str]:
    """Return the kinds whose total on a page lies outside of what the ledger held around it, and is not marked."""
    if before.epoch != after.epoch:
        return set()
    strays = set()
    for kind in KINDS:
        shown = page.value(kind.metric, {})
        bounds = before.facts.get(kind.topic, 0), after.facts.get(kind.topic, 0)
        if shown is not None and kind.name not in page.not_current and not bounds[0] <= shown <= bounds[1]:
            strays.add(kind.name)
    return strays


async def _count(database_url: str) -> Counted:
    async with open_snapshot(database_url) as connection:
        return Counted(await connection.fetchval(_EPOCH), dict(map(tuple, await connection.fetch(_COUNTED))))
