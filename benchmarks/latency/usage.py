"""What the processes of a measurement use of the machine: shares of its processors, and memory."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import psutil

from benchmarks.measure.crew import in_hundredths, read_cpu
from benchmarks.measure.product import Programs

_MEGABYTE: Final = 1e6


def read_processor_seconds(programs: Programs) -> dict[str, float]:
    """Return the processor time that each has spent so far."""
    return {name: read_cpu(*pids) for name, pids in programs.items()}


def read_machine_seconds() -> dict[str, float]:
    """Return the processor time of the machine that nobody used so far, and what its host gave to other machines."""
    times = psutil.cpu_times()
    return {"idle": in_hundredths(times.idle + times.iowait), "stolen": times.steal}


def reckon_shares(before: Mapping[str, float], after: Mapping[str, float], seconds: float) -> dict[str, float]:
    """Return the part of all processors, from 0 to 1, that each spent between two looks so many seconds apart."""
    return {name: (after[name] - before[name]) / seconds / (os.cpu_count() or 1) for name in after}


def read_megabytes(programs: Programs) -> dict[str, float]:
    """Return the memory that each has, in 1,000,000 bytes; what several of its processes share is counted once."""
    return {name: sum(map(_read_memory, pids)) / _MEGABYTE for name, pids in programs.items()}


def _read_memory(pid: int) -> int:
    """Return the bytes of a process and of all that it has started."""
    process, found = psutil.Process(pid), 0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            found += each.memory_full_info().pss
    return found
