"""Progress: a bar for a person, a line now and then for a log."""

from io import StringIO

from rich.console import Console

from onboarding.cli._progress import show_progress


def test_a_log_gets_a_line_every_few_seconds_and_one_at_the_end() -> None:
    """Not one line for each report: a log of a long run stays short."""
    clock = iter([0.0, 1.0, 2.0, 4.0, 5.0, 6.0])
    console = Console(file=(written := StringIO()), force_terminal=False)
    with show_progress("sent", 1000, console, lambda: next(clock)) as report:
        for count in (100, 200, 400, 500, 1000):
            report(count)
    assert written.getvalue().splitlines() == [
        "sent: 400 of 1,000, 100/s, 6 s left",
        "sent: 1,000 of 1,000, 167/s, 0 s left",
    ]


def test_a_log_of_an_unknown_total_shows_count_and_rate() -> None:
    """Standard input does not say how much will come."""
    clock = iter([0.0, 4.0])
    console = Console(file=(written := StringIO()), force_terminal=False)
    with show_progress("sent", None, console, lambda: next(clock)) as report:
        report(2000)
    assert written.getvalue() == "sent: 2,000, 500/s\n"


def test_a_terminal_gets_a_bar_with_count_and_rate() -> None:
    """A person sees how far it is."""
    console = Console(file=(written := StringIO()), force_terminal=True, width=120)
    with show_progress("sent", 1000, console, lambda: 0.0) as report:
        report(400)
    assert "400/1000" in written.getvalue()
    assert "/s" in written.getvalue()


def test_a_count_that_is_seldom_reported_has_a_rate_and_a_time_left_too() -> None:
    """A table of millions is one step; between two of them more time passes than a rate is taken over."""
    now = 0.0
    console = Console(file=(written := StringIO()), force_terminal=True, width=120)
    with show_progress("counted", 1000, console, lambda: now) as report:
        now = 40.0
        report(400)
    assert "10/s 0:01:00 left" in written.getvalue()
