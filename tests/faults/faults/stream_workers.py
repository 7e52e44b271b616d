"""Harm to the stream worker that shows the totals: another must take over, and none may dip or be shown twice."""

from typing import ClassVar, Final

from tests.faults.child import Child
from tests.faults.crew import TOTAL
from tests.faults.faults.consumers import LONGER_THAN_SESSION, judge
from tests.faults.faults.fault import Fault
from tests.faults.stage import Stage

# 15 s: half as much again as a take-over may need.
_SHOWN_SECONDS_MAX: Final = 15.0


class WorkerFault(Fault):
    """Harm after which another worker shows the totals."""

    harm: ClassVar[str] = "a stream worker"

    def choose(self, stage: Stage) -> Child:
        """Choose the active worker."""
        victim = stage.active_worker
        self.old_owner = victim.name
        return victim

    def see_successor(self, stage: Stage) -> str:
        """Take down who shows the totals now, and say it in words."""
        self.new_owner = stage.active_name
        return f"totals shown by {self.new_owner}" if self.new_owner else ""


class KillWorker(WorkerFault):
    """SIGKILL; the supervisor starts it again."""

    name = "SIGKILL of the active stream worker"
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Kill it."""
        victim = self.choose(stage)
        self._popen = victim.popen
        victim.kill()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how it ended and who took over."""
        del since
        return f"exit code {self._popen.poll()}; {self.see_successor(stage)}"


class TerminateWorker(WorkerFault):
    """SIGTERM; it must end in good order within ten seconds."""

    name = "SIGTERM of the active stream worker"
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Ask it to end, and wait for it."""
        self._ending = await stage.crew.end(self.choose(stage))
        judge(stage, self._ending)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how it ended and who took over."""
        del since
        return f"{self._ending}; {self.see_successor(stage)}"


class FreezeWorker(WorkerFault):
    """SIGSTOP, and SIGCONT when its session is over."""

    name = "SIGSTOP of the active stream worker for longer than its session"
    hold_seconds = LONGER_THAN_SESSION

    async def strike(self, stage: Stage) -> None:
        """Stop it."""
        self._victim = self.choose(stage)
        self._victim.freeze()

    async def mend(self, stage: Stage) -> None:
        """See who has taken over, and let it go on."""
        self._seen = self.see_successor(stage)
        self._victim.thaw()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say who had taken over when it woke up; that it was behind all others when nobody had."""
        return self._seen or await super().name_effect(stage, since)


class ReplaceWorker(WorkerFault):
    """Two rebalances: a stream worker joins, and later the active one leaves."""

    name = "a stream worker added, the active one removed"
    hold_seconds = (2.0, 6.0)
    _left = ""

    async def strike(self, stage: Stage) -> None:
        """Add one."""
        self.choose(stage)
        self._added = await stage.crew.add(TOTAL)

    async def mend(self, stage: Stage) -> None:
        """Remove the active one, once the totals are shown again after the first rebalance."""
        await stage.await_active(_SHOWN_SECONDS_MAX)
        ending = await stage.crew.retire(self.choose(stage))
        judge(stage, ending)
        self._left = str(ending)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say who left and who took over."""
        del since
        return f"{self._added.name} joined, {self._left}; {self.see_successor(stage)}" if self._left else ""
