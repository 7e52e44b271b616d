"""The processes of a candidate: started together, watched, measured, and ended together."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.candidates import Candidate
from models.topics import INPUTS
from onboarding.local.embedded.errors import read_log_tail
from onboarding.local.embedded.ports import ANY_FREE_PORT, find_free_port
from onboarding.local.embedded.processes import start_child, stop_child

# 20 s: Java peers close their stores.
_END_SECONDS_MAX: Final = 20.0
_PEAK: Final = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
_KIBIBYTE: Final = 1024


@dataclass(frozen=True)
class Crew:
    """Processes that run, each with its log."""

    children: Sequence[tuple[subprocess.Popen[bytes], Path]]

    def describe_end(self) -> str:
        """Say which process has ended by itself, "" while all run."""
        for child, log_path in self.children:
            if child.poll() is not None:
                return f"a process ended (exit code {child.returncode}), see {log_path}:\n{read_log_tail(log_path)}"
        return ""

    def read_cpu(self) -> float:
        """Return the processor seconds that they have spent so far."""
        return read_cpu(*(child.pid for child, _ in self.children))

    def read_peaks(self) -> list[int]:
        """Return the most bytes of memory that each had resident so far."""
        return [_read_peak(child.pid) for child, _ in self.children]


@contextmanager
def running(candidate: Candidate, processes: int, told: Mapping[str, str], folder: Path) -> Iterator[Crew]:
    """Run the processes of a candidate during the block, with a folder for their state that is removed after it.

    told -- what they find in their environment, beside topics, number of processes and ports of their own
    """
    state = folder / "state"
    common = {
        **os.environ,
        **told,
        "BENCH_TOPICS": ",".join(topic.name for topic in INPUTS),
        "BENCH_PROCESSES": str(processes),
        "BENCH_STATE": str(state),
    }
    crew = Crew(children := [])
    state.mkdir()
    try:
        for number, program in enumerate([*[candidate.worker] * processes, *candidate.companions]):
            if program:
                log_path = folder / f"{candidate.name.replace(' ', '-')}-{number}.log"
                own = {"BENCH_NUMBER": str(number), "ONBOARDING_CONSUMER_PORT": str(find_free_port(ANY_FREE_PORT))}
                child = start_child(candidate.launcher.command(program), log_path=log_path, env={**common, **own})
                children.append((child, log_path))
        yield crew
    finally:
        _stop([child for child, _ in children])
        shutil.rmtree(state)


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, and wait for each."""
    for child in children:
        child.send_signal(signal.SIGTERM)
    for child in children:
        stop_child(child, _END_SECONDS_MAX)


def read_cpu(*pids: int) -> float:
    """Return the processor seconds of processes and of their children, those that have ended too; in hundredths."""
    return in_hundredths(sum(map(_read_cpu, pids)))


def _read_cpu(pid: int) -> float:
    """Return the processor seconds of a process and of its children."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    spent = times.user + times.system + times.children_user + times.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            own = child.cpu_times()
            spent += own.user + own.system
    return float(spent)


def in_hundredths(seconds: float) -> float:
    """Return seconds as the kernel counts them: sums of its figures have digits that it has not told."""
    return round(seconds, 2)


def _read_peak(pid: int) -> int:
    """Return the most bytes that a process had resident."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(_PEAK.findall(status)[0]) * _KIBIBYTE
