"""What is reckoned of processors and memory."""

import os
import subprocess
import sys

import pytest

from benchmarks.latency.usage import read_machine_seconds, read_megabytes, read_processor_seconds, reckon_shares

pytestmark = pytest.mark.slow

# Half a second of work, and then a line; it ends when its input does.
WORK = "import time\nwhile time.process_time() < 0.5: pass\nprint(flush=True)\ninput()"


def test_what_a_child_spends_is_its_parent_s_also_when_it_has_ended() -> None:
    """Postgres has a process for each connection, and consumers reconnect."""
    crew = {"me": [os.getpid()]}
    before = read_processor_seconds(crew)
    with subprocess.Popen([sys.executable, "-c", WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        alive = read_processor_seconds(crew)
        child.communicate(b"\n")
    ended = read_processor_seconds(crew)
    assert alive["me"] - before["me"] >= 0.4  # the kernel counts in hundredths of a second, one for each of two times
    assert ended["me"] >= alive["me"]


def test_shares_are_of_all_processors() -> None:
    """One that is busy all the time is half of a machine of two."""
    cores = os.cpu_count() or 1
    assert reckon_shares({"a": 1.0}, {"a": 1.0 + 10 * cores}, seconds=10) == {"a": 1.0}


def test_the_machine_s_own_time_is_read() -> None:
    """Idle and stolen time only grow."""
    before, after = read_machine_seconds(), read_machine_seconds()
    assert all(after[name] >= before[name] >= 0 for name in ("idle", "stolen"))


def test_memory_is_read() -> None:
    """An interpreter takes megabytes, not kilobytes and not gigabytes."""
    assert 5 < read_megabytes({"me": [os.getpid()]})["me"] < 5_000
