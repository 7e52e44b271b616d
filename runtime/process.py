"""The skeleton of every process of ours: it serves its pages, is watched, works until it is asked to end, and ends."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from prometheus_client import CollectorRegistry

from runtime.ending import end_on_signals, end_swiftly
from runtime.exporter import serve
from runtime.health import Health
from runtime.health_metrics import show_health
from runtime.registry import new_registry
from runtime.watchdog import end_when_stuck

_Result = TypeVar("_Result")


class Process(NamedTuple):
    """What the parts of a process share; `end` is resolved once it is to end, or has the bug that it ends by."""

    health: Health
    registry: CollectorRegistry
    end: asyncio.Future[None]


@asynccontextmanager
async def running(name: str, host: str, port: int, *servers: str) -> AsyncIterator[Process]:
    """Be the process `name` while the block runs; its end is that of the process, with exit code 0 unless it raises.

    servers -- which ones it waits for when they are away
    """
    process = Process(Health(), new_registry(name), end_on_signals())
    show_health(process.registry, process.health, *servers)
    with end_swiftly():
        async with serve(process.registry, process.health, host, port):
            end_when_stuck(process.health)
            yield process


async def unless_ended(end: asyncio.Future[None], work: Coroutine[Any, Any, _Result]) -> _Result | None:
    """Return what some work results in; None when the process is to end before. Raises what ends either of them."""
    task = asyncio.create_task(work)
    try:
        either: set[asyncio.Future[Any]] = {end, task}
        done, _ = await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if end in done:
            end.result()
        return task.result() if task in done else None
    finally:
        task.cancel()
