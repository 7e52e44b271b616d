"""Whether the ledger, the tallies, the counters and the totals that are shown say the same, cell by cell.

What is inside Postgres is read in one snapshot, so any difference is a drift. The totals are shown by another process,
a moment later: they must lie between two counts of the ledger, which are one and the same when nothing was recorded
in between. A total that only lags is waited for.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from models.catalogue import KINDS, Kind
from operations.recount.counting import Book, KindBook, Report, read_book, read_versions
from operations.recount.drift import Drift, find_metric_drifts, find_sum_drifts
from operations.scrape import Scrape, scrape_any
from operations.snapshot import open_snapshot

# 10 s: another stream worker has taken over, and a page that was lost has been announced again, twice.
LAG_SECONDS_MAX: Final = 10.0
# 0.5 s: to look more often than a person waits would only load the server.
_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Recounted:
    """What a recount found.

    first, last -- the ledger before and after the totals were read; the same when nothing moved in between
    """

    first: Book
    last: Book
    drifts: tuple[Drift, ...]

    @property
    def drift_cells(self) -> int:
        """In how many cells something differs; 0 is what everybody wants."""
        return len(self.drifts)

    @property
    def exit_code(self) -> int:
        """0 when nothing differs, else 1."""
        return 1 if self.drifts else 0

    @property
    def moved(self) -> int:
        """How many facts were recorded while the totals were read: within so many the totals are known to be right."""
        return self.last.facts - self.first.facts

    def drifts_of(self, kind: str) -> list[Drift]:
        """Return the drifts of one kind."""
        return [drift for drift in self.drifts if drift.kind == kind]


@dataclass(frozen=True, slots=True)
class Looks:
    """The ways in which a recount looks at the system, and its clock.

    reread -- returns the given book when nothing was recorded since, else a new one
    seconds -- a clock that never goes back
    pause -- lets a moment pass before the next look
    """

    read: Callable[[], Awaitable[Book]]
    reread: Callable[[Book], Awaitable[Book]]
    scrape: Callable[[], Awaitable[Scrape]]
    seconds: Callable[[], float]
    pause: Callable[[], Awaitable[None]]


async def recount(database_url: str, totals_url: str, report: Report) -> Recounted:
    """Count the ledger again and compare everything with it; `report` is told how far a count is.

    Raises UnavailableError when Postgres or the page of the totals cannot be read.
    """

    async def read() -> Book:
        async with open_snapshot(database_url) as connection:
            return await read_book(connection, report)

    async def reread(known: Book) -> Book:
        async with open_snapshot(database_url) as connection:
            unchanged = await read_versions(connection) == known.versions
            return known if unchanged else await read_book(connection, report)

    return await compare(
        Looks(
            read=read,
            reread=reread,
            scrape=lambda: scrape_any(totals_url),
            seconds=time.monotonic,
            pause=lambda: asyncio.sleep(_LOOK_SECONDS),
        )
    )


async def compare(looks: Looks) -> Recounted:
    """Compare a system with itself; totals that differ are given `LAG_SECONDS_MAX` to catch up."""
    await looks.scrape()  # to count a great ledger takes minutes: who cannot be asked is told of before
    first = last = await looks.read()
    deadline = looks.seconds() + LAG_SECONDS_MAX
    while True:
        looked_at = looks.seconds()
        page = await looks.scrape()
        if _find_drifts(first, first, page):
            last = await looks.reread(last)
            first = first if first.epoch == last.epoch else last  # by a correction a number may be lower
        drifts = _find_drifts(first, last, page)
        if not drifts or looked_at >= deadline:
            return Recounted(first, last, (*_drifts_within(last), *drifts))
        await looks.pause()


def _drifts_within(book: Book) -> list[Drift]:
    """Return the drifts inside Postgres."""
    return [drift for kind in book.kinds.values() for drift in kind.drifts]


def _find_drifts(first: Book, last: Book, page: Scrape) -> list[Drift]:
    """Return the drifts of the totals that are shown."""
    return [
        drift
        for kind in KINDS
        for drift in _find_kind_drifts(kind, first.kinds[kind.name], last.kinds[kind.name], page)
    ]


def _find_kind_drifts(kind: Kind, first: KindBook, last: KindBook, page: Scrape) -> Iterator[Drift]:
    """Yield the drifts of one kind that are shown."""
    yield from find_metric_drifts(kind, first.counts, last.counts, page)
    yield from find_sum_drifts(kind, first.sums, last.sums, page)
