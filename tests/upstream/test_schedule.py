"""The counts by day: exact sums at any scale, the week's pattern, and activations after their records."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstream.simulation.apportionment import SLOTS, apportion, apportion_running, make_slots
from upstream.simulation.figures import LAST_DAY, LOGIN_DAYS, LOGINS_FROM, SCALE_MAX, figures
from upstream.simulation.schedule import ACCOUNTS_OF_WEEKDAY, LOGINS_OF_WEEKDAY, RECORDS_OF_WEEKDAY, Schedule

SCALES = (1, 1000, 7000, 100_000, SCALE_MAX)
weights = st.lists(st.integers(0, 10**12), min_size=1).filter(any)


@pytest.mark.parametrize(
    ("scale", "published"),
    [(1, (75_160_000, 53_880_000, 24_150_000)), (1000, (75_160, 53_880, 24_150)), (7000, (10_737, 7_697, 3_450))],
)
def test_figures_are_the_published_ones_divided(scale: int, published: tuple[int, ...]) -> None:
    """What `make run` compares with must itself be right."""
    assert tuple(figures(scale).values()) == published


@pytest.mark.parametrize("scale", [0, -1, SCALE_MAX + 1])
def test_figures_refuse_a_scale_without_meaning(scale: int) -> None:
    """A scale of nothing divides by zero, one too great leaves nothing."""
    with pytest.raises(ValueError, match="scale must be between"):
        figures(scale)


@pytest.mark.parametrize("scale", SCALES)
def test_counts_by_day_add_up_to_the_figures(scale: int) -> None:
    """The sums are exact at every scale, up to one to one."""
    days = list(Schedule(scale).days())
    counted = [sum(len(day.records) for day in days), sum(len(day.accounts) for day in days)]
    assert [*counted, sum(day.logins for day in days)] == list(figures(scale).values())


@given(st.integers(1, SCALE_MAX))
def test_counts_by_day_add_up_at_any_scale(scale: int) -> None:
    """Rounding happens once, for the total; days share it out without loss."""
    days = list(Schedule(scale).days())
    assert [days[-1].records.stop, days[-1].accounts.stop, sum(day.logins for day in days)] == [
        *figures(scale).values()
    ]
    assert min(day.logins for day in days) >= 0


@pytest.mark.parametrize("scale", SCALES)
def test_ordinals_go_on_from_day_to_day(scale: int) -> None:
    """No record and no account is left out or made twice."""
    days = list(Schedule(scale).days())
    assert all(one.records.stop == next_.records.start for one, next_ in pairwise(days))
    assert all(one.accounts.stop == next_.accounts.start for one, next_ in pairwise(days))
    assert all(one.date < next_.date <= LAST_DAY for one, next_ in pairwise(days))


@given(st.integers(1, SCALE_MAX))
def test_every_account_follows_an_earlier_days_record(scale: int) -> None:
    """An activation before its citizen's record would be a history that cannot be; logins need an account."""
    schedule = Schedule(scale)
    for day in schedule.days():
        assert not day.accounts or schedule.record_of(day.accounts[-1]) < day.records.start
        assert not day.logins or day.accounts.start > 0


def test_a_record_has_at_most_one_account() -> None:
    """Fewer accounts than records, and no citizen with two."""
    schedule = Schedule(100_000)
    records = [schedule.record_of(account) for account in range(figures(100_000)["accounts_activated"])]
    assert len(set(records)) == len(records)


def test_logins_have_the_published_mean_every_week() -> None:
    """150 a day on average at 1 : 1000, more on weekdays than at the weekend, exactly over each of the 23 weeks."""
    logins = {day.date: day.logins for day in Schedule(1000).days() if day.date >= LOGINS_FROM}
    counts = list(logins.values())
    assert len(counts) == LOGIN_DAYS == 161
    assert {sum(counts[first : first + 7]) for first in range(0, 161, 7)} == {7 * 150}
    assert logins[date(2024, 6, 5)] > logins[date(2024, 6, 8)] > logins[LAST_DAY] > 0


def test_no_login_before_the_published_period() -> None:
    """The figure is an average from 1 January 2024."""
    assert sum(day.logins for day in Schedule(1000).days() if day.date < LOGINS_FROM) == 0


@pytest.mark.parametrize("pattern", [RECORDS_OF_WEEKDAY, ACCOUNTS_OF_WEEKDAY, LOGINS_OF_WEEKDAY])
def test_a_weeks_pattern_keeps_the_mean(pattern: tuple[int, ...]) -> None:
    """Seven days of percent are 700: the pattern moves events within a week and adds none."""
    assert sum(pattern) == 700


def test_growth_is_slow_then_fast() -> None:
    """The cumulative records follow an S: a year after the start under a fifth, and in the middle the steepest."""
    received = {day.date: day.records.stop for day in Schedule(1000).days()}
    assert received[date(2022, 3, 1)] < 75_160 * 0.2
    yearly = [received[date(year + 1, 3, 1)] - received[date(year, 3, 1)] for year in (2021, 2022, 2023)]
    assert yearly[0] < yearly[1]


@given(st.integers(0, 10**9), weights)
def test_apportioned_parts_add_up_and_are_fair(total: int, given_weights: list[int]) -> None:
    """Every part is a whole number next to its exact share; the running sums likewise."""
    parts, whole = apportion(total, given_weights), sum(given_weights)
    assert sum(parts) == total
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, given_weights, strict=True))
    running = apportion_running(total, given_weights)
    assert running[-1] == total
    assert running == sorted(running)


def test_slots_hold_every_choice_by_its_share() -> None:
    """A choice among slots is a choice by weight."""
    slots = make_slots({"often": 3, "seldom": 1})
    assert len(slots) == SLOTS
    assert slots.count("often") == 3 * slots.count("seldom")
