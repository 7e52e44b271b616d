"""Profiles the product's processes while they empty the topics."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from benchmarks.candidates import PRODUCT
from benchmarks.stages.costs import Cost, split_profile
from benchmarks.stages.profile import read_profile
from benchmarks.stages.spy import SpyError, spy
from onboarding.cli._progress import Report

# The first and the last twentieth are left out: a start, and an end at which nothing is left to fetch.
_EDGE: Final = 0.05
# What is profiled, and how its command line ends.
_PROCESSES: Final = {"consumer": PRODUCT.worker, "stream worker": PRODUCT.companions[0]}


class _Look(NamedTuple):
    """How many records are done, and the processor seconds that each process has spent by then."""

    done: int
    seconds: Mapping[str, float]


class Profiler:
    """Begins and ends profiles as the number of records that are done grows.

    rate -- samples a second
    report -- called with that number
    """

    def __init__(self, records: int, rate: int, folder: Path, report: Report) -> None:
        self._records = records
        self._rate = rate
        self._folder = folder
        self._report = report
        self._spies = ExitStack()
        self._processes: dict[str, psutil.Process] = {}
        self._began: _Look | None = None
        self._ended: _Look | None = None

    def follow(self, done: int) -> None:
        """Take note of how many records are done. Raises SpyError."""
        self._report(done)
        if self._began is None and done >= self._records * _EDGE:
            self._begin(done)
        elif self._began and self._ended is None and done >= self._records * (1 - _EDGE):
            self._ended = _Look(done, self._read_seconds())
            self.stop()

    def stop(self) -> None:
        """End the profiles that are under way."""
        self._spies.close()

    def split(self) -> Iterator[Cost]:
        """Yield what a record costs each process by stage. Raises SpyError when there is too little to tell."""
        if not (self._began and self._ended):
            raise SpyError("the topics were empty before a profile was complete: take more --events")
        records = self._ended.done - self._began.done
        for name in self._processes:
            seconds = self._ended.seconds[name] - self._began.seconds[name]
            with self._place(name).open(encoding="utf-8") as lines:
                yield from split_profile(name, read_profile(lines), seconds, records)

    def _begin(self, done: int) -> None:
        """Find the processes and begin to profile them."""
        self._processes = {name: _find_child(command) for name, command in _PROCESSES.items()}
        for name, process in self._processes.items():
            self._spies.enter_context(spy(process.pid, self._rate, self._place(name)))
        self._began = _Look(done, self._read_seconds())

    def _read_seconds(self) -> dict[str, float]:
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: found.user + found.system for name, found in times.items()}

    def _place(self, name: str) -> Path:
        return self._folder / f"{name.replace(' ', '-')}.profile"


@contextmanager
def profiling(records: int, rate: int, folder: Path, report: Report) -> Iterator[Profiler]:
    """Give a profiler whose profiles end with the block at the latest."""
    profiler = Profiler(records, rate, folder, report)
    try:
        yield profiler
    finally:
        profiler.stop()


def _find_child(command: Sequence[str]) -> psutil.Process:
    """Find the process of ours whose command line ends so."""
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if child.cmdline()[-len(command) :] == list(command))
