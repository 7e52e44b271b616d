"""Moments of a day: in order, on their day, and mostly in working hours."""

from collections import Counter
from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from models.calendar import VIETNAM, day_of, moment_of
from upstream.simulation.hours import make_profile, moments
from upstream.simulation.shares import DESK_HOURS

DAY = date(2024, 2, 29)


@given(st.integers(0, 500), st.lists(st.integers(1, 1000), min_size=24, max_size=24), st.integers())
def test_moments_are_in_order_and_on_their_day(count: int, hours: list[int], seed: int) -> None:
    """Whatever the hours' weights, the day in Vietnam is the day that was asked for."""
    found = [moment.unix_milliseconds for moment in moments(DAY, count, make_profile(hours), Random(seed))]  # noqa: S311 - a test's
    assert len(found) == count
    assert found == sorted(found)
    assert {day_of(moment_of(at)) for at in found} <= {DAY}


def test_text_is_the_moment_to_the_second() -> None:
    """The event's time and its UUIDs' time are one."""
    for at, text in moments(DAY, 1000, DESK_HOURS, Random(1)):  # noqa: S311 - a test's
        assert moment_of(at // 1000 * 1000).astimezone(VIETNAM).isoformat() == text


def test_hours_have_their_weights() -> None:
    """A thousand events with all weight but a little on one hour fall into it."""
    profile = make_profile([1] * 9 + [977] + [1] * 14)
    hours = Counter(text[11:13] for _, text in moments(DAY, 1000, profile, Random(1)))  # noqa: S311 - a test's
    assert abs(hours["09"] - 977) <= 11  # a share is 1/96 of the day's events; within one the spread is even
