"""Lets a candidate empty the topics, and measures it from one commit to another."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

from benchmarks.candidates import Candidate
from benchmarks.measure.crew import Crew, read_cpu, running
from benchmarks.measure.page import read_totals
from benchmarks.measure.progress import Progress, open_progress
from benchmarks.stage.servers import Servers
from models.catalogue import KINDS
from onboarding.local.embedded.ports import ANY_FREE_PORT, find_free_port

# 50 ms: a run takes ten seconds and more.
_LOOK_SECONDS: Final = 0.05
# 120 s without a commit: it stands still. COPY alone decodes two million records before its first.
_STANDSTILL_SECONDS_MAX: Final = 120.0
# Before the clock starts a fifth of the records or 10 s go by: the compilers of Java have then seen the code.
_WARM_UP_SHARE: Final = 0.2
_WARM_UP_SECONDS: Final = 10.0
_MEGABYTE: Final = 1e6


class StandstillError(Exception):
    """A candidate does not come to the right end; the message says where it stands and where its log is."""


@dataclass(frozen=True)
class Measured:
    """What a candidate needed for so many records.

    cpu_seconds -- by who spent them: "processes" (the candidate's own), "kafka", "postgres"
    megabytes -- the most memory that its largest process had resident
    megabytes_all -- the same of all its processes together
    """

    candidate: str
    processes: int
    records: int
    seconds: float
    cpu_seconds: Mapping[str, float]
    megabytes: float
    megabytes_all: float
    lacks: str

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds


@dataclass(frozen=True)
class _Commit:
    """A moment at which more records were done than before."""

    done: int
    at: float


@dataclass(frozen=True)
class Trial:
    """Full topics, an empty database, and a folder for logs.

    facts -- distinct events among the records, which a candidate that shows totals must show in the end; None where
        they are not known
    seconds_max -- a slow candidate is measured until its first commit after so long
    report -- called with how many records are done, while there is nothing else to see
    """

    servers: Servers
    database_url: str
    records: int
    folder: Path
    facts: int | None = None
    seconds_max: float = math.inf
    report: Callable[[int], None] = lambda _done: None
    group: str = field(default_factory=lambda: f"bench-{uuid4().hex}")
    page_port: int = field(default_factory=lambda: find_free_port(ANY_FREE_PORT))

    async def run(self, candidate: Candidate, processes: int) -> Measured:
        """Let a candidate empty the topics. Raises StandstillError when it does not, or shows other totals."""
        told = {
            "KAFKA_BOOTSTRAP_SERVERS": self.servers.bootstrap,
            "DATABASE_URL": self.database_url,
            "BENCH_GROUP": self.group,
            **({candidate.page: str(self.page_port)} if candidate.page else {}),
        }
        async with open_progress(candidate, self.group, self.servers.bootstrap, self.database_url) as progress:
            try:
                with running(candidate, processes, told, self.folder) as crew:
                    return await self._measure(progress, crew, processes)
            finally:
                await progress.remove_topics()

    async def _measure(self, progress: Progress, crew: Crew, processes: int) -> Measured:
        """Measure from a commit after the warm-up to the last commit, or to the first after the time limit."""
        begin = end = await self._warm_up(progress, crew, processes)
        before = self._read_cpu(crew)
        while end.done < self.records and end.at - begin.at < self.seconds_max:
            end = await self._next_commit(end, progress, crew)
        after, peaks = self._read_cpu(crew), crew.read_peaks()
        if end.done == begin.done:
            raise StandstillError(f"{progress.candidate.name} was done before all was ready to measure: more --events")
        if progress.candidate.page and end.done == self.records:
            await self._check_totals(progress, crew)
        return Measured(
            candidate=progress.candidate.name,
            processes=processes,
            records=end.done - begin.done,
            seconds=end.at - begin.at,
            cpu_seconds={name: after[name] - before[name] for name in after},
            megabytes=max(peaks) / _MEGABYTE,
            megabytes_all=sum(peaks) / _MEGABYTE,
            lacks=progress.candidate.lacks,
        )

    async def _warm_up(self, progress: Progress, crew: Crew, processes: int) -> _Commit:
        """Wait until all processes have their partitions and have worked for a while; return the commit after that."""

        async def is_shared() -> bool:
            self.report(0)
            return await progress.is_shared(processes)

        await self._await(is_shared, progress, crew)
        first = last = await self._next_commit(_Commit(0, time.monotonic()), progress, crew)
        while last.done < self.records * _WARM_UP_SHARE and last.at - first.at < _WARM_UP_SECONDS:
            last = await self._next_commit(last, progress, crew)
        return last

    async def _next_commit(self, last: _Commit, progress: Progress, crew: Crew) -> _Commit:
        """Wait until more records are done than at the last commit."""
        done = last.done

        async def is_more() -> bool:
            nonlocal done
            done = max(done, await progress.count())
            self.report(done)
            return done > last.done

        await self._await(is_more, progress, crew)
        return _Commit(done, time.monotonic())

    async def _check_totals(self, progress: Progress, crew: Crew) -> None:
        """Wait until the page shows every fact."""
        shown: dict[str, int] = {}

        async def is_shown() -> bool:
            nonlocal shown
            shown = await read_totals(f"http://127.0.0.1:{self.page_port}/metrics")
            return len(shown) == len(KINDS) and sum(shown.values()) == self.facts

        if self.facts is not None:
            try:
                await self._await(is_shown, progress, crew)
            except StandstillError as error:
                raise StandstillError(f"{error}\nIts page shows {shown}, not {self.facts} facts") from None

    async def _await(self, is_met: Callable[[], Awaitable[bool]], progress: Progress, crew: Crew) -> None:
        """Wait for a condition. Raises StandstillError when it is not met for long, or a process ends meanwhile."""
        deadline = time.monotonic() + _STANDSTILL_SECONDS_MAX
        while not await is_met() or crew.describe_end():
            end = crew.describe_end()
            if end or time.monotonic() > deadline:
                raise StandstillError(
                    f"{progress.candidate.name} stands at {await progress.count():,} of {self.records:,} records: "
                    f"{end or f'see its logs in {self.folder}'}"
                )
            await asyncio.sleep(_LOOK_SECONDS)

    def _read_cpu(self, crew: Crew) -> dict[str, float]:
        """Return the processor seconds spent so far."""
        return {
            "processes": crew.read_cpu(),
            "kafka": read_cpu(self.servers.kafka_pid),
            "postgres": read_cpu(self.servers.postgres_pid),
        }
