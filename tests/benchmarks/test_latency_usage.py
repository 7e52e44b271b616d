"""What is reckoned of processors and memory."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.latency.usage import read_machine_seconds, read_megabytes, read_processor_seconds, reckon_shares
from benchmarks.measure.crew import in_hundredths

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


def test_the_machine_s_own_time_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a disk is idle; the kernel says itself that its count of that may fall, so its file stands in."""
    columns = {"user": 10, "nice": 0, "system": 20, "idle": 300, "iowait": 41, "irq": 0, "softirq": 0, "steal": 57}
    (tmp_path / "stat").write_text(f"cpu  {' '.join(map(str, columns.values()))} 0 0\n", encoding="ascii")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    assert read_machine_seconds() == {"idle": 3.41, "stolen": 0.57}


def test_sums_have_no_digits_that_the_kernel_has_not_told() -> None:
    """Else what was spent seems to fall by a billionth when a child's figures become its parent's."""
    assert 1.1 + 2.2 > 3.3
    assert in_hundredths(1.1 + 2.2) == 3.3


def test_memory_is_read() -> None:
    """An interpreter takes megabytes, not kilobytes and not gigabytes."""
    assert 5 < read_megabytes({"me": [os.getpid()]})["me"] < 5_000
