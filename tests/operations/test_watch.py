"""`status --watch` goes on until Ctrl-C, also while Postgres is away, and ends with the code of the last look."""

from collections.abc import Callable, Iterator, Sequence
from io import StringIO

from rich.console import Console, RenderableType

from ledger.unavailable import UnavailableError
from models.gap_kinds import Break
from onboarding.cli.status import watch
from operations.status.system import Reading, Status
from tests.operations.systems import make_partition, make_status, make_topic

FINE = make_status()
STOPPED = make_status(make_topic(make_partition(gap=Break.BEGINS_AFTER)))
GONE = UnavailableError("Postgres does not answer: check that it runs")


def test_a_watch_ends_with_the_code_of_the_last_look() -> None:
    """A script that is stopped by Ctrl-C learns what was seen last."""
    assert run([FINE, STOPPED])[0] == 1
    assert run([STOPPED, FINE])[0] == 0
    assert run([FINE, GONE])[0] == 2


def test_a_watch_survives_a_postgres_that_goes_away() -> None:
    """It says so, and goes on when it is back."""
    _, screens, _ = run([FINE, GONE, FINE])
    assert len(screens) == 3
    assert "Postgres does not answer" in write(screens[1])
    assert "all is fine" in write(screens[2])


def test_a_watch_takes_its_rates_from_the_look_before() -> None:
    """After a look that failed there is none, for the rate would be of a window nobody was told."""
    _, _, befores = run([FINE, FINE, GONE, FINE])
    assert befores == [None, FINE.reading, FINE.reading, None]


def test_a_watch_that_saw_nothing_yet_ends_with_2() -> None:
    """Ctrl-C during the first look is no proof that all is fine."""
    assert run([KeyboardInterrupt()])[0] == 2


def run(
    looks: Sequence[Status | BaseException],
) -> tuple[int, list[RenderableType], list[Reading | None]]:
    """Watch some looks, then press Ctrl-C; return the exit code, what was drawn, what each look was given."""
    screens: list[RenderableType] = []
    befores: list[Reading | None] = []
    left = iter(looks)

    def look(before: Reading | None) -> Status:
        befores.append(before)
        found = next(left)
        if isinstance(found, BaseException):
            raise found
        return found

    return watch(look, screens.append, press_after(len(looks))), screens, befores


def press_after(looks: int) -> Callable[[], None]:
    """Return a pause that is ended by Ctrl-C after so many looks."""

    def pauses() -> Iterator[None]:
        yield from [None] * (looks - 1)
        raise KeyboardInterrupt

    left = pauses()
    return lambda: next(left)


def write(screen: RenderableType) -> str:
    """Return what is drawn as text."""
    written = StringIO()
    Console(file=written, width=120).print(screen)
    return written.getvalue()
