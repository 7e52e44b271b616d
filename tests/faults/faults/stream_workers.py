"""Harm to the stream worker that shows the totals: another must take over, and none may dip or be shown twice."""

from typing import ClassVar, Final

from tests.faults.child import Child
from tests.faults.crew import TOTAL
from tests.faults.faults.processes import Freeze, Kill, ProcessFault, Terminate, judge
from tests.faults.stage import Stage

# 15 s: half as much again as a take-over may need.
_SHOWN_SECONDS_MAX: Final = 15.0


class WorkerFault(ProcessFault):
    """Harm after which another worker shows the totals."""

    harm: ClassVar[str] = "a stream worker"

    async def choose(self, stage: Stage) -> Child:
        """Choose the active worker."""
        victim = stage.active_worker
        self.old_owner = victim.name
        return victim

    async def see_successors(self, stage: Stage) -> str:
        """Take down who shows the totals now, and say it in words."""
        self.new_owner = stage.active_name
        return f"totals shown by {self.new_owner}" if self.new_owner else ""


class KillWorker(WorkerFault, Kill):
    """The standby finds out after a session."""

    name = "SIGKILL of the active stream worker"


class TerminateWorker(WorkerFault, Terminate):
    """It leaves the group, and the standby takes over at once."""

    name = "SIGTERM of the active stream worker"


class FreezeWorker(WorkerFault, Freeze):
    """When it wakes up, another shows the totals, and it must not."""

    name = "SIGSTOP of the active stream worker for longer than its session"


class ReplaceWorker(WorkerFault):
    """Two rebalances: a stream worker joins, and later the active one leaves."""

    name = "a stream worker added, the active one removed"
    hold_seconds = (2.0, 6.0)
    _left = ""

    async def strike(self, stage: Stage) -> None:
        """Add one."""
        await self.choose(stage)
        self._added = await stage.crew.add(TOTAL)

    async def mend(self, stage: Stage) -> None:
        """Remove the active one, once the totals are shown again after the first rebalance."""
        await stage.await_active(_SHOWN_SECONDS_MAX)
        ending = await stage.crew.retire(await self.choose(stage))
        judge(stage, ending)
        self._left = str(ending)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say who left and who took over."""
        del since
        return f"{self._added.name} joined, {self._left}; {await self.see_successors(stage)}" if self._left else ""
