"""Ten times more records than can be recorded: memory stays bounded, lag is shown, nothing is lost, all is caught up.

`python -m tests.faults.overload MINUTES RESULT.json` slows Postgres down, publishes ten times what is recorded
meanwhile, then lets Postgres go and waits until nothing is left.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from brokers.clients import read_ends
from models.catalogue import KIND_BY_TOPIC
from onboarding.documents.history import read_commit
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer
from tests.containers.session import open_session
from tests.faults.fault_run import FaultRun, describe_machine, today, write_runs
from tests.integration.system import System

RATIO: Final = 10
# 400 MB: four times what an idle consumer holds; a fetch of 24 partitions brings at most 24 MB, twice over.
MEMORY_MEGABYTES_MAX: Final = 400.0
# 1.5 % of a core: Postgres then records a few hundred events a second on this kind of machine.
_SLOW_CPUS: Final = 0.015
_PERIOD_MICROSECONDS: Final = 100_000
_CATCH_UP_SECONDS_MAX: Final = 1_800
_LOOK_SECONDS: Final = 1.0
_MEGABYTE: Final = 1e6


class NotOverloadedError(Exception):
    """The run proves nothing: the records were recorded almost as fast as they were published."""


@dataclass
class Overload:
    """What is watched while too much is published."""

    system: System
    postgres: PostgresServer
    minutes: float
    memory: list[tuple[float, float]] = field(default_factory=list)
    lag: list[tuple[float, float]] = field(default_factory=list)
    published: int = 0
    recorded: int = 0
    _began_at: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        """Publish too much for some minutes, then wait until it is caught up."""
        with self._slow_postgres(), self._publishing() as publisher:
            while self._seconds() < 60 * self.minutes:
                await self._look()
                self._steer(publisher)
        tell(f"published {self.published:,}, recorded {self.recorded:,} in {self.minutes:g} minutes; catching up")
        if self.published < RATIO * self.recorded:
            raise NotOverloadedError(f"published {self.published:,}, but recorded {self.recorded:,} meanwhile")
        deadline = time.monotonic() + _CATCH_UP_SECONDS_MAX
        while self.recorded < self.published and time.monotonic() < deadline:
            await self._look()

    @contextmanager
    def _slow_postgres(self) -> Iterator[None]:
        """Grant the database a sliver of a core while the block runs."""
        container: Any = self.postgres.get_wrapped_container()
        container.update(cpu_period=_PERIOD_MICROSECONDS, cpu_quota=int(_SLOW_CPUS * _PERIOD_MICROSECONDS))
        try:
            yield
        finally:
            container.update(cpu_quota=-1)

    @contextmanager
    def _publishing(self) -> Iterator[subprocess.Popen[bytes]]:
        """Publish the national history, 1 : 5, as fast as it goes while the process is not stopped."""
        publisher = subprocess.Popen(
            [sys.executable, "-m", "onboarding", "simulate", "--scale", "5"],
            env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": self.system.bootstrap},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield publisher
        finally:
            publisher.send_signal(signal.SIGCONT)
            publisher.kill()
            publisher.wait()

    def _steer(self, publisher: subprocess.Popen[bytes]) -> None:
        """Let it publish while it is below fourteen times what is recorded, and two thousand a second."""
        wanted = max((RATIO + 4) * self.recorded, 2_000 * self._seconds())
        publisher.send_signal(signal.SIGCONT if self.published < wanted else signal.SIGSTOP)

    async def _look(self) -> None:
        """Note memory, lag and progress; tell every ten seconds."""
        self.published = sum((await read_ends(self.system.bootstrap, KIND_BY_TOPIC)).values())
        self.recorded = await self.system.consumed()
        self.memory.append((self._seconds(), max(_memory(process.popen.pid) for process in self.system.processes)))
        self.lag.append((self._seconds(), self._read_lag()))
        if len(self.memory) % 10 == 0:
            tell(
                f"{self._seconds():.0f} s: recorded {self.recorded:,} of {self.published:,}, "
                f"{self.memory[-1][1]:.0f} MB, lag shown {self.lag[-1][1]:,.0f}"
            )
        await asyncio.sleep(_LOOK_SECONDS)

    def _read_lag(self) -> float:
        """Return the lag that the consumers show."""
        consumers = [process for process in self.system.processes if process.verb == "consume"]
        return sum(sum(process.scrape("onboarding_lag_records").values()) for process in consumers)

    def _seconds(self) -> float:
        return time.monotonic() - self._began_at


async def run_overload(minutes: float, folder: Path) -> FaultRun:
    """Run it on servers of its own; every discrepancy is a line of the result."""
    with open_session(), KafkaBroker() as broker, PostgresServer() as postgres:
        system = System(broker.bootstrap, postgres.url(postgres.dbname), folder)
        try:
            system.start("consume")
            system.start("total")
            overload = Overload(system, postgres, minutes)
            await overload.run()
            return await _judge(overload)
        finally:
            system.end_all()


async def _judge(overload: Overload) -> FaultRun:
    """Compare Kafka, ledger and totals, and memory with its limit."""
    system = overload.system
    peak = max(size for _moment, size in overload.memory)
    (accepted,) = (await system.fetch("SELECT sum(accepted) FROM progress"))[0]
    discrepancies = [] if peak <= MEMORY_MEGABYTES_MAX else [f"{peak:.0f} MB of memory, over the limit"]
    if not any(behind for _moment, behind in overload.lag):
        discrepancies.append("no lag was ever shown")
    discrepancies += await asyncio.to_thread(_recount, system)
    return FaultRun(
        name="overload",
        command="make overload",
        seed=1,
        brokers=1,
        minutes=overload.minutes,
        machine=describe_machine(),
        commit=read_commit(),
        day=today(),
        records=overload.published,
        facts=int(accepted),
        lost=overload.published - overload.recorded,
        doubled=0 if not discrepancies else max(0, int(accepted) - overload.published),
        lost_by_kafka=0,
        dips=0,
        doubles=0,
        discrepancies=discrepancies,
        memory=overload.memory,
        memory_megabytes_max=MEMORY_MEGABYTES_MAX,
        lag=overload.lag,
    )


def _recount(system: System) -> list[str]:
    """Let `onboarding recount` compare ledger, tallies and totals; return what it finds to differ."""
    (worker,) = (process for process in system.processes if process.verb == "total")
    environment = {
        "DATABASE_URL": system.database_url,
        "ONBOARDING_TOTALS_URL": f"http://127.0.0.1:{worker.port}/metrics",
    }
    recount = subprocess.run(
        [sys.executable, "-m", "onboarding", "recount"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return [] if recount.returncode == 0 else recount.stdout.splitlines() + recount.stderr.splitlines()


def _memory(pid: int) -> float:
    """Return the resident memory of a process in megabytes."""
    return float(psutil.Process(pid).memory_info().rss / _MEGABYTE)


def tell(line: str) -> None:
    """Say what is going on."""
    print(f"overload: {line}", flush=True)  # noqa: T201 - the progress of a command


def main(minutes: str, result: str) -> int:
    """Run it, keep the result, and end with 1 when anything was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        run = asyncio.run(run_overload(float(minutes), Path(folder)))
    write_runs(Path(result), [run])
    tell(
        json.dumps(
            {"lost": run.lost, "peak_megabytes": max(size for _, size in run.memory), "wrong": run.discrepancies}
        )
    )
    return 1 if run.lost or run.discrepancies else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
