"""Valid events without end: random in every field that the contract leaves free, the same from one seed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Final, get_args

import numpy as np

from models.catalogue import Kind
from models.decoding.many_records import RecordColumns
from models.events import Cause, Channel, Portal, Source
from models.places import MERGED_ON, PROVINCE_CODES, place_at

FIRST: Final = datetime(2016, 1, 3, tzinfo=UTC)
SPAN_SECONDS: Final = int((datetime(2030, 12, 30, tzinfo=UTC) - FIRST).total_seconds())
APPENDED_AT: Final = datetime(2031, 1, 1, tzinfo=UTC)
# Days from FIRST on and the seconds of a day: made once, because writing them costs as much as decoding an event.
DAYS: Final = [(FIRST + timedelta(days=number)).date().isoformat() for number in range(SPAN_SECONDS // 86_400 + 1)]
SECONDS: Final = [(FIRST + timedelta(seconds=number)).time().isoformat() for number in range(86_400)]
FRACTIONS: Final = ("", ".5", ".123", ".000001", ".999999", ".123456789")
# The world's offsets at their ends, Vietnam's, and the three ways of writing UTC.
OFFSETS: Final = ("Z", "z", "+00:00", "-00:00", "+07:00", "-12:00", "+14:00", "+05:45")
# Escapes are rarer than they are dear: a text with one is read twice.
DESKS: Final = (
    *("", ', "desk": null', ', "desk": ""', ', "desk": "Tel. 024 3942 1234"') * 4,
    *(', "desk": "Bộ phận Một cửa phường Bến Nghé, Quận 1 🇻🇳"', f', "desk": "{"ữ" * 120}"') * 4,
    ', "desk": "B\\u1ed9 ph\\u1eadn \\ud83c\\uddfb\\ud83c\\uddf3 \\"1\\""',
)
DIMENSIONS: Final = {
    "channel": get_args(Channel),
    "portal": get_args(Portal),
    "level": ("1", "2"),
    "cause": get_args(Cause),
    "state_before": ("active", "locked"),
}
EDGE: Final = MERGED_ON.isoformat()
CODES_BEFORE: Final = PROVINCE_CODES
CODES_AFTER: Final = tuple(code for code in PROVINCE_CODES if place_at(code, MERGED_ON))
# On the two days around the merger the offset decides, so only a code that is in force on both will do.
CODES_BOTH: Final = tuple(code for code in CODES_AFTER if place_at(code, MERGED_ON - timedelta(days=1)))
EDGE_DAYS: Final = {(MERGED_ON + timedelta(days=days)).isoformat() for days in (-1, 0)}


# 500 records: a partition's share of a fetch.
BATCH_RECORDS: Final = 500
_APPENDED_MILLISECONDS: Final = int(APPENDED_AT.timestamp() * 1000)


def make_identifier(digits: str) -> str:
    """Write 32 random hex digits as a UUID: version 4 or 7 and the case follow from the first of them."""
    version = "4" if digits[0] < "8" else "7"
    text = f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    return text.upper() if digits[1] < "4" else text


def codes_on(day: str) -> tuple[str, ...]:
    """Return the codes in force on a day, whatever offset it is written with."""
    if day in EDGE_DAYS:
        return CODES_BOTH
    return CODES_BEFORE if day < EDGE else CODES_AFTER


def _write_values(kind: Kind, chance: float, day: str) -> str:
    """Write the dimensions and details of a kind, each chosen by other digits of one random number below 1."""
    written = ""
    for name in kind.dimensions:
        choices = codes_on(day) if name == "province" else DIMENSIONS[name]
        chance *= len(choices)
        value = choices[int(chance)]
        chance %= 1
        written += f', "{name}": {value}' if name == "level" else f', "{name}": "{value}"'
    return written + DESKS[int(chance * len(DESKS))] if kind.details else written


def valid_records(kind: Kind, number: int, seed: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of random valid events of a kind, random in every field, the same from one seed."""
    random = Random(f"{seed} {kind.name}")  # noqa: S311 - test data, no secret
    sources, endings = get_args(Source), [f"{fraction}{offset}" for fraction in FRACTIONS for offset in OFFSETS]
    for _ in range(number):
        digits = f"{random.getrandbits(512):0128x}"
        subject = digits[:64]
        day, second = divmod(int(random.random() * SPAN_SECONDS), 86_400)
        value = (
            f'{{"specversion": "1.0", "type": "{kind.type}", "id": "{make_identifier(digits[64:96])}",'
            f' "source": "{sources[int(random.random() * len(sources))]}", "subject": "{subject}",'
            f' "time": "{DAYS[day]}T{SECONDS[second]}{endings[int(random.random() * len(endings))]}",'
            f' "data": {{"{kind.business_key}": "{make_identifier(digits[96:])}"'
            f"{_write_values(kind, random.random(), DAYS[day])}}}}}"
        )
        yield subject.encode(), value.encode()


def valid_batches(kind: Kind, number: int, seed: int) -> Iterator[RecordColumns]:
    """Yield the same events as batches of records."""
    records = valid_records(kind, number, seed)
    while batch := list(islice(records, BATCH_RECORDS)):
        size, (keys, values) = len(batch), zip(*batch, strict=True)
        yield RecordColumns(
            np.zeros(size, np.int64), keys, values, [()] * size, np.arange(size), np.full(size, _APPENDED_MILLISECONDS)
        )
