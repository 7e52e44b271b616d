"""Jobs of a process that are done again and again: each has a limit, and the process says which one waits for what."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from aiokafka.errors import KafkaError

from ledger.unavailable import UnavailableError
from runtime.health import Health

_log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 1.0
# 20 s: a server that is started again is back by then, and nobody need hear of it.
_PATIENCE_SECONDS: Final = 20.0
# A server that was away is tried again after 5 s, and then twice as late each time, up to a minute.
_RETRY_SECONDS_MIN: Final = 5.0
_RETRY_SECONDS_MAX: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something to be done again and again.

    name -- what it does, as a person reads it in front of what it waits for
    work -- does it once; raises UnavailableError, KafkaError or TimeoutError where a server is away
    pause_seconds -- from its end to the next time
    seconds_max -- how long it may take: a server that is frozen, or a connection to nobody, never ends it
    """

    name: str
    work: Callable[[], Coroutine[Any, Any, None]]
    pause_seconds: float
    seconds_max: float


class Jobs:
    """Does jobs beside each other, and shows in the health of the process which of them could not be done."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._waits: dict[str, tuple[float, str]] = {}  # by name of the job: since when it is not done, and why

    async def run(self, *jobs: Job) -> None:
        """Do them until cancelled. Raises what is a bug."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._show())
            for job in jobs:
                group.create_task(self._repeat(job))

    async def _show(self) -> NoReturn:
        """Say that the loop goes round, and what was waited for at the last try of each job."""
        while True:
            if long := sorted(self._find_long()):
                self._health.wait_for("; ".join(long))
            else:
                self._health.progress()
            await asyncio.sleep(_LOOK_SECONDS)

    def _find_long(self) -> Iterator[str]:
        """Yield what was waited for too long."""
        now = time.monotonic()
        for name, (since, why) in self._waits.items():
            if now - since >= _PATIENCE_SECONDS:
                yield f"{name}: {why}"

    async def _repeat(self, job: Job) -> NoReturn:
        """Do one of them again and again; where a server is away, again soon."""
        retry_seconds = _RETRY_SECONDS_MIN
        while True:
            if await self._try(job):
                retry_seconds = _RETRY_SECONDS_MIN
                await asyncio.sleep(job.pause_seconds)
            else:
                await asyncio.sleep(min(retry_seconds, job.pause_seconds))
                retry_seconds = min(2 * retry_seconds, _RETRY_SECONDS_MAX)

    async def _try(self, job: Job) -> bool:
        """Do one once; tell whether it was done."""
        began, limit = time.monotonic(), asyncio.timeout(job.seconds_max)
        try:
            async with limit:
                await job.work()
        except (UnavailableError, KafkaError, TimeoutError) as error:
            line = str(error).partition("\n")[0] or type(error).__name__
            why = f"not done within {job.seconds_max:g} s, given up" if limit.expired() else line
            since, _why = self._waits.get(job.name, (began, ""))
            self._waits[job.name] = since, why
            _log.warning("%s: %s", job.name, why)
            return False
        self._waits.pop(job.name, None)
        return True
