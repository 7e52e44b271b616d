"""Harm to the wall clock of one process: an hour forward or back, as a machine without time service does."""

import asyncio
from email.utils import parsedate_to_datetime
from time import time
from typing import ClassVar, Final

import aiohttp

from tests.faults.child import CLOCK_CACHE_SECONDS, Child
from tests.faults.faults.fault import Fault
from tests.faults.stage import Stage

_HOUR: Final = 3_600
_MINUTE: Final = 60


class ClockFault(Fault):
    """A jump of the clock, and a jump back."""

    harm: ClassVar[str] = "a clock"
    hold_seconds = (3.0, 8.0)
    jump_seconds: ClassVar[int]

    def choose(self, stage: Stage) -> Child:
        """Return the process whose clock jumps: the active stream worker, unless a fault says otherwise."""
        return stage.active_worker

    async def strike(self, stage: Stage) -> None:
        """Let the clock jump, and see it in the process's own answers."""
        self._victim = self.choose(stage)
        self.old_owner = self._victim.name
        self._victim.shift_clock(self.jump_seconds)
        await asyncio.sleep(2 * CLOCK_CACHE_SECONDS)
        self._seen = await _read_offset(self._victim)

    async def mend(self, stage: Stage) -> None:
        """Let it jump back."""
        del stage
        self._victim.shift_clock(0)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how far off the process's clock was by its own answers, and what else was seen."""
        if abs(self._seen - self.jump_seconds) > _MINUTE:
            return ""
        return "; ".join([f"its answers were dated {self._seen:+d} s", *stage.symptoms(since)])


class _ConsumerClock(ClockFault):
    """A jump of a consumer's clock."""

    def choose(self, stage: Stage) -> Child:
        """Choose a consumer."""
        return self.random.choice(stage.crew.consumers)


class ConsumerClockForward(_ConsumerClock):
    """One hour ahead."""

    name = "clock of a consumer an hour ahead"
    jump_seconds = _HOUR


class ConsumerClockBack(_ConsumerClock):
    """One hour behind."""

    name = "clock of a consumer an hour behind"
    jump_seconds = -_HOUR


class WorkerClockForward(ClockFault):
    """One hour ahead."""

    name = "clock of the active stream worker an hour ahead"
    jump_seconds = _HOUR


class WorkerClockBack(ClockFault):
    """One hour behind."""

    name = "clock of the active stream worker an hour behind"
    jump_seconds = -_HOUR


async def _read_offset(child: Child) -> int:
    """Return by how many seconds the answers of a process are dated wrongly; 0 when it does not answer."""
    try:
        async with aiohttp.request("GET", f"http://127.0.0.1:{child.port}/healthz") as answer:
            dated = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError):
        return 0
    return round(dated.timestamp() - time())
