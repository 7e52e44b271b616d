"""Moments and ages as a person reads them: moments in Vietnam, ages in the unit that suits them."""

from datetime import datetime
from typing import Final

from models.calendar import VIETNAM

_MINUTE_SECONDS: Final = 60
_HOUR_SECONDS: Final = 3_600
_DAY_SECONDS: Final = 86_400


def describe_age(seconds: float) -> str:
    """Write an age in the unit that suits it."""
    for unit, name in ((_DAY_SECONDS, "d"), (_HOUR_SECONDS, "h"), (_MINUTE_SECONDS, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{max(seconds, 0):.0f} s"


def write_second(moment: datetime) -> str:
    """Write a moment in Vietnam, to the second."""
    return f"{moment.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}"


def write_minute(moment: datetime) -> str:
    """Write a moment in Vietnam, to the minute."""
    return f"{moment.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
