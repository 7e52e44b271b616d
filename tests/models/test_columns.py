"""Facts by columns are a sequence of rows, whole, in part and put together."""

from datetime import UTC, datetime, timedelta

import pytest

from models.catalogue import LOGINS
from models.decoding.columns import Facts, join, none_of
from tests.doubles.facts import make_login, make_logins

ROWS = [
    make_login(
        number,
        partition=number % 3,
        offset=2**40 + number,
        at=datetime(2024, 6, 5, tzinfo=UTC) + timedelta(hours=number),
    )
    for number in range(30)
]


@pytest.fixture
def facts() -> Facts:
    """Give thirty logins, one an hour."""
    return make_logins(ROWS)


def test_they_are_the_rows_that_they_were_made_of(facts: Facts) -> None:
    """By place, from both ends, and in parts."""
    assert list(facts) == ROWS
    assert (facts[-1], facts[3:5]) == (ROWS[-1], ROWS[3:5])
    with pytest.raises(IndexError):
        facts[30]


def test_a_part_is_the_rows_of_that_part(facts: Facts) -> None:
    """Between two places, or at any."""
    assert list(facts.cut(slice(5, 9))) == ROWS[5:9]
    assert list(facts.take([7, 2, 7])) == [ROWS[7], ROWS[2], ROWS[7]]


def test_parts_are_put_together_in_their_order(facts: Facts) -> None:
    """Those without any fact add none."""
    nothing = none_of(LOGINS)
    assert list(join([nothing, facts.cut(slice(9)), nothing, facts.cut(slice(9, None))])) == ROWS
    assert list(join([nothing, nothing])) == []


def test_they_are_counted_by_day_in_vietnam_source_and_dimensions(facts: Facts) -> None:
    """Seven hours before midnight in UTC the next day begins."""
    days = [(row[3] + timedelta(hours=7)).date() for row in ROWS]
    assert facts.count_alike() == {(day, ROWS[0][4], "national"): days.count(day) for day in set(days)}
