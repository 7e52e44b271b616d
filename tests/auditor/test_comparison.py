"""A shown total is one that the ledger had within the last ten seconds, or it is found."""

import pytest

from auditor.comparison import Counted, judge_shown
from models.catalogue import LOGINS
from operations.scrape import parse_scrape

BEFORE, AFTER = Counted(1, {LOGINS.topic: 100}), Counted(1, {LOGINS.topic: 120})


@pytest.mark.parametrize(
    ("page", "strays"),
    [
        (f"{LOGINS.metric} 99\n", {LOGINS.name}),
        (f"{LOGINS.metric} 100\n", set()),
        (f"{LOGINS.metric} 120\n", set()),
        (f"{LOGINS.metric} 121\n", {LOGINS.name}),
        ("", set()),  # another alert says that it is not shown
        (f'{LOGINS.metric} 99\nonboarding_total_current{{kind="{LOGINS.name}"}} 0\n', set()),  # it is marked
    ],
)
def test_a_total_outside_of_what_the_ledger_held_is_found(page: str, strays: set[str]) -> None:
    """Neither what was not yet, nor what was longer ago."""
    assert judge_shown(BEFORE, parse_scrape(page), AFTER) == strays


def test_a_correction_meanwhile_is_looked_at_next_time() -> None:
    """Across an epoch a number may go down."""
    assert judge_shown(BEFORE, parse_scrape(f"{LOGINS.metric} 7\n"), AFTER._replace(epoch=2)) == set()


def test_a_total_of_nothing_is_that_of_an_empty_ledger() -> None:
    """A kind of which nothing was counted is shown as 0, and as nothing else."""
    empty = Counted(1, {})
    assert judge_shown(empty, parse_scrape(f"{LOGINS.metric} 0\n"), empty) == set()
    assert judge_shown(empty, parse_scrape(f"{LOGINS.metric} 1\n"), empty) == {LOGINS.name}
