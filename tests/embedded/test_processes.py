"""Children are stopped in order, and end with us."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.embedded.processes import finish_child, start_child, stop_child
from tests.embedded.observers import find_processes_under, wait_for

SLEEP = ["/bin/sleep", "600"]
# Longer than any machine needs to answer a signal: no test waits that long.
GRACE_SECONDS = 30.0
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
PARENT = """
import sys, signal, pathlib
from onboarding.local.embedded.processes import start_child
folder = pathlib.Path(sys.argv[1])
start_child(["/bin/sleep", "600"], log_path=folder / "log", cwd=folder)
print("started", flush=True)
signal.pause()
"""


def test_stopped_child_ends_by_the_signal_asked_for(tmp_path: Path) -> None:
    """An orderly end comes first."""
    child = start_child(SLEEP, log_path=tmp_path / "log", cwd=tmp_path)
    # Before that it is Python, which may have been started with SIGINT ignored.
    wait_for(lambda: find_processes_under(tmp_path) == ["sleep"])
    assert stop_child(child, GRACE_SECONDS, signal.SIGINT) == -signal.SIGINT


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    """A child that ended by itself is stopped like any other, in one way of clearing up."""
    child = start_child(SLEEP, log_path=tmp_path / "log")
    stop_child(child, GRACE_SECONDS)
    assert stop_child(child, GRACE_SECONDS) == -signal.SIGTERM


def test_deaf_child_is_killed_after_the_grace(tmp_path: Path) -> None:
    """A child that ignores the signal must not hold up the end of everything."""
    log_path = tmp_path / "log"
    child = start_child([sys.executable, "-c", STUBBORN], log_path=log_path)
    wait_for(lambda: "deaf" in log_path.read_text())
    assert stop_child(child, grace_seconds=0.1) == -signal.SIGKILL


def test_child_has_a_session_of_its_own(tmp_path: Path) -> None:
    """Ctrl-C goes to the terminal's group: it must reach us alone, so that we stop children in order."""
    child = start_child(SLEEP, log_path=tmp_path / "log")
    assert os.getsid(child.pid) == child.pid != os.getsid(0)
    stop_child(child, GRACE_SECONDS)


def test_child_outlives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    """The death signal comes when the starting thread ends: a pool's thread must not take the broker along."""
    children = []
    thread = threading.Thread(target=lambda: children.append(start_child(SLEEP, log_path=tmp_path / "log")))
    thread.start()
    thread.join()
    wait_for(lambda: Path(f"/proc/{children[0].pid}/comm").read_text() == "sleep\n")
    assert children[0].poll() is None
    stop_child(children[0], GRACE_SECONDS)


def test_killed_parent_takes_its_child_along(tmp_path: Path) -> None:
    """SIGKILL leaves us no time to stop anything."""
    command: list[str | Path] = [sys.executable, "-c", PARENT, tmp_path]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout:
        parent.stdout.readline()
    wait_for(lambda: find_processes_under(tmp_path) == ["sleep"])
    parent.kill()
    parent.wait()
    wait_for(lambda: find_processes_under(tmp_path) == [])


def test_log_of_the_run_before_is_kept_once(tmp_path: Path) -> None:
    """The reason for a crash outlives the restart, and logs do not grow for ever."""
    log_path = tmp_path / "log"
    for word in ("first", "second", "third"):
        finish_child(start_child(["/bin/echo", word], log_path=log_path), "echo", log_path)
    assert (log_path.read_text(), (tmp_path / "log.previous").read_text()) == ("third\n", "second\n")


def test_failed_task_is_told_with_its_last_words(tmp_path: Path) -> None:
    """A person must not have to look for the log first."""
    log_path = tmp_path / "log"
    child = start_child(["/bin/sh", "-c", "echo disk full; exit 3"], log_path=log_path)
    with pytest.raises(EmbeddedServerError, match=r"saving failed \(exit code 3\): disk full; its log is .*log$"):
        finish_child(child, "saving", log_path)
