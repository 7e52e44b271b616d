"""Harm to one process of ours, whatever it does: killed, asked to end, frozen for longer than its session."""

from abc import abstractmethod
from typing import Final

from tests.faults.child import Child
from tests.faults.crew import END_SECONDS_MAX, Ending
from tests.faults.faults.fault import Fault
from tests.faults.stage import Stage

# 6 s is the session of a member: one that is frozen for longer is replaced, and wakes up as a zombie.
LONGER_THAN_SESSION: Final = (7.0, 10.0)


class ProcessFault(Fault):
    """Harm after which others own what the victim owned."""

    @abstractmethod
    async def choose(self, stage: Stage) -> Child:
        """Choose the victim and take down what it owns. Raises NotStruckError when there is none."""

    @abstractmethod
    async def see_successors(self, stage: Stage) -> str:
        """Say who owns it now; empty when nobody has taken over."""


class Kill(ProcessFault):
    """SIGKILL; the supervisor starts it again."""

    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Kill it."""
        victim = await self.choose(stage)
        self._popen = victim.popen
        victim.kill()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how it ended and who took over."""
        del since
        seen = await self.see_successors(stage)
        return f"exit code {self._popen.poll()}; {seen}" if seen else ""


class Terminate(ProcessFault):
    """SIGTERM; it must end in good order within ten seconds."""

    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Ask it to end, and wait for it."""
        self._ending = await stage.crew.end(await self.choose(stage))
        judge(stage, self._ending)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how it ended and who took over."""
        del since
        seen = await self.see_successors(stage)
        return f"{self._ending}; {seen}" if seen else ""


class Freeze(ProcessFault):
    """SIGSTOP, and SIGCONT when its session is over."""

    hold_seconds = LONGER_THAN_SESSION

    async def strike(self, stage: Stage) -> None:
        """Stop it."""
        self.victim = await self.choose(stage)
        self.victim.freeze()

    async def mend(self, stage: Stage) -> None:
        """See who has taken over, and let it go on."""
        self._seen = await self.see_successors(stage)
        self.victim.thaw()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say who had taken over when it woke up; what others suffered when nobody had."""
        return f"when it woke up: {self._seen}" if self._seen else await super().name_effect(stage, since)


def judge(stage: Stage, ending: Ending) -> None:
    """Note an end that was not in good order, or took too long."""
    if ending.code != 0 or ending.seconds > END_SECONDS_MAX:
        stage.find(f"{ending}: 0 within {END_SECONDS_MAX:g} s is promised")
