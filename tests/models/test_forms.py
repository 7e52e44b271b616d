"""Texts of a fixed form are read many at once as pydantic reads each, or not at all."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from models.decoding.forms import read_moments, read_subjects, read_uuids
from models.events import Identifier, Moment, Subject

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT, IDENTIFIER, SUBJECT = (TypeAdapter[object](form) for form in (Moment, Identifier, Subject))
# Parts of times, right and wrong, so that a good many of those put together are right.
DATES = ["2024-02-29", "2023-02-29", "2024-12-31", "2000-02-29", "1900-02-28", "1900-02-29", "2024-00-10", "2024-13-01"]
DATES += ["2024-04-31", "2024-01-00", "1899-12-31", "0001-01-01", "9999-12-31", "2024-1-01", "\u0662024-01-01"]
CLOCKS = ["00:00:00", "23:59:59", "24:00:00", "23:60:00", "23:59:60", "08:32:00", "8:32:00", "08-32-00", "08:32:0x"]
FRACTIONS = ["", "", ".5", ".123", ".1234", ".123456", ".1234567", ".123456789", ".1234567891", ".", ",5", ".12a"]
ZONES = [
    "Z",
    "z",
    "+07:00",
    "-00:00",
    "-11:30",
    "+23:59",
    "+24:00",
    "+07:60",
    "+0700",
    "",
    "+7:00",
    "Z ",
    "\u221207:00",
]
times = st.builds("".join, st.tuples(*map(st.sampled_from, (DATES, ["T", "t", " ", "_"], CLOCKS, FRACTIONS, ZONES))))


def read(form: TypeAdapter[object], text: str) -> object:
    """Return what pydantic reads a text as; None where it refuses it."""
    try:
        return form.validate_json(to_json(text))
    except ValidationError:
        return None


@given(st.lists(times | st.text(max_size=40), min_size=1, max_size=6))
def test_moments_are_those_of_pydantic(texts: list[str]) -> None:
    """Whatever stands beside them; what is refused there is taken by nobody here."""
    moments = read_moments(texts)
    if moments is not None:
        assert [EPOCH + timedelta(microseconds=moment) for moment in moments.tolist()] == [
            read(MOMENT, text) for text in texts
        ]


@pytest.mark.parametrize("zone", ["Z", "z", "+07:00", "-11:30"])
@pytest.mark.parametrize("fraction", ["", *(f".{'123456789'[:digits]}" for digits in range(1, 10))])
def test_moments_in_every_layout_are_read(zone: str, fraction: str) -> None:
    """Java writes 0, 3, 6 or 9 digits, Go any number of them; none of that may be slow."""
    texts = [f"2024-02-29T{hour:02}:32:00{fraction}{zone}" for hour in range(24)]
    moments = read_moments(texts)
    assert moments is not None
    assert [EPOCH + timedelta(microseconds=moment) for moment in moments.tolist()] == [
        read(MOMENT, text) for text in texts
    ]


def test_days_are_those_of_the_calendar() -> None:
    """Three centuries with their leap years."""
    days = [datetime(1900, 1, 1, tzinfo=UTC) + timedelta(days=29 * step) for step in range(3_700)]
    moments = read_moments([f"{day:%Y-%m-%d}T00:00:00Z" for day in days])
    assert moments is not None
    assert [EPOCH + timedelta(microseconds=moment) for moment in moments.tolist()] == days


hexes = st.text("0123456789abcdefABCDEF-g\u0660", max_size=40)


@given(st.lists(st.uuids().map(str) | st.uuids().map(lambda uuid: str(uuid).upper()) | hexes, min_size=1, max_size=4))
def test_uuids_are_those_of_pydantic(texts: list[str]) -> None:
    """In their hyphenated form, in either case."""
    found, expected = read_uuids(texts), [read(IDENTIFIER, text) for text in texts]
    if found is None:
        assert None in expected
    else:
        assert [str(UUID(bytes=raw.tobytes())) for raw in found] == expected


@given(st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex) | hexes, min_size=1, max_size=4), st.data())
def test_subjects_are_those_of_pydantic_and_of_their_keys(texts: list[str], data: st.DataObject) -> None:
    """In lower case; one whose record has another key, or none, is for somebody else to look at."""
    keys = [data.draw(st.just(text.encode()) | st.none() | st.just(b"k" * 64)) for text in texts]
    found, expected = read_subjects(texts, keys), [read(SUBJECT, text) for text in texts]
    if found is None:
        assert None in expected or keys != [text.encode() for text in texts]
    else:
        assert keys == [text.encode() for text in texts]
        assert [raw.tobytes().hex() for raw in found] == expected
