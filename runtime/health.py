"""Whether a process makes progress and is ready: not mere life, and waiting for a server that is away is alive."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

# 30 s: three times the longest statement allowed to Postgres (10 s); whoever stands still longer is stuck.
STANDSTILL_SECONDS_MAX = 30.0


@dataclass
class Health:
    """The last sign of progress of one process, and what it waits for.

    clock -- seconds that never go back (time.monotonic).
    """

    clock: Callable[[], float] = time.monotonic
    _progressed_at: float = field(init=False)
    _waiting_for: str = field(default="its first assignment", init=False)
    _worked_at: float = field(init=False)  # when it last did not wait

    def __post_init__(self) -> None:
        """Begin alive: starting is progress."""
        self._progressed_at = self._worked_at = self.clock()

    def progress(self) -> None:
        """Say that work was done, or that there was none to do."""
        self._progressed_at = self._worked_at = self.clock()
        self._waiting_for = ""

    def wait_for(self, what: str) -> None:
        """Say that the process waits for something outside: alive, but not ready."""
        self._progressed_at = self.clock()
        self._waiting_for = what

    def work_on(self, what: str) -> None:
        """Say what must be done before the process is ready: unlike waiting, that is no sign of progress."""
        self._waiting_for = what

    def waited_seconds(self, what: str) -> float:
        """Return for how long the process has been waiting, if it waits for what begins with these words; else 0."""
        return self.clock() - self._worked_at if self.waits_for(what) else 0.0

    def waits_for(self, what: str) -> bool:
        """Tell whether the process waits for what begins with these words."""
        return self._waiting_for.startswith(what)

    @property
    def standstill_seconds(self) -> float:
        """How long ago the last sign was."""
        return self.clock() - self._progressed_at

    @property
    def alive(self) -> bool:
        """Whether the process should be left running."""
        return self.standstill_seconds <= STANDSTILL_SECONDS_MAX

    @property
    def ready(self) -> bool:
        """Whether the process does its work now."""
        return self.alive and not self._waiting_for

    def describe(self) -> str:
        """Say the state in one line for the person who opened the page."""
        if not self.alive:
            return f"standing still for {self.standstill_seconds:.0f} s"
        return f"waiting for {self._waiting_for}" if self._waiting_for else "working"
