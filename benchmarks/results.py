"""Result files: what was measured, on which machine, with which versions."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psutil

from benchmarks.measure import Measured

_PACKAGES: Final = ("aiokafka", "asyncpg", "faust-streaming", "pydantic", "uvloop")
_GIBIBYTE: Final = 2**30


def write_results(path: Path, measured: Sequence[Measured]) -> None:
    """Write what was measured, with everything that it depends on."""
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {psutil.virtual_memory().total / _GIBIBYTE:.0f} GiB, {platform.system()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "measured": [asdict(each) for each in measured],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
