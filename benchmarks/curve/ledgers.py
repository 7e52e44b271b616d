"""Filled ledgers, each made once in a database of its own and copied for every trial, if the disk has room for them."""

import shutil
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg
from rich.console import Console

from benchmarks.stage.prefill import Filling, copied_ledger, fill_ledger
from benchmarks.stage.servers import empty_database
from benchmarks.stage.waiting import Tell
from onboarding.cli._progress import show_progress

# A fact with its key in the index and its part of the tallies: 228 bytes, measured with a million of them.
_BYTES_A_ROW: Final = 230
# 10 GB: 4 GB of write-ahead log (max_wal_size of the embedded server), what Kafka holds, and what is added in a trial.
_BYTES_BESIDE: Final = 10_000_000_000
_GIGABYTE: Final = 1e9


class DiskShortError(Exception):
    """The disk has no room for ledgers; the message says how much is missing where."""


def check_disk(fillings: Collection[Filling], folder: Path, free_bytes: int) -> None:
    """Raise DiskShortError unless these ledgers and a copy of the largest fit in.

    folder -- where they will be, for the message
    """
    rows = [filling.rows for filling in fillings]
    needed = (sum(rows) + max(rows, default=0)) * _BYTES_A_ROW + _BYTES_BESIDE
    if any(rows) and needed > free_bytes:
        raise DiskShortError(
            f"filled ledgers need {needed / _GIGABYTE:.0f} GB in {folder}, {free_bytes / _GIGABYTE:.0f} GB are free: "
            "free some, or ask for fewer facts with --rows"
        )


async def fill_ledgers(url: str, fillings: Collection[Filling], folder: Path, console: Console) -> None:
    """Fill a database for each, with progress on a console. Raises DiskShortError before it begins.

    url -- of any database of the server
    folder -- where the server has its data
    """
    check_disk(fillings, folder, shutil.disk_usage(folder).free)
    for filling in fillings:
        if filling.rows:
            await _fill(url, filling, console)


async def _fill(url: str, filling: Filling, console: Console) -> None:
    """Make a database and fill it."""
    server = await asyncpg.connect(url)
    await server.execute(f"CREATE DATABASE {_name(filling)}")
    await server.close()
    address = url.rsplit("/", 1)[0] + f"/{_name(filling)}"
    with show_progress(f"ledger, UUID{filling.ids}", filling.rows, console, time.monotonic) as report:
        await fill_ledger(address, filling, report, console.print)


@asynccontextmanager
async def open_ledger(url: str, filling: Filling, tell: Tell) -> AsyncIterator[str]:
    """Give the address of a ledger as it was filled, or of an empty database, and drop it afterwards.

    tell -- called with a line of text while it takes long
    """
    made = copied_ledger(url, _name(filling), tell) if filling.rows else empty_database(url)
    async with made as address:
        yield address


def _name(filling: Filling) -> str:
    """Return the name of a filled database."""
    return f"filled_{filling.rows}_{filling.ids}"
