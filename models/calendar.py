"""The Vietnamese calendar day, on which every event counts."""

from datetime import UTC, date, datetime, timedelta, timezone

# Asia/Ho_Chi_Minh is UTC+7 without daylight saving since 13 June 1975 (IANA tzdata); no event may be older than 2016.
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

# 1 January 2016: the Law on Citizen Identification (59/2014/QH13) takes effect; before it there are no such records.
EARLIEST_TIME = datetime(2016, 1, 1, tzinfo=VIETNAM)

# 5 minutes: how far an upstream clock may run ahead of the broker's before its events are refused.
CLOCK_AHEAD_MAX = timedelta(minutes=5)

_DAY_SECONDS = 86_400
_LAST_MILLISECOND = 253_402_300_799_000  # of the year 9999, the last that datetime knows
_OFFSET_SECONDS = 7 * 3_600
_UNIX_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def day_of(moment: datetime) -> date:
    """Return the calendar day in Vietnam of an aware moment."""
    days = (int(moment.timestamp() // 1) + _OFFSET_SECONDS) // _DAY_SECONDS
    return date.fromordinal(_UNIX_EPOCH_ORDINAL + days)


def moment_of(unix_milliseconds: int) -> datetime:
    """Return a Kafka timestamp (milliseconds since 1970, UTC) as an aware moment.

    Where a topic takes its clients' timestamps they may be anything: none is before 1970 or after the year 9999.
    """
    return datetime.fromtimestamp(min(max(unix_milliseconds, 0), _LAST_MILLISECOND) / 1000, UTC)
