"""One process of the system under test: started, signalled, asked over HTTP, and read in its log."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where the C library keeps named semaphores on Linux
CLOCK_CACHE_SECONDS = 1


@dataclass
class Child:
    """A consumer or a stream worker; started again it keeps its name, port, folder and log.

    program -- the Python module that runs it, with what comes before the verb.
    """

    name: str
    verb: str
    port: int
    folder: Path
    environment: Mapping[str, str]
    program: Sequence[str] = ("onboarding",)
    started_at: float = field(default=0.0, init=False)
    frozen: bool = field(default=False, init=False)
    doomed: bool = field(default=False, init=False)  # a fault has sent it to its end
    _popen: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the process, on the right time."""
        self.clock.write_text("+0\n")
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", *self.program, self.verb],
                env={**os.environ, **self.environment, **fake_time(self.clock)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.started_at, self.frozen, self.doomed = time.monotonic(), False, False

    @property
    def log(self) -> Path:
        """The file that holds what it has said since the stage was opened."""
        return self.folder / f"{self.name}.log"

    @property
    def clock(self) -> Path:
        """The file that says how far its clock is off."""
        return self.folder / f"{self.name}.clock"

    @property
    def popen(self) -> subprocess.Popen[bytes]:
        """The process as it was started last."""
        assert self._popen, f"{self.name} was never started"
        return self._popen

    @property
    def exit_code(self) -> int | None:
        """The exit code, None while the process lives."""
        code = self.popen.poll()
        if code is not None:
            _forget_semaphore(self.popen.pid)
        return code

    def kill(self) -> None:
        """End the process without warning."""
        self.doomed = True
        self.popen.kill()

    def bury(self) -> None:
        """Wait for the end of a process that was killed, and remove what it has left in shared memory."""
        self.popen.wait()
        _forget_semaphore(self.popen.pid)

    def terminate(self) -> None:
        """Ask the process to end in good order."""
        self.doomed = True
        self.popen.terminate()

    def freeze(self) -> None:
        """Stop every thread of the process in its tracks."""
        self.frozen = True
        self.popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self.popen.send_signal(signal.SIGCONT)
        self.frozen = False

    def shift_clock(self, seconds: int) -> None:
        """Put the clock of the process off by so many seconds; it notices within a second."""
        fresh = self.clock.with_suffix(".fresh")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self.clock)

    def read_log(self, since: int) -> str:
        """Return what the process has said after a length of its log in bytes."""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def last_words(self) -> str:
        """Return the last line of the log."""
        return self.read_log(max(0, self.measure_log() - 1000)).strip().rpartition("\n")[2]

    def measure_log(self) -> int:
        """Return the length of the log in bytes."""
        return self.log.stat().st_size if self.log.exists() else 0


def fake_time(clock: Path) -> Mapping[str, str]:
    """Return the environment in which a process takes its wall clock from a file; its monotonic clock stays."""
    return {
        "LD_PRELOAD": str(find_fake_time()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": str(CLOCK_CACHE_SECONDS),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }


def find_fake_time() -> Path:
    """Return the library of libfaketime in its package."""
    found = importlib.util.find_spec("libfaketime")
    assert found, "libfaketime is not installed: run make test once, which installs the pinned packages"
    assert found.origin
    return Path(found.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"


def _forget_semaphore(pid: int) -> None:
    """Remove what libfaketime keeps in shared memory: a process that was killed cannot."""
    for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
        (SHARED_MEMORY / name).unlink(missing_ok=True)
