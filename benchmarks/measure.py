"""Lets a candidate empty the topics, and measures it from its first commit to its last."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg
import psutil
from aiokafka.errors import KafkaError

from benchmarks.candidates import Candidate
from benchmarks.stage import Servers
from brokers.clients import open_admin
from onboarding.embedded.ports import ANY_FREE_PORT, find_free_port

# 50 ms: a run takes ten seconds and more.
_LOOK_SECONDS: Final = 0.05
# 60 s without a commit: it stands still.
_STANDSTILL_SECONDS_MAX: Final = 60.0
_END_SECONDS_MAX: Final = 20.0
_MEGABYTE: Final = 1e6

Children = Sequence[subprocess.Popen[bytes]]


class StandstillError(Exception):
    """A candidate does not come to the end; the message says where it stands and where its log is."""


@dataclass(frozen=True)
class Measured:
    """What a candidate needed for so many records.

    cpu_seconds -- by who spent them: "python", "kafka", "postgres"
    megabytes -- resident memory of its largest process at the end
    """

    candidate: str
    processes: int
    records: int
    seconds: float
    cpu_seconds: Mapping[str, float]
    megabytes: float

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds


@dataclass(frozen=True)
class Trial:
    """Full topics, an empty database, and a folder for logs."""

    servers: Servers
    database_url: str
    records: int
    folder: Path
    group: str = field(default_factory=lambda: f"bench-{uuid4().hex}")

    async def run(self, candidate: Candidate, processes: int) -> Measured:
        """Let a candidate empty the topics. Raises StandstillError when it does not."""
        connection = await asyncpg.connect(self.database_url)
        try:
            with self._started(candidate, processes) as children:
                done = await self._await(connection, candidate, 1)
                began_at, before = time.monotonic(), self._read_cpu(children)
                await self._await(connection, candidate, self.records)
                seconds, after = time.monotonic() - began_at, self._read_cpu(children)
                spent = {name: after[name] - before[name] for name in after}
                megabytes = max(psutil.Process(child.pid).memory_info().rss for child in children) / _MEGABYTE
        finally:
            await connection.close()
        return Measured(candidate.name, processes, self.records - done, seconds, spent, megabytes)

    async def _await(self, connection: asyncpg.Connection, candidate: Candidate, records: int) -> int:
        """Wait until so many records are done; return how many are."""
        seen, seen_at = 0, time.monotonic()
        while (done := await self._count(connection, candidate)) < records:
            if done > seen:
                seen, seen_at = done, time.monotonic()
            if time.monotonic() - seen_at > _STANDSTILL_SECONDS_MAX:
                raise StandstillError(f"{candidate.name} stands at {done:,} of {self.records:,}: see {self.folder}")
            await asyncio.sleep(_LOOK_SECONDS)
        return done

    async def _count(self, connection: asyncpg.Connection, candidate: Candidate) -> int:
        """Return how many records are done; none while there are no tables or no group."""
        if not candidate.count:
            return await self._count_committed()
        with suppress(asyncpg.UndefinedTableError):
            return int(await connection.fetchval(candidate.count))
        return 0

    async def _count_committed(self) -> int:
        """Return how many records the group has committed in Kafka."""
        with suppress(KafkaError):
            async with open_admin(self.servers.bootstrap) as admin:
                return sum(place.offset for place in (await admin.list_consumer_group_offsets(self.group)).values())
        return 0

    @contextmanager
    def _started(self, candidate: Candidate, processes: int) -> Iterator[Children]:
        """Run the processes of a candidate during the block."""
        modules = [*candidate.companions, *[candidate.worker] * processes]
        children = [self._start(module, f"{candidate.name}-{number}") for number, module in enumerate(modules)]
        try:
            yield children
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(_END_SECONDS_MAX)

    def _start(self, module: Sequence[str], name: str) -> subprocess.Popen[bytes]:
        told = {
            "KAFKA_BOOTSTRAP_SERVERS": self.servers.bootstrap,
            "DATABASE_URL": self.database_url,
            "BENCH_GROUP": self.group,
        }
        ports = {
            setting: str(find_free_port(ANY_FREE_PORT))
            for setting in ("ONBOARDING_CONSUMER_PORT", "ONBOARDING_TOTALS_PORT")
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", *module], env={**os.environ, **told, **ports}, stdout=log, stderr=log
            )

    def _read_cpu(self, children: Children) -> dict[str, float]:
        """Return the processor seconds spent so far."""
        return {
            "python": sum(_spent(child.pid) for child in children),
            "kafka": _spent(self.servers.kafka_pid),
            "postgres": _spent(self.servers.postgres_pid),
        }


def _spent(pid: int) -> float:
    """Return the processor seconds of a process and of its children, those that have ended too."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    spent = times.user + times.system + times.children_user + times.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            own = child.cpu_times()
            spent += own.user + own.system
    return float(spent)
