"""At which moments of a day events happen: spread by the hour, in order, without keeping a day in memory."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

_DAY_MILLISECONDS: Final = 86_400_000
_HOUR_MILLISECONDS: Final = 3_600_000
# 96: a day's events are cut into 96 equal shares; few numbers, and hours still keep their shape.
_SHARES: Final = 96
_SHARE_MILLISECONDS: Final = _DAY_MILLISECONDS // _SHARES
# 16 bits: events of a day that share a stretch of time are spread over 65,536 places of it.
_JITTER_BITS: Final = 16

_UNIX_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
# Vietnam is 7 hours ahead of UTC (models/calendar.py).
_OFFSET_MILLISECONDS: Final = 7 * _HOUR_MILLISECONDS
_MINUTES: Final = tuple(f"{minute // 60:02}:{minute % 60:02}:" for minute in range(1440))
_SECONDS: Final = tuple(f"{second:02}+07:00" for second in range(60))

Profile = Sequence[int]


class Moment(NamedTuple):
    """A moment to the millisecond, and the same in RFC 3339 to the second, as upstream systems write it."""

    unix_milliseconds: int
    text: str


def make_profile(hours: Sequence[int]) -> Profile:
    """Return the millisecond of the day at which each of _SHARES equal shares of its events ends.

    hours -- 24 weights, one an hour, none zero
    """
    ends = list(accumulate(hours))
    edges = [0]
    for share in range(1, _SHARES):
        reached = share * ends[-1]
        hour = next(hour for hour, end in enumerate(ends) if end * _SHARES >= reached)
        missing = ends[hour] * _SHARES - reached
        edges.append((hour + 1) * _HOUR_MILLISECONDS - missing * _HOUR_MILLISECONDS // (hours[hour] * _SHARES))
    return (*edges, _DAY_MILLISECONDS)


def moments(day: date, count: int, profile: Profile, random: Random) -> Iterator[Moment]:
    """Yield `count` moments of a Vietnamese day in order: one at random in each of `count` equal shares."""
    midnight = (day.toordinal() - _UNIX_EPOCH_ORDINAL) * _DAY_MILLISECONDS - _OFFSET_MILLISECONDS
    prefix = f"{day.isoformat()}T"
    for place in range(count):
        jittered = (place << _JITTER_BITS) + random.getrandbits(_JITTER_BITS)
        share, rest = divmod(jittered * _DAY_MILLISECONDS // (count << _JITTER_BITS), _SHARE_MILLISECONDS)
        begin = profile[share]
        millisecond = begin + (profile[share + 1] - begin) * rest // _SHARE_MILLISECONDS
        minute, second = divmod(millisecond // 1000, 60)
        yield Moment(midnight + millisecond, f"{prefix}{_MINUTES[minute]}{_SECONDS[second]}")
