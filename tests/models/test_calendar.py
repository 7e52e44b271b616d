"""An event counts on the calendar day of its time in Vietnam."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import EARLIEST_TIME, VIETNAM, day_of, moment_of
from tests.models.strategies import moments

HO_CHI_MINH = ZoneInfo("Asia/Ho_Chi_Minh")


@given(moments)
def test_a_moment_counts_on_the_day_that_the_time_zone_database_names(moment: datetime) -> None:
    """Our arithmetic is fast, the time zone database is right: they must agree."""
    assert day_of(moment) == moment.astimezone(HO_CHI_MINH).date()


@given(st.dates(date(2016, 1, 1), date(2030, 12, 31)))
def test_a_day_begins_at_midnight_in_vietnam_to_the_microsecond(day: date) -> None:
    """A login a microsecond before midnight is yesterday's."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=HO_CHI_MINH)
    assert day_of(midnight) == day
    assert day_of(midnight - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2023-12-31T16:59:59.999999Z", date(2023, 12, 31)),
        ("2023-12-31T17:00:00Z", date(2024, 1, 1)),
        ("2024-02-28T18:00:00+00:00", date(2024, 2, 29)),
        ("2024-06-10T23:59:59-11:00", date(2024, 6, 11)),
    ],
)
def test_the_offset_a_time_is_written_with_does_not_matter(written: str, day: date) -> None:
    """A year's end and a leap day seen from other offsets."""
    assert day_of(datetime.fromisoformat(written)) == day


def test_the_earliest_time_is_the_first_of_january_2016_in_vietnam() -> None:
    """The law took effect at midnight in Vietnam, not in Greenwich."""
    assert EARLIEST_TIME.astimezone(UTC) == datetime(2015, 12, 31, 17, tzinfo=UTC)
    assert EARLIEST_TIME.utcoffset() == VIETNAM.utcoffset(None)


@given(st.integers(1_451_581_200_000, 1_924_966_800_000))
def test_a_kafka_timestamp_keeps_its_millisecond(milliseconds: int) -> None:
    """Freshness and the rule about the future rest on the broker's milliseconds."""
    assert moment_of(milliseconds) - datetime(1970, 1, 1, tzinfo=UTC) == timedelta(milliseconds=milliseconds)
