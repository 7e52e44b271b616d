"""Traffic through the whole system, and a watch over the totals, while a test does harm to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

from models.catalogue import KINDS, LOGINS
from tests.integration.events import make_record
from tests.integration.sampling import Watch, watch
from tests.integration.system import LOOK_SECONDS, SECONDS_MAX, Process, System, total_of

_ROUND_RECORDS = 10
_PAUSE_SECONDS = 0.05


@dataclass
class Traffic:
    """What was published so far, and who should show it."""

    workers: Sequence[Process]
    each: int = 0  # acknowledged, of every kind
    seen: Watch = field(default_factory=Watch)

    async def await_moving(self) -> float:
        """Wait until a total counts what was published after the call; return the seconds that took."""
        begun_at, before = time.monotonic(), self.each
        while await asyncio.to_thread(self._highest) <= before:
            assert time.monotonic() < begun_at + SECONDS_MAX, f"totals stay below {before}"
            await asyncio.sleep(LOOK_SECONDS)
        return time.monotonic() - begun_at

    async def await_all(self) -> None:
        """Wait until one worker shows every record of every kind."""
        deadline = time.monotonic() + SECONDS_MAX
        while not await asyncio.to_thread(self._is_all_shown):
            assert time.monotonic() < deadline, f"not every total shows {self.each}"
            await asyncio.sleep(LOOK_SECONDS)

    def _highest(self) -> float:
        return max(total_of(worker, LOGINS) or 0 for worker in self.workers)

    def _is_all_shown(self) -> bool:
        return any(all(total_of(worker, kind) == self.each for kind in KINDS) for worker in self.workers)


@asynccontextmanager
async def run_traffic(system: System, workers: Sequence[Process]) -> AsyncIterator[Traffic]:
    """Publish and sample while the block runs; then every record must be counted, and no total dipped or doubled."""
    traffic, until, until_shown = Traffic(workers), asyncio.Event(), asyncio.Event()
    feeding = asyncio.create_task(_feed(system, traffic, until))
    watching = asyncio.create_task(watch(workers, until_shown))
    try:
        await traffic.await_moving()
        yield traffic
        until.set()
        await feeding
        await traffic.await_all()
    finally:
        until.set()
        until_shown.set()
        traffic.seen = await watching
        feeding.cancel()
    for kind in KINDS:
        assert traffic.seen.dips(kind.metric) == []
        assert traffic.seen.doubles(kind.metric) == 0


async def _feed(system: System, traffic: Traffic, until: asyncio.Event) -> None:
    """Publish a few records of every kind at a time; while Kafka is away they wait: the producer is idempotent."""
    async with AIOKafkaProducer(
        bootstrap_servers=system.bootstrap, acks="all", enable_idempotence=True, request_timeout_ms=4_000
    ) as producer:
        while not until.is_set():
            records = [make_record(kind) for kind in KINDS for _ in range(_ROUND_RECORDS)]
            sent = [await producer.send(record.topic, key=record.key, value=record.value) for record in records]
            await asyncio.gather(*sent)
            traffic.each += _ROUND_RECORDS
            await asyncio.sleep(_PAUSE_SECONDS)
