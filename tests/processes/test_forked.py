"""A forked process is one like any other, and ends with the tests that it is for."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from tests.containers.waiting import await_condition
from tests.processes.forked import Forked, fork_command

# 60 s: it only bounds a test that has failed.
_SECONDS_MAX: Final = 60
_STARTER: Final = """
import sys, time
from pathlib import Path
from tests.processes.test_forked import sleep_long
from tests.processes.forked import Forked
if __name__ == "__main__":
    process = Forked(sleep_long, environment={}, output=Path(sys.argv[1]))
    print(process.pid, flush=True)
    time.sleep(600)
"""


def sleep_long() -> None:
    """Do nothing for ten minutes."""
    time.sleep(600)


@pytest.mark.slow
def test_it_ends_when_the_tests_are_killed(tmp_path: Path) -> None:
    """Else a consumer whose servers are gone would wait for them for ever, and take its share of the processor."""
    starter = tmp_path / "starter.py"
    starter.write_text(_STARTER)
    command = [sys.executable, "-B", str(starter), str(tmp_path / "output")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": "."}) as tests:
        assert tests.stdout
        pid = int(tests.stdout.readline())
        tests.kill()
    await_condition(lambda: _is_gone(pid), f"process {pid} has ended", _SECONDS_MAX)


def _is_gone(pid: int) -> bool:
    """Tell whether a process has ended, or only waits for its parent to take note of that."""
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_it_runs_while_its_tests_do_and_takes_signals(tmp_path: Path) -> None:
    """What ends it with them ends it at no other time."""
    process = Forked(sleep_long, environment={}, output=tmp_path / "output")
    time.sleep(0.2)
    assert process.poll() is None
    process.terminate()
    assert process.wait(_SECONDS_MAX) == -signal.SIGTERM


def test_a_command_says_what_it_says_in_its_files(tmp_path: Path) -> None:
    """Output and errors apart, the exit code that of the command."""
    told, wrong = tmp_path / "output", tmp_path / "errors"
    assert fork_command(["--help"], {}, told, wrong).wait(_SECONDS_MAX) == 0
    assert "Usage: onboarding" in told.read_text()
    assert fork_command(["no-command"], {}, told, wrong).wait(_SECONDS_MAX) == 2
    assert "No such command" in wrong.read_text()
