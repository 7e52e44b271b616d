"""Child processes that we stop in order, and that never outlive us, even when we are killed.

Every child has a session of its own, so Ctrl-C reaches us alone, and a death signal (PR_SET_PDEATHSIG): the kernel
sends it when the *thread* that started the child ends. So one thread that lives as long as the interpreter starts them
all, and `start_child` may be called from any thread, `asyncio.to_thread` included.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from onboarding.local.embedded import exec_shim
from onboarding.local.embedded.errors import EmbeddedServerError, read_reason


@dataclass(frozen=True)
class Account:
    """An account to run a child under instead of our own (only root can)."""

    uid: int
    gid: int


def start_child(  # noqa: PLR0913 - keywords only, each independent of the others, as in subprocess.Popen
    argv: Sequence[str | os.PathLike[str]],
    *,
    log_path: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a command (argv[0] is a full path); its output goes to `log_path`, the one before is kept as `*.previous`.

    `death_signal` is what the child gets when we end without stopping it: nobody is left then to insist, so it
    should be one that cannot be waited out.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    _keep_previous(log_path)
    with log_path.open("wb") as log:
        starting = _long_living_thread().submit(
            subprocess.Popen,
            _wrap(argv, account, death_signal),
            stdin=stdin,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
        return starting.result()


def finish_child(process: subprocess.Popen[bytes], task: str, log_path: Path, input_text: str = "") -> None:
    """Wait for a child that does one task; raise EmbeddedServerError with its last words if it failed at it."""
    try:
        process.communicate(input_text.encode() or None)
    except BaseException:
        _kill(process)
        raise
    if process.returncode != 0:
        raise EmbeddedServerError(
            f"{task} failed (exit code {process.returncode}): {read_reason(log_path)}; its log is {log_path}"
        )


def stop_child(
    process: subprocess.Popen[bytes],
    grace_seconds: float,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> int:
    """Ask a child to end, wait, kill it and what it started after `grace_seconds`; return its exit code.

    A child that has ended already is fine. A second Ctrl-C cuts the waiting short, not the killing.
    """
    process.send_signal(stop_signal)
    try:
        return process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        return _kill(process)
    except BaseException:
        _kill(process)
        raise


def _kill(process: subprocess.Popen[bytes]) -> int:
    """End the child's whole group; the id is surely still its own, because nobody has waited for it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


@cache
def _long_living_thread() -> ThreadPoolExecutor:
    """Return the thread that starts all children; it ends with the interpreter, and the children with it."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="child-starter")


def _wrap(argv: Sequence[str | os.PathLike[str]], account: Account | None, death_signal: signal.Signals) -> list[str]:
    """Return the command line of the shim that becomes the command."""
    become = "-" if account is None else f"{account.uid}:{account.gid}"
    shim = [sys.executable, "-I", "-S", exec_shim.__file__, str(os.getpid()), str(int(death_signal)), become]
    return [*shim, *(os.fspath(part) for part in argv)]


def _keep_previous(log_path: Path) -> None:
    """Set the log of the run before aside: two runs are kept, so logs have a limit."""
    if log_path.exists():
        log_path.replace(log_path.with_name(f"{log_path.name}.previous"))
