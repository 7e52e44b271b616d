"""The published figures that a simulated history adds up to, and the days on which its parts begin and end."""

from datetime import date, timedelta
from typing import Final

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS

# Conference on Project 06, 10 June 2024: the totals up to the day before it.
LAST_DAY: Final = date(2024, 6, 9)
# The first identity records come with the first chip-based cards.
RECORDS_FROM: Final = date(2021, 3, 1)
# VNeID is launched.
ACCOUNTS_FROM: Final = date(2022, 7, 18)
# The published average of logins begins here.
LOGINS_FROM: Final = date(2024, 1, 1)
LOGIN_DAYS: Final = (LAST_DAY - LOGINS_FROM + timedelta(days=1)).days

PUBLISHED: Final = {
    IDENTITY_RECORDS.name: 75_160_000,
    ACCOUNTS.name: 53_880_000,
    LOGINS.name: LOGIN_DAYS * 150_000,
}

# 1 : 1,000,000 is 75 records, 54 accounts and 24 logins; with less there is nothing to see.
SCALE_MAX: Final = 1_000_000


def figures(scale: int) -> dict[str, int]:
    """Return the published figure of each kind (by its name in the catalogue) at 1 : scale, rounded once, half up.

    Raises ValueError when scale is not between 1 and SCALE_MAX.
    """
    if not 1 <= scale <= SCALE_MAX:
        raise ValueError(f"scale must be between 1 and {SCALE_MAX}: 1000 makes one event for each 1,000 published")
    return {name: (2 * figure + scale) // (2 * scale) for name, figure in PUBLISHED.items()}
