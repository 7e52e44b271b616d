"""The replay: the generator first, alone; then consumers and a stream worker, until the totals are those published."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer

from benchmarks.measure.page import read_totals
from benchmarks.measure.product import run_product
from benchmarks.nation.generator import AHEAD_EVENTS_MAX
from benchmarks.nation.recorded import Recorded, open_recorded
from benchmarks.nation.room import Disk, create_small_topics, delete_recorded
from benchmarks.stage.servers import Servers
from brokers.clients import list_partitions, open_consumer
from models.catalogue import KIND_BY_NAME
from models.topics import INPUTS
from onboarding.local.embedded.processes import start_child, stop_child
from operations.recount.recount import recount
from upstream.simulation.figures import figures

# 2 s between two looks, and 30 s between two deletions: Kafka looks for segments to delete every five minutes.
_LOOK_SECONDS: Final = 2.0
_DELETE_SECONDS: Final = 30.0
# 180 s without a record: a consumer waits at most some seconds for anything but a server that is away.
_STANDSTILL_SECONDS_MAX: Final = 180.0
_STOP_SECONDS_MAX: Final = 15.0
# As many points as a picture can show.
SAMPLES_MAX: Final = 200

Report = Callable[[int], None]
# Given what is counted and up to where: shows the count that is reported during the block.
Progress = Callable[[str, int], AbstractContextManager[Report]]


class ReplayError(Exception):
    """The replay does not come to its end; the message says where it stands and where to look."""


@dataclass(frozen=True)
class Plan:
    """What to replay: the history at 1 : scale, by so many consumers, with a folder for logs."""

    scale: int
    processes: int
    folder: Path
    disk: Disk


@dataclass(frozen=True)
class Sample:
    """How far everything is at one moment, in events since the beginning."""

    seconds: float
    published: int
    recorded: int
    shown: int


@dataclass(frozen=True)
class Nation:
    """What a replay needed, and what it ended with.

    seconds -- from the first event published to the last one shown
    generator_rate -- events a second that the generator makes while nothing else works
    totals -- shown in the end, by kind
    expected -- the published figures at the same scale
    """

    scale: int
    processes: int
    events: int
    seconds: float
    generator_rate: float
    samples: list[Sample]
    totals: dict[str, int]
    expected: dict[str, int]
    drift_cells: int
    recount_seconds: float
    disk_gigabytes_max: float

    @property
    def exact(self) -> bool:
        """Whether every total is the published one and nothing differs from the ledger."""
        return self.totals == self.expected and not self.drift_cells


@dataclass
class _Replay:
    """Everything that a replay looks at while it goes on."""

    consumer: AIOKafkaConsumer
    recorded: Recorded
    disk: Disk
    generator: subprocess.Popen[bytes]
    log_path: Path
    began_at: float
    gigabytes_max: float = 0.0

    async def count_published(self) -> int:
        """Return how many events are in Kafka, and look whether the generator lives."""
        if self.generator.poll():
            raise ReplayError(f"the generator ended with {self.generator.returncode}: see {self.log_path}")
        self.gigabytes_max = max(self.gigabytes_max, self.disk.gigabytes)
        return sum((await self.consumer.end_offsets(list_partitions(INPUTS))).values())

    async def time_alone(self, events: int, report: Report) -> float:
        """Wait until the generator has made so many events; return how many it made a second."""
        first = seen = await self.count_published()
        first_at = time.monotonic()
        while seen < events:
            await asyncio.sleep(_LOOK_SECONDS)
            seen = await self.count_published()
            first, first_at = (first, first_at) if first else (seen, time.monotonic())
            report(seen)
        return (seen - first) / (time.monotonic() - first_at)

    async def look(self, page: str) -> Sample:
        """Take a sample."""
        published, recorded = await self.count_published(), await self.recorded.count()
        shown = sum((await read_totals(page)).values())
        return Sample(time.monotonic() - self.began_at, published, recorded, shown)


async def replay(servers: Servers, plan: Plan, progress: Progress) -> Nation:
    """Replay the history.

    Raises ReplayError when something ends or stands still.
    """
    await create_small_topics(servers.bootstrap)
    log_path = plan.folder / "generator.log"
    async with open_recorded(servers.url) as recorded, open_consumer(servers.bootstrap) as consumer:
        consumer.assign(list_partitions(INPUTS))  # so that it knows their leaders; it fetches nothing
        consumer.pause(*list_partitions(INPUTS))
        with _generating(servers, plan.scale, log_path) as generator:
            going = _Replay(consumer, recorded, plan.disk, generator, log_path, time.monotonic())
            events = sum(figures(plan.scale).values())
            with progress("generated alone", alone := min(events, AHEAD_EVENTS_MAX)) as report:
                rate = await going.time_alone(alone, report)
            with run_product(servers, plan.processes, plan.folder) as product:
                with progress("recorded and shown", events) as report:
                    samples = await _follow(going, product.page, events, servers.bootstrap, report)
                counting_since = time.monotonic()
                found = await recount(servers.url, product.page, lambda _facts, _total: None)
                return Nation(
                    scale=plan.scale,
                    processes=plan.processes,
                    events=events,
                    seconds=samples[-1].seconds,
                    generator_rate=rate,
                    samples=thin(samples),
                    totals=await read_totals(product.page),
                    expected=dict.fromkeys(KIND_BY_NAME, 0) | figures(plan.scale),
                    drift_cells=found.drift_cells,
                    recount_seconds=time.monotonic() - counting_since,
                    disk_gigabytes_max=going.gigabytes_max,
                )


@contextmanager
def _generating(servers: Servers, scale: int, log_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the generator during the block."""
    told = {"KAFKA_BOOTSTRAP_SERVERS": servers.bootstrap, "DATABASE_URL": servers.url}
    argv = [sys.executable, "-m", "benchmarks.nation.generator", str(scale)]
    child = start_child(argv, log_path=log_path, env={**os.environ, **told})
    try:
        yield child
    finally:
        stop_child(child, _STOP_SECONDS_MAX)


async def _follow(going: _Replay, page: str, events: int, bootstrap: str, report: Report) -> list[Sample]:
    """Take samples until every event is shown, and delete from Kafka what is recorded."""
    samples = [await going.look(page)]
    moved_at = deleted_at = time.monotonic()
    while samples[-1].shown < events:
        await asyncio.sleep(_LOOK_SECONDS)
        samples.append(await going.look(page))
        report(samples[-1].shown)
        now = time.monotonic()
        if samples[-1].recorded > samples[-2].recorded:
            moved_at = now
        elif now - moved_at > _STANDSTILL_SECONDS_MAX:
            raise ReplayError(
                f"{samples[-1].recorded:,} of {events:,} are recorded, then no more: see {going.log_path.parent}"
            )
        if now - deleted_at > _DELETE_SECONDS:
            await delete_recorded(bootstrap, going.recorded)
            deleted_at = now
    return samples


def thin(samples: list[Sample]) -> list[Sample]:
    """Return samples at even distances, the last one among them."""
    step = -(-len(samples) // SAMPLES_MAX)
    return samples[::-1][::step][::-1]
