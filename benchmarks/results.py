"""Result files: what was measured, of which commit, on which machine, with which versions."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import psutil

from onboarding.documents.history import read_commit

_PACKAGES: Final = ("aiokafka", "asyncpg", "faust-streaming", "pydantic", "uvloop")
_GIBIBYTE: Final = 2**30
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def make_folder(command: str) -> Path:
    """Make a new folder for what a command leaves: logs, and its result file if it is told no other place."""
    folder = Path("var/benchmarks").absolute() / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}-{command}"
    folder.mkdir(parents=True)
    return folder


def write_results(
    path: Path, measured: Sequence[Any], packages: Mapping[str, str] = _NONE, missing: Mapping[str, str] = _NONE
) -> None:
    """Write what was measured, with everything that it depends on; folders that are missing are made.

    measured -- dataclasses
    packages -- versions of what else was measured
    missing -- what could not be measured here, by its name, and why
    """
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": read_commit(),
        "machine": f"{os.cpu_count()} cores, {psutil.virtual_memory().total / _GIBIBYTE:.0f} GiB, {platform.system()}",
        "python": platform.python_version(),
        "packages": {**{name: version(name) for name in _PACKAGES}, **packages},
        "measured": [asdict(each) for each in measured],
        "missing": dict(missing),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
