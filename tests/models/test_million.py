"""A million generated valid events are refused not once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final, get_args
from uuid import UUID

import pytest

from models.catalogue import KINDS, Kind
from models.codec import Accepted, decode
from models.events import Cause, Channel, Portal, Source
from models.places import MERGED_ON, PROVINCE_CODES, place_at

pytestmark = pytest.mark.slow

EVENTS: Final = 1_000_000
SEED: Final = 20_240_610
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


def _identifier(digits: str) -> str:
    """Write 32 random hex digits as a UUID: version 4 or 7 and the case follow from the first of them."""
    version = "4" if digits[0] < "8" else "7"
    text = f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    return text.upper() if digits[1] < "4" else text


def _codes(day: str) -> tuple[str, ...]:
    """Return the codes in force on a day, whatever offset it is written with."""
    if day in EDGE_DAYS:
        return CODES_BOTH
    return CODES_BEFORE if day < EDGE else CODES_AFTER


def _values(kind: Kind, chance: float, day: str) -> str:
    """Write the dimensions and details of a kind, each chosen by other digits of one random number below 1."""
    written = ""
    for name in kind.dimensions:
        choices = _codes(day) if name == "province" else DIMENSIONS[name]
        chance *= len(choices)
        value = choices[int(chance)]
        chance %= 1
        written += f', "{name}": {value}' if name == "level" else f', "{name}": "{value}"'
    return written + DESKS[int(chance * len(DESKS))] if kind.details else written


def _valid_records(kind: Kind, number: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of random valid events of a kind, random in every field, the same from one seed."""
    random = Random(f"{SEED} {kind.name}")  # noqa: S311 - test data, no secret
    sources, endings = get_args(Source), [f"{fraction}{offset}" for fraction in FRACTIONS for offset in OFFSETS]
    for _ in range(number):
        digits = f"{random.getrandbits(512):0128x}"
        subject = digits[:64]
        day, second = divmod(int(random.random() * SPAN_SECONDS), 86_400)
        value = (
            f'{{"specversion": "1.0", "type": "{kind.type}", "id": "{_identifier(digits[64:96])}",'
            f' "source": "{sources[int(random.random() * len(sources))]}", "subject": "{subject}",'
            f' "time": "{DAYS[day]}T{SECONDS[second]}{endings[int(random.random() * len(endings))]}",'
            f' "data": {{"{kind.business_key}": "{_identifier(digits[96:])}"'
            f"{_values(kind, random.random(), DAYS[day])}}}}}"
        )
        yield subject.encode(), value.encode()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_million_valid_events_are_refused_not_once(kind: Kind) -> None:
    """One refused in a million would be 153 citizens missing from the national history."""
    refused = [
        (outcome, value)
        for key, value in _valid_records(kind, -(-EVENTS // len(KINDS)))
        if type(outcome := decode(kind.topic, key, value, (), APPENDED_AT)) is not Accepted
    ]
    assert not refused[:3]


def test_the_generator_draws_every_province_of_every_time() -> None:
    """A generator that left out a province would prove nothing of it."""
    drawn = {code for day in ("2024-06-10", EDGE, "2026-01-01") for code in _codes(day)}
    assert drawn == set(PROVINCE_CODES)
    assert set(_codes("2026-01-01")) == {code for code in PROVINCE_CODES if place_at(code, date(2026, 1, 1))}


def test_the_generator_writes_versions_4_and_7_in_both_cases() -> None:
    """The contract takes any UUID, so the million must have more than one sort."""
    drawn = [_identifier(first + second + "abcdef" * 5) for first in "0f" for second in "0f"]
    assert {(UUID(text).version, text == text.lower()) for text in drawn} == {
        (version, lower) for version in (4, 7) for lower in (True, False)
    }


def test_the_generator_draws_every_value_of_every_dimension() -> None:
    """A channel, portal or desk that is never drawn is never tried."""
    for kind in KINDS:
        drawn = b"".join(value for _, value in _valid_records(kind, 2_000)).decode()
        values = [value for name in kind.dimensions for value in DIMENSIONS.get(name, PROVINCE_CODES)]
        assert all(f": {value}" in drawn or f': "{value}"' in drawn for value in values)
        assert all(desk in drawn for desk in DESKS if kind.details)
