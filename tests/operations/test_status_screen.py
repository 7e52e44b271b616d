"""The screen of `status` fits, says what is not known, and ends with what to type next."""

from collections import Counter
from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from models.catalogue import IDENTITY_RECORDS, KINDS
from models.gap_kinds import Break
from operations.status.screen import render_status
from operations.status.system import Status
from tests.operations.systems import AWAY, READY, make_partition, make_recount, make_status, make_topic

Render = Callable[[Status], RenderableType]
REASONS = Counter(not_json=4, tombstone=3, empty_value=2, too_large=1)


def test_the_screen_shows_what_an_operator_asks() -> None:
    """State, lag, freshness, rate, last commit, outcomes and processes: one look must do."""
    outcomes = Counter(consumed=1_000, accepted=985, retries=5, refused=10)
    topic = make_topic(make_partition(lag=7), outcomes=outcomes, rate=12.4, reasons=REASONS, refused_lately=6)
    lines = draw(make_status(topic))
    assert lines[0].startswith("as of 2024-06-09 19:00:00 (Vietnam), rates of the last 1.0 s")
    name = IDENTITY_RECORDS.topic.removeprefix("onboarding.")
    first, second = (line.split() for line in lines if name in line)
    assert first == [name, "ok", "7", "3", "min", "ago", "12", "5", "s", "ago"]
    assert second == [name, "1,000", "985", "5", "0", "0", "10", "6"]
    assert "stream worker  ready, working, shows the totals" in lines


def test_the_screen_names_the_first_reasons_only() -> None:
    """The command that shows all of them is what to type next."""
    text = "\n".join(draw(make_status(make_topic(reasons=REASONS))))
    assert "to decide: refused records: 10 (not_json 4, tombstone 3, empty_value 2, ...)" in text


def test_the_screen_begins_with_the_verdict_and_what_to_type_next() -> None:
    """The most urgent fault decides; a small terminal shows the top."""
    lines = draw(make_status(make_topic(make_partition(gap=Break.BEGINS_AFTER)), recounted=make_recount(1)))
    assert [line.partition(":")[0] for line in lines[1:3]] == ["wrong", "wrong"]
    assert lines[3] == "type next: onboarding recount"
    assert draw(make_status())[1].startswith("all is fine, as far as the last recount knows")


def test_the_screen_says_what_is_not_known() -> None:
    """A lag that nobody told is not a lag of 0."""
    text = "\n".join(draw(make_status(make_topic(make_partition(lag=None)), processes=(AWAY,))))
    assert "unknown" in text
    assert "does not answer" in text


def test_the_screen_fits_a_terminal_with_every_topic_in_trouble() -> None:
    """40 lines of 120 columns, and what finds no room is counted."""
    stopped = tuple(make_partition(lag=10**7, gap=Break.BEGINS_AFTER) for _ in range(2))
    outcomes = Counter(dict.fromkeys(("consumed", "accepted", "retries", "repeats", "conflicts", "refused"), 10**8))
    topics = [
        make_topic(kind=kind, partitions=stopped, outcomes=outcomes, reasons=REASONS, rate=99_999.0) for kind in KINDS
    ]
    lines = draw(make_status(*topics, processes=(READY,) * 3))
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 120
    assert "and 9 more" in lines


@pytest.mark.parametrize(("terminal", "coloured"), [(True, True), (False, False)])
def test_colours_are_for_terminals_alone(*, terminal: bool, coloured: bool) -> None:
    """A file with escape sequences is no text."""
    assert ("\x1b[3" in draw_raw(make_status(), terminal=terminal)) == coloured


def test_colours_are_left_out_where_they_are_not_wanted() -> None:
    """NO_COLOR of https://no-color.org."""
    assert "\x1b[3" not in draw_raw(make_status(), terminal=True, NO_COLOR="1")


def draw(system: Status) -> list[str]:
    """Return the lines of the screen on a terminal of 120 columns."""
    return [line.rstrip() for line in draw_raw(system).splitlines()]


def draw_raw(system: Status, render: Render = render_status, *, terminal: bool = False, **environment: str) -> str:
    """Return what is written to a terminal, or to a file."""
    written = StringIO()
    settings = {"TERM": "xterm-256color", **environment}
    Console(file=written, width=120, force_terminal=terminal, highlight=False, _environ=settings).print(render(system))
    return written.getvalue()
