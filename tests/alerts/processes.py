"""Faults of processes, servers and disks."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from models.catalogue import LOGINS
from tests.alerts.stage import Stage
from tests.alerts.watch import DISK_MEGABYTES
from tests.integration.events import make_record

WORKERS = ("worker", "standby")


@asynccontextmanager
async def killed_standby(stage: Stage) -> AsyncIterator[None]:
    """Kill one of two stream workers."""
    stage.end("standby", signal.SIGKILL)
    yield
    stage.start("standby")


@asynccontextmanager
async def no_worker(stage: Stage) -> AsyncIterator[None]:
    """Kill both stream workers."""
    for role in WORKERS:
        stage.end(role, signal.SIGKILL)
    yield
    for role in WORKERS:
        stage.start(role)


@asynccontextmanager
async def stranger(stage: Stage) -> AsyncIterator[None]:
    """Put in the place of the standby a stream worker of another consumer group."""
    stage.end("standby")
    stage.start("standby", "tests.alerts.stranger")
    yield
    stage.restart("standby")


@asynccontextmanager
async def restarts(stage: Stage) -> AsyncIterator[None]:
    """Kill the auditor three times; each time it is started again."""
    for _ in range(3):
        await asyncio.sleep(2)  # a process that nobody has scraped was never there
        stage.end("auditor", signal.SIGKILL)
        stage.start("auditor")
    yield


@asynccontextmanager
async def frozen_kafka(stage: Stage) -> AsyncIterator[None]:
    """Freeze the broker."""
    stage.kafka.freeze()
    yield
    stage.kafka.thaw()


@asynccontextmanager
async def frozen_postgres(stage: Stage) -> AsyncIterator[None]:
    """Freeze the database, while records come."""
    stage.postgres.freeze()
    async with stage.streaming(lambda: make_record(LOGINS), 10):
        yield
    stage.postgres.thaw()


@asynccontextmanager
async def filling_disk(stage: Stage) -> AsyncIterator[None]:
    """Fill two thirds of a small disk, and then a hundredth every four seconds."""
    stage.watch.fill_disk(DISK_MEGABYTES * 0.65)
    filling = asyncio.create_task(_fill(stage))
    yield
    filling.cancel()
    stage.watch.empty_disk()


async def _fill(stage: Stage) -> None:
    while True:
        await asyncio.to_thread(stage.watch.fill_disk, DISK_MEGABYTES * 0.001)
        await asyncio.sleep(0.4)


@asynccontextmanager
async def full_disk(stage: Stage) -> AsyncIterator[None]:
    """Fill nearly all of a small disk."""
    stage.watch.fill_disk(DISK_MEGABYTES * 0.95)
    yield
    stage.watch.empty_disk()
