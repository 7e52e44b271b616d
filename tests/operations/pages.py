"""Metrics pages as the stream worker writes them, and ledgers counted beforehand, for tests that plant a drift."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS
from models.tally import ALL, Total
from monitoring.totals import TotalsCollector
from operations.recount.counting import Book, KindBook
from operations.recount.drift import Counts
from operations.scrape import Scrape, parse_scrape

NOW = datetime(2024, 6, 9, 12, tzinfo=UTC)
SOURCE = "urn:vn:project06:vneid"

RECORDS: Counts = {
    ALL: 12,
    ("source", SOURCE): 12,
    ("province", "01"): 5,
    ("province", "79"): 7,
    ("channel", "commune-desk"): 12,
}
ACTIVATED: Counts = {ALL: 4, ("source", SOURCE): 4, ("province", "01"): 4, ("level", "1"): 3, ("level", "2"): 1}
LOGGED_IN: Counts = {ALL: 9, ("source", SOURCE): 9, ("portal", "national"): 9}
COUNTS: Mapping[str, Counts] = {
    IDENTITY_RECORDS.name: RECORDS,
    ACCOUNTS.name: ACTIVATED,
    LOGINS.name: LOGGED_IN,
    **{kind.name: {} for kind in KINDS[3:]},
}


def new_book(counts: Mapping[str, Counts], revision: int) -> Book:
    """Return a book of the given counts without drifts inside Postgres."""
    versions = frozenset({(IDENTITY_RECORDS.topic, 0, 1, revision)})
    return Book(versions, {name: KindBook(counted, ()) for name, counted in counts.items()})


def write_page(counts: Mapping[str, Counts]) -> str:
    """Write the page that a stream worker shows for these counts; a kind that is left out is not shown."""
    registry = CollectorRegistry()
    registry.register(TotalsCollector(lambda: {name: _total(counted) for name, counted in counts.items()}, lambda: NOW))
    return generate_latest(registry).decode()


def show(counts: Mapping[str, Counts]) -> Scrape:
    """Return that page as it is read."""
    return parse_scrape(write_page(counts))


def say(text: str, status: int = 200) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that gives one answer."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    return answer


def _total(counts: Counts) -> Total:
    totals: dict[str, dict[str, int]] = {}
    for (dimension, value), facts in counts.items():
        totals.setdefault(dimension, {})[value] = facts
    return Total(totals, {date(2024, 6, 9): 3}, NOW)
