"""A consumer or a stream worker that falls sick at SIGUSR1: a whole process with one task dead or its loop blocked.

`python -m tests.integration.sick VERB SICKNESS [HASTE]`; with a haste of 5 its watchdog looks five times as often, and
takes a fifth of the time for a standstill.
"""

import asyncio
import gc
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop
from aiokafka.consumer import fetcher as aiokafka_fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from faust.transport import consumer as faust_consumer

from consumers.process import run_consumer
from onboarding.cli.consume import consumer_settings
from onboarding.cli.total import worker_settings
from onboarding.settings import Settings, read_settings
from runtime import health, watchdog
from streams.process import run_worker

_FOR_EVER_SECONDS = 3_600.0
_RETRY_SECONDS = 0.1


def block_loop() -> None:
    """Hold the event loop, as a computation without an end would."""
    time.sleep(_FOR_EVER_SECONDS)


def stop_fetching() -> None:
    """End the task in which aiokafka fetches, as an answer would that it cannot read."""
    for fetcher in _find(aiokafka_fetcher.Fetcher):
        fetcher._fetch_task.cancel()  # noqa: SLF001 - as all of them here: what is sick is inside


def stop_coordinating() -> None:
    """Let the task fail in which aiokafka keeps its place in the group, as a bug there would."""
    for coordinator in _find(GroupCoordinator):
        coordinator._assignors = None  # noqa: SLF001
        coordinator.request_rejoin()


def stop_feeding_agents() -> None:
    """End the task in which Faust hands messages to its agents; everything else of it goes on.

    Raises LookupError while it has none: a worker is ready a moment before Faust starts it.
    """
    futures = [future for fetcher in _find(faust_consumer.Fetcher) for future in fetcher._futures]  # noqa: SLF001
    if not futures:
        raise LookupError(faust_consumer.Fetcher)
    for future in futures:
        future.cancel()


def _find(kind: type[Any]) -> list[Any]:
    """Return the objects of a class. Raises LookupError when there is none: a new version may have another."""
    gc.unfreeze()  # a consumer has set its first objects apart, where they are not listed
    found = [thing for thing in gc.get_objects() if isinstance(thing, kind)]
    if not found:
        raise LookupError(kind)
    return found


SICKNESSES: dict[str, Callable[[], None]] = {
    "block-loop": block_loop,
    "stop-fetching": stop_fetching,
    "stop-coordinating": stop_coordinating,
    "stop-feeding-agents": stop_feeding_agents,
}


def _make_process(verb: str, settings: Settings) -> Coroutine[Any, Any, None]:
    """Return what `onboarding consume` or `onboarding total` runs."""
    return run_worker(worker_settings(settings)) if verb == "total" else run_consumer(consumer_settings(settings))


def make_haste(times: float) -> None:
    """Let the watchdog take less time: nothing but waiting is lost by it."""
    health.STANDSTILL_SECONDS_MAX /= times
    watchdog._LOOK_SECONDS /= times  # type: ignore[misc] # noqa: SLF001 - final for everybody else


def _fall_sick(sickness: Callable[[], None]) -> None:
    """Fall sick as soon as there is what the sickness is of."""
    try:
        sickness()
    except LookupError:
        asyncio.get_running_loop().call_later(_RETRY_SECONDS, _fall_sick, sickness)


async def _run(verb: str, sickness: Callable[[], None]) -> None:
    """Run a process, and let it fall sick on the signal."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _fall_sick, sickness)
    await _make_process(verb, read_settings())


if __name__ == "__main__":
    make_haste(float(sys.argv[3]) if sys.argv[3:] else 1.0)
    run = uvloop.run if sys.argv[1] == "consume" else asyncio.run
    run(_run(sys.argv[1], SICKNESSES[sys.argv[2]]))
