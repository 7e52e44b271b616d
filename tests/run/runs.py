"""Runs of the whole system on this machine, as a person starts them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

# 180 s: many times what a run takes on two idle cores; it only bounds a test that has failed.
SECONDS_MAX = 180.0
# What names a server of the person who runs the tests is not handed on.
_NAMED = frozenset({"KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"})


def make_environment(**settings: str) -> dict[str, str]:
    """Return the environment of a run that has to start its own servers."""
    return {name: value for name, value in os.environ.items() if name not in _NAMED} | settings


def start(environment: dict[str, str], log: Path, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start a run whose output goes to a file.

    options -- more of `subprocess.Popen`
    """
    with log.open("wb") as output:
        command = [sys.executable, "-m", "onboarding", "run", *arguments]
        return subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, **options)
