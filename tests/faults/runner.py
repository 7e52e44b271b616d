"""Runs faults on a stage: one after the other and timed, then on top of each other; and judges what is left."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, NoReturn

from tests.faults.checker import Verdict, check
from tests.faults.faults.fault import Fault
from tests.faults.outcome import Outcome, Phase
from tests.faults.progress import Progress
from tests.faults.quiet import await_quiet
from tests.faults.schedule import OVERLAP_REST_SECONDS, Planned
from tests.faults.stage import Stage

# What a fault meets when another has harmed what it wants to harm is not to be listed: aiokafka even asserts. A fault
# that is never done is seen by its outcomes.
IN_THE_WAY: Final = Exception
# 60 s: six times the recovery that is promised; after that the run goes on, and the report says that it never came.
RECOVERY_SECONDS_MAX: Final = 60.0
# 120 s: what is under way is acknowledged within seconds of a broker that is back.
SETTLE_SECONDS_MAX: Final = 120.0
# 120 s: several session time-outs and restarts; whoever is not back by then does not come back.
WHOLE_SECONDS_MAX: Final = 120.0
_LOOK_SECONDS: Final = 0.05
# Stands on the page of a worker that shows totals, and on no other.
_A_TOTAL: Final = "onboarding_portal_logins_total "
# 10 s of traffic before the first fault: by then it is known which partitions are busy.
_WARM_UP_SECONDS: Final = 10.0
# 2 s of quiet between two faults, so that what the first has done is over.
_REST_SECONDS: Final = 2.0


class BrokenStageError(Exception):
    """What a fault has done does not pass, so that further faults would tell nothing."""


@dataclass
class Runner:
    """The faults of one run, and what becomes of each."""

    stage: Stage
    progress: Progress

    async def run_sequence(self, planned: Sequence[Planned]) -> None:
        """Do one fault at a time; wait after each until the totals move and every process works again.

        Raises BrokenStageError when a process does not come back.
        """
        await asyncio.sleep(_WARM_UP_SECONDS)
        await self._await_whole("the start")
        for each in planned:
            await self._do(each, "sequential")
            await asyncio.sleep(_REST_SECONDS)

    async def run_overlap(self, planned: Sequence[Planned], seconds: float) -> None:
        """Do faults on top of each other for so long; then undo whatever is left of them.

        Raises BrokenStageError as `run_sequence` does.
        """
        began_at = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for each in planned:
                await asyncio.sleep(max(0.0, began_at + each.at - time.monotonic()))
                group.create_task(self._do(each, "overlapping"))
            await asyncio.sleep(max(0.0, began_at + seconds - time.monotonic()))
        await self._recover()
        await self._await_whole("the overlapping phase")

    async def _recover(self) -> None:
        """Undo whatever is left; servers that were only just started again may refuse it for a while."""
        deadline = time.monotonic() + WHOLE_SECONDS_MAX
        while True:
            try:
                return await self.stage.recover()
            except IN_THE_WAY as error:
                self.progress.tell(f"not all is undone yet, {type(error).__name__}: {error}")
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_REST_SECONDS)

    async def judge(self, seconds_max: float = WHOLE_SECONDS_MAX) -> Verdict:
        """End the traffic, wait until all is quiet, and compare everything with everything."""
        self.stage.traffic_ends.set()
        await self._settle()
        self.progress.tell("waiting until everything is recorded and shown")
        servers = (self.stage.database.url, self.stage.cluster.publisher_bootstrap)
        if not await await_quiet(*servers, self.stage.read_totals, seconds_max):
            self.stage.find(f"not everything is recorded and shown {seconds_max:g} s after the last fault")
        self.progress.tell("comparing everything with what was acknowledged")
        return await check(self.stage.log, *servers, await self._read_shown())

    async def _settle(self) -> None:
        """Wait for what is under way to Kafka; a client of ours that hangs must not hold up the verdict for ever."""
        try:
            await asyncio.wait_for(self.stage.publisher.settle(), SETTLE_SECONDS_MAX)
        except TimeoutError:
            left = self.stage.publisher.unsettled
            self.stage.find(
                f"{left} records are neither acknowledged nor refused {SETTLE_SECONDS_MAX:g} s after the end"
            )

    async def _read_shown(self) -> str:
        """Return the page of the worker that shows the totals; a worker that joins late hides them for a moment."""
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while _A_TOTAL not in (page := await self.stage.read_totals()) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)  # nobody tells when it is shown again
        return page

    async def _do(self, planned: Planned, phase: Phase) -> None:
        """Strike, hold, mend, and keep what comes of it."""
        fault = planned.kind(Random(planned.seed))  # noqa: S311 - must be repeatable, guards nothing
        in_flight, struck_at = await self.stage.count_in_flight(), time.monotonic()
        gone_at = await self._strike(fault, planned, struck_at)
        recovery = await self._await_recovery(gone_at) if gone_at and phase == "sequential" else None
        outage = self.stage.curve.outage(struck_at, time.monotonic())
        whole = await self._rest(phase)
        outcome = Outcome(
            number=planned.number,
            fault=fault.name,
            phase=phase,
            at=struck_at - self.progress.began_at,
            held_seconds=(gone_at or struck_at) - struck_at,
            in_flight=in_flight,
            effect=await self._name_effect(fault, struck_at) if gone_at else "",
            old_owner=fault.old_owner,
            new_owner=fault.new_owner,
            outage_seconds=outage,
            recovery_seconds=recovery,
        )
        self.progress.keep(outcome)
        if not whole:
            self._give_up(fault.name)

    async def _rest(self, phase: Phase) -> bool:
        """Wait until a fault is over as far as its phase wants it; tell whether every process works again."""
        if phase == "sequential":
            return await self.stage.await_whole(WHOLE_SECONDS_MAX)
        await asyncio.sleep(OVERLAP_REST_SECONDS)
        return True

    async def _strike(self, fault: Fault, planned: Planned, struck_at: float) -> float | None:
        """Do the harm, wait, undo it; return when its cause was gone, None when it was not done or not undone."""
        try:
            await fault.strike(self.stage)
        except IN_THE_WAY as error:
            self.progress.tell(f"{fault.name}: not done, {type(error).__name__}: {error}")
            return None
        await asyncio.sleep(planned.hold_seconds)
        try:
            await fault.mend(self.stage)
        except IN_THE_WAY as error:  # what another fault holds is undone with that, at the latest at the phase's end
            self.progress.tell(f"{fault.name}: not mended by itself, {type(error).__name__}: {error}")
            return None
        return struck_at if fault.mended_by_strike else time.monotonic()

    async def _await_recovery(self, gone_at: float) -> float | None:
        """Wait until all totals move again; return how long after a moment that was, None when it takes too long."""
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while (recovery := self.stage.curve.recovered_after(gone_at)) is None:
            if time.monotonic() > deadline:
                return None
            await asyncio.sleep(_LOOK_SECONDS)
        return recovery

    async def _await_whole(self, after: str) -> None:
        if not await self.stage.await_whole(WHOLE_SECONDS_MAX):
            self._give_up(after)

    def _give_up(self, after: str) -> NoReturn:
        """Note that not every process came back, and what is missing."""
        missing = "; ".join(self.stage.crew.find_missing()) or "the worker that shows the totals is frozen"
        found = f"not every process works {WHOLE_SECONDS_MAX:g} s after: {after}: {missing}"
        self.stage.find(found)
        raise BrokenStageError(found)

    async def _name_effect(self, fault: Fault, struck_at: float) -> str:
        """Return what was seen of a fault, and which process ended that nobody had asked to."""
        crashes = [str(ending) for ending in self.stage.crew.crashes if ending.at >= struck_at]
        try:
            effect = await fault.name_effect(self.stage, struck_at)
        except IN_THE_WAY as error:
            self.progress.tell(f"{fault.name}: its effect could not be seen, {type(error).__name__}: {error}")
            effect = ""
        return "; ".join(filter(None, [effect, *(crash for crash in crashes if crash not in effect)]))
