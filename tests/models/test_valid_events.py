"""Generated valid events are refused not once by what consumers decode with, and the generator draws all there is."""

from datetime import date
from typing import Final
from unittest.mock import Mock
from uuid import UUID

import pytest

from models.catalogue import KINDS, Kind
from models.decoding import many_records
from models.decoding.many_records import decode_all
from models.places import PROVINCE_CODES, place_at
from tests.models.valid_events import (
    DESKS,
    DIMENSIONS,
    EDGE,
    codes_on,
    make_identifier,
    valid_batches,
    valid_records,
)

pytestmark = pytest.mark.slow

EVENTS: Final = 240_000
SEED: Final = 20_240_610


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_valid_events_are_refused_not_once(kind: Kind) -> None:
    """One refused in a million would be 153 citizens missing from the national history; `make fuzz` tries millions."""
    for batch in valid_batches(kind, EVENTS // len(KINDS), SEED):
        decoded = decode_all(kind.topic, batch)
        assert [(refused, batch.values[place]) for place, refused in decoded.refused[:3]] == []
        assert len(decoded.facts) == len(batch.values)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_valid_events_are_decoded_together(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what is proved above would be proved of the way that takes one after the other."""
    monkeypatch.setattr(many_records, "_decode_each", Mock(side_effect=AssertionError))
    for batch in valid_batches(kind, EVENTS // len(KINDS) // 4, SEED):
        assert len(decode_all(kind.topic, batch).facts) == len(batch.values)


def test_the_generator_draws_every_province_of_every_time() -> None:
    """A generator that left out a province would prove nothing of it."""
    drawn = {code for day in ("2024-06-10", EDGE, "2026-01-01") for code in codes_on(day)}
    assert drawn == set(PROVINCE_CODES)
    assert set(codes_on("2026-01-01")) == {code for code in PROVINCE_CODES if place_at(code, date(2026, 1, 1))}


def test_the_generator_writes_versions_4_and_7_in_both_cases() -> None:
    """The contract takes any UUID, so there must be more than one sort."""
    drawn = [make_identifier(first + second + "abcdef" * 5) for first in "0f" for second in "0f"]
    assert {(UUID(text).version, text == text.lower()) for text in drawn} == {
        (version, lower) for version in (4, 7) for lower in (True, False)
    }


def test_the_generator_draws_every_value_of_every_dimension() -> None:
    """A channel, portal or desk that is never drawn is never tried."""
    for kind in KINDS:
        drawn = b"".join(value for _, value in valid_records(kind, 2_000, SEED)).decode()
        values = [value for name in kind.dimensions for value in DIMENSIONS.get(name, PROVINCE_CODES)]
        assert all(f": {value}" in drawn or f': "{value}"' in drawn for value in values)
        assert all(desk in drawn for desk in DESKS if kind.details)
