"""One run of faults, or of overload, as the report is written from: everything that a reader needs to repeat it."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from tests.faults.outcome import Outcome

_GIBIBYTE: Final = 2**30


@dataclass(frozen=True)
class FaultRun:
    """What a run was, and what came of it."""

    name: str
    command: str  # repeats the run
    seed: int
    brokers: int
    minutes: float
    machine: str  # cores, memory, kernel: what the seconds depend on
    records: int  # that Kafka held
    facts: int
    lost: int
    doubled: int
    lost_by_kafka: int
    dips: int
    doubles: int
    unmarked_seconds: float | None = None  # a total was shown as current and was not the ledger's; None: not looked at
    outcomes: Sequence[Outcome] = ()
    unmarked: Sequence[
        str
    ] = ()  # the first totals that were so; apart, for how long they were is a matter of the machine
    discrepancies: Sequence[str] = ()
    memory: Sequence[tuple[float, float]] = ()  # seconds since the start, MB of the largest worker
    memory_megabytes_max: float = 0.0  # the limit that was asserted
    lag: Sequence[tuple[float, float]] = ()  # seconds since the start, records
    commit: str = ""  # what was run; with a "+" where it had changes that were not committed
    day: str = ""  # on which it was run, as YYYY-MM-DD


def describe_machine() -> str:
    """Return what the seconds of a run depend on."""
    memory = psutil.virtual_memory().total / _GIBIBYTE
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def today() -> str:
    """Return the day, as YYYY-MM-DD."""
    return datetime.now(UTC).date().isoformat()


def write_runs(path: Path, runs: Sequence[FaultRun]) -> None:
    """Write runs to a result file."""
    path.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n", encoding="utf-8")


def read_runs(path: Path) -> Sequence[FaultRun]:
    """Return the runs of a result file."""
    return [_read_run(**fields) for fields in json.loads(path.read_text(encoding="utf-8"))]


def _read_run(*, outcomes: Sequence[dict[str, object]], **fields: object) -> FaultRun:
    return FaultRun(outcomes=[Outcome(**outcome) for outcome in outcomes], **fields)  # type: ignore[arg-type]  # as written
