"""How many events of each kind fall on each day: growth over the months, the pattern of the week, exact sums."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from upstream.simulation.apportionment import apportion, apportion_running
from upstream.simulation.figures import ACCOUNTS_FROM, LAST_DAY, LOGINS_FROM, RECORDS_FROM, figures

# Percent of an average day, Monday to Sunday; seven days are 700, so whole weeks have the exact mean (a test keeps it).
# Intake desks work little at the weekend, an app is activated at any time, portals follow the offices.
RECORDS_OF_WEEKDAY: Final = (118, 120, 121, 120, 119, 80, 22)
ACCOUNTS_OF_WEEKDAY: Final = (100, 98, 97, 97, 99, 104, 105)
LOGINS_OF_WEEKDAY: Final = (118, 116, 114, 112, 108, 72, 60)

# Project 06 is planned to the end of 2025 (Decision 06/QD-TTg of 2022): there the S curves would level out.
LEVEL_ON: Final = date(2025, 12, 31)
# 7 days: who came to the desk in the last week has no account yet.
ACTIVATION_DELAY: Final = timedelta(days=7)


class Day(NamedTuple):
    """One day's share: which records and accounts by ordinal since the start, and how many logins."""

    date: date
    records: range
    accounts: range
    logins: int


class Schedule:
    """The whole history as counts by day; nothing else of it is ever held."""

    def __init__(self, scale: int) -> None:
        total = figures(scale)
        self._records = _running_since(RECORDS_FROM, total[IDENTITY_RECORDS.name], RECORDS_OF_WEEKDAY)
        self._accounts_total = total[ACCOUNTS.name]
        self._activatable = self._records[LAST_DAY - ACTIVATION_DELAY]
        self._accounts = _running_since(ACCOUNTS_FROM, self._accounts_total, ACCOUNTS_OF_WEEKDAY)
        self._logins = _logins_by_day(total[LOGINS.name])

    def days(self) -> Iterator[Day]:
        """Yield every day from the first record to the last day, in order."""
        before = RECORDS_FROM - timedelta(days=1)
        for day in self._records:
            records = range(self._records.get(before, 0), self._records[day])
            accounts = range(self._accounts.get(before, 0), self._accounts.get(day, 0))
            yield Day(day, records, accounts, self._logins.get(day, 0))
            before = day

    def record_of(self, account: int) -> int:
        """Return the ordinal of the record whose citizen activates an account; each record has at most one.

        The record is always of an earlier day, because its curve runs ahead of the accounts' (a test keeps it so).
        """
        return account * self._activatable // self._accounts_total


def _running_since(first: date, total: int, weekday: tuple[int, ...]) -> dict[date, int]:
    """Return how many of `total` there are up to each day since `first`: an S curve, with the pattern of the week."""
    days = _days_since(first)
    width = (LEVEL_ON - first).days
    weights = [
        (_smooth_step(place + 1, width) - _smooth_step(place, width)) * weekday[day.weekday()]
        for place, day in enumerate(days)
    ]
    return dict(zip(days, apportion_running(total, weights), strict=True))


def _logins_by_day(total: int) -> dict[date, int]:
    """Return the logins of each day."""
    days = _days_since(LOGINS_FROM)
    weights = [LOGINS_OF_WEEKDAY[day.weekday()] for day in days]
    return dict(zip(days, apportion(total, weights), strict=True))


def _days_since(first: date) -> list[date]:
    """Return the days from `first` to the last one."""
    return [first + timedelta(days=place) for place in range((LAST_DAY - first).days + 1)]


def _smooth_step(place: int, width: int) -> int:
    """Return 3x^2 - 2x^3 for x = place / width, times width^3: an S curve in whole numbers, the same on any machine."""
    return place * place * (3 * width - 2 * place)
