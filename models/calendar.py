"""The Vietnamese calendar day, on which every event counts."""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

# Asia/Ho_Chi_Minh is UTC+7 without daylight saving since 13 June 1975 (IANA tzdata); no event may be older than 2016.
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

# 1 January 2016: the Law on Citizen Identification (59/2014/QH13) takes effect; before it there are no such records.
EARLIEST_TIME = datetime(2016, 1, 1, tzinfo=VIETNAM)

# 5 minutes: how far an upstream clock may run ahead of the broker's before its events are refused.
CLOCK_AHEAD_MAX = timedelta(minutes=5)

# 5 minutes: clocks of brokers differ by less. An append time beyond it is in other units, or of a clock that is wrong.
APPENDED_AHEAD_MAX = timedelta(minutes=5)

LAST_MILLISECOND = 253_402_128_000_000  # two days before the last that datetime knows: a time zone may be added
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFSET = timedelta(hours=7)  # of Vietnam from UTC
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


def day_of(moment: datetime) -> date:
    """Return the calendar day in Vietnam of an aware moment, the last that date knows where it has none.

    It is fastest where the moment is in UTC.
    """
    try:
        return (in_utc(moment) + OFFSET).date()
    except OverflowError:
        return date.max


def in_utc(moment: datetime) -> datetime:
    """Return an aware moment in UTC; where that is before the year 1 or after 9999, the nearest that datetime knows."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST_MOMENT if moment.year == 1 else _LAST_MOMENT


EARLIEST_IN_UTC = in_utc(EARLIEST_TIME)  # quicker to compare with moments in UTC


@lru_cache(maxsize=1024)  # the records of a batch in the log share one append time
def moment_of(unix_milliseconds: int) -> datetime:
    """Return a Kafka timestamp (milliseconds since 1970, UTC) as an aware moment.

    Where a topic takes its clients' timestamps they may be anything: none is before 1970 or after 30 December 9999.
    """
    return EPOCH + timedelta(milliseconds=min(max(unix_milliseconds, 0), LAST_MILLISECOND))
