"""How far a long run is: a bar where a person looks, a line now and then where a log is written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

Report = Callable[[int], None]
ReadSeconds = Callable[[], float]

# 3 s: a log file stays short, and someone who follows it sees it move.
_LINE_INTERVAL_SECONDS: Final = 3.0
# 1 ms: a rate of less than that is no rate.
_SECONDS_MIN: Final = 0.001


@contextmanager
def show_progress(what: str, total: int | None, console: Console, read_seconds: ReadSeconds) -> Iterator[Report]:
    """Show a count that is reported as it grows, with its rate and the time left.

    total -- what the count will reach; None when nobody knows
    read_seconds -- a monotonic clock
    """
    if not console.is_terminal:
        yield LineProgress(what, total, lambda line: console.print(line, soft_wrap=True), read_seconds).report
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeLeft())
    # Results are written to stdout untouched, also while the bar is shown on stderr.
    with Progress(*columns, console=console, get_time=read_seconds, redirect_stdout=False) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.update(task, completed=count)


class LineProgress:
    """Writes one line every few seconds."""

    def __init__(self, what: str, total: int | None, write: Callable[[str], None], read_seconds: ReadSeconds) -> None:
        self._what = what
        self._total = total
        self._write = write
        self._read_seconds = read_seconds
        self._began = self._written = read_seconds()

    def report(self, count: int) -> None:
        """Write where the count is, if it is time for a line or the count is complete."""
        now = self._read_seconds()
        if now - self._written >= _LINE_INTERVAL_SECONDS or count == self._total:
            self._written = now
            self._write(self._describe(count, now - self._began))

    def _describe(self, count: int, seconds: float) -> str:
        """Return the line."""
        rate = count / seconds if seconds else 0.0
        if self._total is None or not rate:
            return f"{self._what}: {count:,}, {rate:,.0f}/s"
        left = (self._total - count) / rate
        return f"{self._what}: {count:,} of {self._total:,}, {rate:,.0f}/s, {left:.0f} s left"


class Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Return the rate."""
        return Text(f"{_rate_of(task):,.0f}/s")


class TimeLeft(ProgressColumn):
    """How long it will take at this rate."""

    def render(self, task: Task) -> Text:
        """Return hours, minutes and seconds; nothing before anything can be said."""
        rate = _rate_of(task)
        if task.remaining is None or not rate:
            return Text("")
        return Text(f"{timedelta(seconds=round(task.remaining / rate))} left")


def _rate_of(task: Task) -> float:
    """Return the rate over the last 30 s, or since the beginning where the count is reported less often than that."""
    return task.finished_speed or task.speed or task.completed / max(task.elapsed or 0.0, _SECONDS_MIN)
