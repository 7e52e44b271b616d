"""The processes of ours that `run` starts, one of each kind: watched, started again, stopped in order."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from onboarding.local.embedded.processes import start_child, stop_child

# 15 s: a batch in hand is done in one, and a stream worker flushes in a few.
_STOP_SECONDS_MAX: Final = 15.0
_PROBE_SECONDS: Final = 1.0
# Who has run for a minute did not end for what it met at its start; who always does is left alone for up to a minute.
_STEADY_SECONDS: Final = 60.0
_WAIT_SECONDS_MAX: Final = 60.0


@dataclass
class Worker:
    """One process of ours, started with one verb of the command."""

    name: str
    verb: str
    port: int
    log_path: Path
    environment: Mapping[str, str]
    clock: Callable[[], float] = time.monotonic
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started_at: float = field(default=0.0, init=False)
    _ends: int = field(default=0, init=False)  # in a row, each soon after a start
    _starts_at: float | None = field(default=None, init=False)  # again, when it has ended

    def start(self) -> None:
        """Start the process; its output goes to the log."""
        argv = (sys.executable, "-m", "onboarding", self.verb)
        self._process = start_child(argv, log_path=self.log_path, env={**os.environ, **self.environment})
        self._started_at, self._starts_at = self.clock(), None

    def restart(self, report: Callable[[str], None]) -> None:
        """Start a process that has ended: at once, and later each time when it ends soon after its start."""
        if self._starts_at is None:
            self._ends = self._ends + 1 if self.clock() - self._started_at < _STEADY_SECONDS else 1
            wait = min(2.0 ** (self._ends - 2), _WAIT_SECONDS_MAX) if self._ends > 1 else 0.0
            self._starts_at = self.clock() + wait
            report(self._describe_end(wait))
        if self.clock() >= self._starts_at:
            self.start()

    def _describe_end(self, wait: float) -> str:
        """Say that it ended, how often by now, and what becomes of it."""
        code = None if self._process is None else self._process.poll()
        again = f", {self._ends} times in a row," if self._ends > 1 else ""
        when = f"in {wait:g} s" if wait else "now"
        return f"{self.name} ended with {code}{again} and is started again {when}; its log is {self.log_path}"

    def stop(self) -> None:
        """Ask the process to drain and end, and wait for it."""
        if self._process is not None:
            stop_child(self._process, _STOP_SECONDS_MAX)

    @property
    def ended(self) -> bool:
        """Whether the process is not running."""
        return self._process is None or self._process.poll() is not None

    @property
    def ready(self) -> bool:
        """Whether the process says that it does its work."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=_PROBE_SECONDS) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP: OK
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def running(workers: Sequence[Worker]) -> Iterator[None]:
    """Keep workers running while the block runs; stop them in reverse order."""
    try:
        for worker in workers:
            worker.start()
        yield
    finally:
        for worker in reversed(workers):
            worker.stop()


def restart_ended(workers: Sequence[Worker], report: Callable[[str], None]) -> None:
    """Start again every worker that ended by itself, and say so."""
    for worker in workers:
        if worker.ended:
            worker.restart(report)
