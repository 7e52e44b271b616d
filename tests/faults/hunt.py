"""Looks, fault by fault, whether a planted bug is exposed: counts are compared whenever the traffic pauses."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final

from ledger.sqlstates import ERRORS
from tests.faults.contract import KINDS
from tests.faults.exposition import parse
from tests.faults.faults.fault import Fault
from tests.faults.runner import IN_THE_WAY
from tests.faults.schedule import Planned
from tests.faults.stage import Stage

# 10 s: what is promised for a recovery; whatever is not right by then, in silence, stays wrong.
_SETTLE_SECONDS_MAX: Final = 10.0
# 2 s: a batch that is counted wrongly is written by then.
_SETTLE_SECONDS_MIN: Final = 2.0
# 4 s of traffic: a consumer takes over within that, and every busy partition gets some thirty records.
_TRAFFIC_SECONDS: Final = 4.0
# 15 s: at the longest, what a bug has left undone may hold up the next fault.
_WHOLE_SECONDS_MAX: Final = 15.0
_LOOK_SECONDS: Final = 0.1
_COUNTED: Final = "SELECT topic, sum(facts)::bigint FROM tally WHERE dimension = 'all' GROUP BY topic"

# By topic: how many facts are counted beyond those acknowledged, and shown beyond those counted.
Errors = Mapping[str, tuple[int, int]]


@dataclass
class Hunt:
    """One planted bug on a stage, and the faults that may expose it."""

    stage: Stage
    _errors: Errors = field(default_factory=dict, init=False)  # what earlier faults have brought

    async def run(self, planned: Planned) -> str:
        """Do a fault; compare in the silence right after it, and after further traffic. Return what differs."""
        fault = planned.kind(Random(planned.seed))  # noqa: S311 - must be repeatable, guards nothing
        await self.stage.await_whole(_WHOLE_SECONDS_MAX)
        async with self._silence():
            before = self._errors = await self._settle(self._errors)
        await asyncio.sleep(_TRAFFIC_SECONDS)
        try:
            await _do(fault, self.stage, planned.hold_seconds)
        except IN_THE_WAY as error:
            return f"not done: {type(error).__name__}"
        if found := await self._compare(before, "in the silence after it"):
            return found
        await asyncio.sleep(_TRAFFIC_SECONDS)
        return await self._compare(before, "after further traffic")

    async def _compare(self, before: Errors, when: str) -> str:
        """Pause the traffic; return what differs more than before, empty when nothing does."""
        async with self._silence():
            self._errors = await self._settle(before)
            return describe(before, self._errors, when)

    @asynccontextmanager
    async def _silence(self) -> AsyncIterator[None]:
        """Publish nothing new during the block."""
        rate, self.stage.publisher.rate = self.stage.publisher.rate, 0.0
        try:
            yield
        finally:
            self.stage.publisher.rate = rate

    async def _settle(self, before: Errors) -> Errors:
        """Wait until errors are what they were, not too short and not too long; return them."""
        began_at = time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            waited, errors = time.monotonic() - began_at, await self._count()
            right = not self.stage.publisher.unsettled and _are_same(before, errors)
            if waited > _SETTLE_SECONDS_MAX or (waited > _SETTLE_SECONDS_MIN and right):
                return errors

    async def _count(self) -> Errors:
        """Return every topic's errors as they are now; nothing counts while the database is away."""
        try:
            counted = dict(await self.stage.fetch(_COUNTED))
        except ERRORS:
            counted = {}
        shown, sent = parse(await self.stage.read_totals()), self.stage.log.facts
        acknowledged = {kind.topic: sum(n for lane, n in sent.items() if lane.topic == kind.topic) for kind in KINDS}
        return {
            kind.topic: (
                counted.get(kind.topic, 0) - acknowledged[kind.topic],
                round(shown.get(kind.metric, 0.0)) - counted.get(kind.topic, 0),
            )
            for kind in KINDS
        }


async def _do(fault: Fault, stage: Stage, hold_seconds: float) -> None:
    """Strike, hold and mend."""
    await fault.strike(stage)
    await asyncio.sleep(hold_seconds)
    await fault.mend(stage)


def _are_same(before: Errors, errors: Errors) -> bool:
    """Tell whether no error has grown; one that shrinks is what an earlier fault has left, being healed."""
    return not describe(before, errors, "")


def describe(before: Errors, after: Errors, when: str) -> str:
    """Say which errors have grown between two comparisons, empty when none has."""
    said = []
    for topic, (counted, shown) in after.items():
        counted_before, shown_before = before.get(topic, (0, 0))
        if abs(counted) > abs(counted_before):
            said.append(f"{topic}: {counted - counted_before:+d} facts counted")
        if abs(shown) > abs(shown_before):
            said.append(f"{topic}: {shown - shown_before:+d} facts shown against those counted")
    return f"{when}: {', '.join(said)}" if said else ""
