"""The processes of the system under test, and the supervisor that starts again whichever has ended."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from tests.containers.ports import choose_port
from tests.faults.child import Child
from tests.faults.witness import Witness

CONSUME: Final = "consume"
TOTAL: Final = "total"
PRODUCT: Final = ("onboarding",)
# 0.1 s: Docker's first pause before it starts a container again.
_LOOK_SECONDS: Final = 0.1
# 60 s: a start takes two to four; it only bounds a run that has failed.
READY_SECONDS_MAX: Final = 60.0
# 10 s: what the product promises for an end in good order.
END_SECONDS_MAX: Final = 10.0


class Ending(NamedTuple):
    """One process that has ended: its exit code, whether a fault asked for it, and after how many seconds."""

    at: float
    name: str
    code: int
    asked: bool
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return it in words."""
        took = f" {self.seconds:.1f} s after SIGTERM" if self.seconds else ""
        return f"{self.name} ended {'' if self.asked else 'by itself '}with exit code {self.code}{took}"


@dataclass
class Crew:
    """Every process that is meant to run.

    environment -- what all of them are told: where Kafka and Postgres are.
    program -- the Python module that runs them.
    """

    folder: Path
    environment: Mapping[str, str]
    witness: Witness
    program: Sequence[str] = PRODUCT
    children: list[Child] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    _made: dict[str, int] = field(default_factory=dict)

    @property
    def consumers(self) -> Sequence[Child]:
        """The consumers, the oldest first."""
        return [child for child in self.children if child.verb == CONSUME]

    @property
    def workers(self) -> Sequence[Child]:
        """The stream workers, the oldest first."""
        return [child for child in self.children if child.verb == TOTAL]

    @property
    def crashes(self) -> Sequence[Ending]:
        """Every end that nobody had asked for."""
        return [ending for ending in self.endings if not ending.asked]

    def ports(self) -> Sequence[int]:
        """Return the ports at which totals may be shown."""
        return [child.port for child in self.workers]

    async def add(self, verb: str) -> Child:
        """Start one more process and wait until it is ready."""
        child = self._make(verb)
        child.start()
        self.children.append(child)
        await self.await_ready(child)
        return child

    async def retire(self, child: Child) -> Ending:
        """End a process in good order, for good."""
        self.children.remove(child)
        ending = await self.end(child)
        self.witness.forget(child.name)
        return ending

    async def end(self, child: Child) -> Ending:
        """Ask a process to end and wait for it; SIGKILL after three times the time that it is promised to take."""
        popen, asked_at = child.popen, time.monotonic()
        child.terminate()
        while popen.poll() is None:
            if time.monotonic() - asked_at > 3 * END_SECONDS_MAX:
                popen.kill()
            await asyncio.sleep(_LOOK_SECONDS / 10)
        ending = Ending(asked_at, child.name, popen.returncode, asked=True, seconds=time.monotonic() - asked_at)
        self.endings.append(ending)
        return ending

    async def await_ready(self, child: Child) -> None:
        """Wait until a process says that it is ready. Raises TimeoutError."""
        async with asyncio.timeout(READY_SECONDS_MAX):
            while not self.witness.ready.get(child.name):  # noqa: ASYNC110 - seen from outside, nobody tells us
                await asyncio.sleep(_LOOK_SECONDS)

    def find_missing(self) -> Sequence[str]:
        """Return what keeps this from being whole: who is not ready, how many show totals, what two or none own."""
        owned = Counter(source for child in self.consumers for source in self.witness.owned.get(child.name, ()))
        showing = [child.name for child in self.workers if self.witness.showing.get(child.name)]
        return [
            *(
                f"{child.name} {self.witness.trouble_of(child.name)}, and its log ends with {child.last_words()!r}"
                for child in self.children
                if not self.witness.ready.get(child.name)
            ),
            *([] if len(showing) == 1 else [f"totals are shown by {' and '.join(showing) or 'nobody'}"]),
            *([] if owned else ["no partition has an owner"]),
            *(f"{topic} {number} has {owners} owners" for (topic, number), owners in owned.items() if owners > 1),
        ]

    async def supervise(self, until: asyncio.Event) -> None:
        """Start again whichever has ended, as compose does, until told to stop."""
        while not until.is_set():
            for child in self.children:
                if child.exit_code is not None:
                    self._restart(child, child.exit_code)
            await asyncio.sleep(_LOOK_SECONDS)

    def _restart(self, child: Child, code: int) -> None:
        """Note how a process has ended, and start it again."""
        if not any(ending.name == child.name and ending.at > child.started_at for ending in self.endings):
            self.endings.append(Ending(time.monotonic(), child.name, code, asked=child.doomed))
        self.witness.forget(child.name)
        child.start()

    def thaw(self) -> None:
        """Let every frozen process go on."""
        for child in self.children:
            if child.frozen:
                child.thaw()

    def kill(self) -> None:
        """End whatever still runs."""
        for child in self.children:
            child.kill()
            child.bury()

    def _make(self, verb: str) -> Child:
        """Return a process with a name, a port and a folder of its own."""
        number = self._made[verb] = self._made.get(verb, 0) + 1
        name, port = f"{verb}-{number}", choose_port()
        told = {"ONBOARDING_CONSUMER_PORT": str(port), "ONBOARDING_TOTALS_PORT": str(port)}
        return Child(name, verb, port, self.folder, {**self.environment, **told}, program=self.program)
