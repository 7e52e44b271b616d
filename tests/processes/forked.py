"""Processes of ours, forked from a server that has imported everything: a start costs a second of processor time less.

Each is a process of its own, and runs what `onboarding` runs from the first line of a command on. What imports do, and
`python -m onboarding` itself, is seen where the system is started as its users start it: in tests/run, tests/compose,
the fault runs, and wherever a test names a module.
"""

import fcntl
import multiprocessing
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from onboarding.cli.main import main

# Of Linux, fcntl(2): which signal tells that something has happened to a file. Python has no name for it.
_F_SETSIG: Final = 10

FORKING: Final = multiprocessing.get_context("forkserver")
# The main module too: each process would import it again.
FORKING.set_forkserver_preload(["__main__", "tests.processes.preload", "tests.crashes.launcher"])


class Running(Protocol):
    """What tests want of a process: a part of `subprocess.Popen`."""

    @property
    def pid(self) -> int:
        """Its id."""

    def poll(self) -> int | None:
        """Return the exit code, below 0 for a signal; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code. Raises subprocess.TimeoutExpired."""

    def send_signal(self, sig: int) -> None:
        """Send a signal, if it has not ended."""

    def terminate(self) -> None:
        """Send SIGTERM."""

    def kill(self) -> None:
        """Send SIGKILL."""


class Forked:
    """A process that runs a function, with an environment of its own and its output in files."""

    def __init__(
        self,
        run: Callable[..., None],
        *arguments: object,
        environment: Mapping[str, str],
        output: Path,
        errors: Path | None = None,
    ) -> None:
        """Start it; what it says is appended to the files, errors to those of the output where none is named."""
        begun = (dict(environment), output, errors or output, run, arguments)
        self._process = FORKING.Process(target=_begin, args=begun, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its id."""
        return int(self._process.pid or 0)

    def poll(self) -> int | None:
        """Return the exit code, below 0 for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        """Send a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def fork_command(
    words: Sequence[str], environment: Mapping[str, str], output: Path, errors: Path | None = None
) -> Forked:
    """Start `onboarding` with these words."""
    return Forked(run_command, [str(word) for word in words], environment=environment, output=output, errors=errors)


def run_command(words: Sequence[str]) -> None:
    """Run `onboarding` with these words, to its end."""
    main(words, prog_name="onboarding")


def _begin(
    environment: Mapping[str, str], output: Path, errors: Path, run: Callable[..., None], arguments: Sequence[Any]
) -> None:
    """Become the process."""
    _end_with_parent()
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in ((1, output), (2, errors)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    run(*arguments)


def _end_with_parent() -> None:
    """Let the kernel kill this process when the one that started it has ended, even by SIGKILL.

    What the two hold a pipe for is nothing else; its end is told by a signal, so that no thread waits for it here.
    """
    parent = multiprocessing.parent_process()
    if parent:
        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(parent.sentinel, _F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, os.O_ASYNC)
        if not parent.is_alive():  # its end came before this was asked for
            os.kill(os.getpid(), signal.SIGKILL)
