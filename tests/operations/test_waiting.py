"""Long work shows on a terminal how far it is, and elsewhere one line at most."""

import asyncio
from io import StringIO

from rich.console import Console

from onboarding.cli._waiting import note_when_long, show_counting


def count(console: Console) -> None:
    """Count twice, as a recount does when something was recorded meanwhile."""
    with show_counting(console) as report:
        for facts in (0, 400_000, 1_000_000, 0, 400_000):
            report(facts, 1_000_000)


def test_a_terminal_shows_how_far_a_count_is() -> None:
    """How many facts of how many, how fast, and how long it will take."""
    console = Console(file=(written := StringIO()), force_terminal=True, width=160)
    count(console)
    last = written.getvalue().rpartition("facts counted")[2]
    assert "400000/1000000" in last
    assert "/s" in last
    assert " left" in last


def test_nothing_of_it_is_written_into_a_file() -> None:
    """A script that keeps standard error sees what went wrong alone."""
    console = Console(file=(written := StringIO()), force_terminal=False)
    count(console)
    assert not written.getvalue()


async def test_who_waits_is_told_what_for() -> None:
    """The work ends when the note is written: it comes before the answer."""
    said: list[str] = []
    noted = asyncio.Event()

    def tell(line: str) -> None:
        said.append(line)
        noted.set()

    assert await note_when_long(noted.wait(), "searching", tell, 0.0)
    assert said == ["searching ...", "done in 0 s"]


async def test_a_quick_answer_needs_no_note() -> None:
    """Nobody is told that nothing took long."""
    said: list[str] = []
    assert await note_when_long(asyncio.sleep(0, 7), "searching", said.append, 60.0) == 7
    assert not said
