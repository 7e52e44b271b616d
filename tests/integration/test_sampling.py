"""The watch over shown totals finds dips and doubles, and takes no slow answer for one."""

from models.catalogue import LOGINS
from tests.integration.sampling import Look, Watch

NAME = LOGINS.metric


def look(worker: int, sent_at: float, received_at: float, value: float | None) -> Look:
    """Return an answer that shows the total of logins, or no total."""
    return Look(worker, sent_at, received_at, {} if value is None else {NAME: value})


def test_a_value_lower_than_one_seen_before_it_was_asked_for_is_a_dip() -> None:
    """Whoever shows it: one worker after the other, or the same one."""
    assert Watch([look(1, 0.0, 0.1, 5), look(2, 0.2, 0.3, 4)]).dips(NAME) == [(5, 4)]
    assert Watch([look(1, 0.0, 0.1, 5), look(1, 0.2, 0.3, 5)]).dips(NAME) == []


def test_an_answer_that_was_long_under_way_is_no_dip() -> None:
    """It was asked for before the higher value was received, and may be as old."""
    assert Watch([look(1, 0.2, 0.3, 5), look(2, 0.0, 0.4, 4)]).dips(NAME) == []


def test_a_total_shown_while_another_worker_shows_it_throughout_is_a_double() -> None:
    """Before and after: the other one cannot have stopped to show it in between."""
    seen = [look(1, 0.0, 0.1, 5), look(2, 0.15, 0.2, 5), look(1, 0.25, 0.3, 5)]
    assert Watch(seen).doubles(NAME) == 1


def test_a_total_that_changes_hands_is_no_double() -> None:
    """Though both answers are under way at the same time."""
    seen = [look(1, 0.0, 0.4, 5), look(2, 0.1, 0.3, 5), look(1, 0.5, 0.6, None)]
    assert Watch(seen).doubles(NAME) == 0


def test_the_longest_time_without_a_total_is_told() -> None:
    """An answer that shows none ends no gap."""
    seen = Watch([look(1, 0.0, 0.1, 5), look(1, 0.2, 0.3, None), look(1, 2.0, 2.1, 7)])
    assert (seen.longest_gap(NAME), seen.lowest(NAME), seen.recovery(NAME, 0.5)) == (2.0, 5, 1.6)
