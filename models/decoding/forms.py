"""Texts of a fixed form, many at once: UUIDs, pseudonyms and moments as arrays of bytes and of whole numbers.

Each function takes only what pydantic takes by the patterns in models/events.py, and reads it as pydantic does; for
anything else among its texts it says None, and somebody else has to look at them one by one.
"""

from binascii import unhexlify
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.calendar import EPOCH
from models.limits import UUID_LENGTH

Bytes = NDArray[np.uint8]  # one row a text
Numbers = NDArray[np.int64]

_HYPHENS: Final = [8, 13, 18, 23]
_UUID_DIGITS: Final = 32
_SUBJECT_DIGITS: Final = 64


def read_uuids(texts: Sequence[str]) -> Bytes | None:
    """Return the 16 bytes of each UUID in its hyphenated form, in either case."""
    joined = "".join(texts)
    if not joined.isascii() or set(map(len, texts)) != {UUID_LENGTH}:
        return None
    raw = joined.encode()
    digits = raw.replace(b"-", b"")
    signs = np.frombuffer(raw, np.uint8).reshape(-1, UUID_LENGTH)
    if len(digits) != _UUID_DIGITS * len(texts) or not (signs[:, _HYPHENS] == ord("-")).all():
        return None
    return _read_hex(digits, _UUID_DIGITS)


def read_subjects(texts: Sequence[str], keys: Sequence[bytes | None]) -> Bytes | None:
    """Return the 32 bytes of each pseudonym in lower-case hex digits, where it is the key of its record as well."""
    joined = "".join(texts)
    if not joined.isascii() or set(map(len, texts)) != {_SUBJECT_DIGITS} or joined.lower() != joined:
        return None
    raw = joined.encode()
    if None in keys or set(map(len, keys)) != {_SUBJECT_DIGITS} or b"".join(keys) != raw:  # type: ignore[arg-type]
        return None
    return _read_hex(raw, _SUBJECT_DIGITS)


def _read_hex(digits: bytes, length: int) -> Bytes | None:
    """Return the bytes of texts of so many hex digits each."""
    try:
        return np.frombuffer(unhexlify(digits), np.uint8).reshape(-1, length // 2)
    except ValueError:
        return None


# -- moments

_MICROSECONDS: Final = 1_000_000
_MINUTE_MICROSECONDS: Final = 60 * _MICROSECONDS
_FEBRUARY, _DECEMBER, _HOUR_MAX, _MINUTE_MAX = 2, 12, 23, 59  # no leap second: pydantic takes none
_NINE: Final = 9
_DAY_SECONDS: Final = 86_400
_EPOCH_ORDINAL: Final = EPOCH.toordinal()
_YEAR_MIN: Final = 1900  # no event is older than 2016; what pydantic makes of the first centuries is its own matter
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_DAYS_BEFORE: Final = np.concatenate([[0, 0], np.cumsum(_DAYS[1:12])])
# "2024-06-10T08:32:00": where its signs stand, and its digits.
_SIGNS: Final = {4: b"-", 7: b"-", 10: b"Tt", 13: b":", 16: b":"}
_DIGITS: Final = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]
_FRACTION_AT: Final = 19
_ZONE_LENGTH: Final = 6
_UTC: Final = frozenset({"Z", "z"})
_FRACTION_DIGITS_MAX, _FRACTION_DIGITS_READ = 9, 6  # the rest is cut off


def read_moments(texts: Sequence[str]) -> Numbers | None:
    """Return each RFC 3339 time with an offset as microseconds since 1970, UTC."""
    lengths = set(map(len, texts))
    if len(lengths) == 1 and (moments := _read_alike("".join(texts), len(texts), *lengths)) is not None:
        return moments
    found = np.empty(len(texts), np.int64)
    for length, places in _group(texts):
        moments = _read_alike("".join([texts[place] for place in places]), len(places), length)
        if moments is None:
            return None
        found[places] = moments
    return found


def _group(texts: Sequence[str]) -> Iterable[tuple[int, list[int]]]:
    """Yield the places of texts of one length and one sort of zone, with that length."""
    layouts = [(len(text), text[-1:] in _UTC) for text in texts]
    order = sorted(range(len(texts)), key=layouts.__getitem__)
    for (length, _), places in groupby(order, key=layouts.__getitem__):
        yield length, list(places)


def _read_alike(joined: str, count: int, length: int) -> Numbers | None:
    """Return the moments of texts that have everything in the same place."""
    if not joined.isascii() or length <= _FRACTION_AT:
        return None
    columns = np.ascontiguousarray(np.frombuffer(joined.encode(), np.uint8).reshape(count, length).T)
    is_utc = joined[-1] in _UTC
    zone_at = length - (1 if is_utc else _ZONE_LENGTH)
    fraction = zone_at - _FRACTION_AT - 1  # digits; -1: there is not even a point
    if not (fraction == -1 or 1 <= fraction <= _FRACTION_DIGITS_MAX):
        return None
    signs = _SIGNS | ({_FRACTION_AT: b"."} if fraction > 0 else {})
    signs |= {zone_at: b"Zz"} if is_utc else {zone_at: b"+-", zone_at + 3: b":"}
    places = [*_DIGITS, *range(_FRACTION_AT + 1, zone_at)]
    places += [] if is_utc else [zone_at + 1, zone_at + 2, zone_at + 4, zone_at + 5]
    digits = columns[places] - ord("0")  # of unsigned bytes: what is below a zero is above a nine
    if (digits > _NINE).any() or not all(_has_only(columns[at], allowed) for at, allowed in signs.items()):
        return None
    numbers = digits.astype(np.int64)
    moments, zones = _reckon(numbers, max(fraction, 0)), None if is_utc else _reckon_clock(numbers[-4:])
    if is_utc or moments is None or zones is None:
        return moments if is_utc else None
    shifted: Numbers = moments + np.where(columns[zone_at] == ord("-"), zones, -zones) * _MINUTE_MICROSECONDS
    return shifted


def _has_only(column: Bytes, allowed: bytes) -> bool:
    """Tell whether a column of bytes has none but some."""
    first, *others = allowed
    matches = column == first
    for other in others:
        matches |= column == other
    return bool(matches.all())


def _reckon(digits: Numbers, fraction: int) -> Numbers | None:
    """Return moments by their own clock of digits, one row a digit; None where one of them is no moment.

    fraction -- how many digits of one follow those of the second
    """
    days, clock, seconds = _reckon_days(digits[:8]), _reckon_clock(digits[8:12]), _pairs(digits[12:14])
    if days is None or clock is None or seconds.max() > _MINUTE_MAX:
        return None
    moments: Numbers = (days * _DAY_SECONDS + clock * 60 + seconds) * _MICROSECONDS
    for place in range(min(fraction, _FRACTION_DIGITS_READ)):
        moments += digits[14 + place] * 10 ** (_FRACTION_DIGITS_READ - 1 - place)
    return moments


def _reckon_days(digits: Numbers) -> Numbers | None:
    """Return the days since 1970 of dates of eight digits; None where one is not in the calendar."""
    year, month, day = _pairs(digits[0:2]) * 100 + _pairs(digits[2:4]), _pairs(digits[4:6]), _pairs(digits[6:8])
    if year.min() < _YEAR_MIN or month.min() < 1 or month.max() > _DECEMBER or day.min() < 1:
        return None
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    if (day > _DAYS[month] + (is_leap & (month == _FEBRUARY))).any():
        return None
    before = year - 1
    leap_days = before // 4 - before // 100 + before // 400 + (is_leap & (month > _FEBRUARY))
    days: Numbers = before * 365 + leap_days + _DAYS_BEFORE[month] + day - _EPOCH_ORDINAL
    return days


def _reckon_clock(digits: Numbers) -> Numbers | None:
    """Return the minutes since midnight of times of four digits; None where one is not on a clock."""
    hours, minutes = _pairs(digits[:2]), _pairs(digits[2:])
    return hours * 60 + minutes if hours.max() <= _HOUR_MAX and minutes.max() <= _MINUTE_MAX else None


def _pairs(digits: Numbers) -> Numbers:
    """Return the numbers that two rows of digits are."""
    numbers: Numbers = digits[0] * 10 + digits[1]
    return numbers
