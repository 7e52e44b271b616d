"""Profiles a running process with py-spy, which reads its memory and neither stops nor changes it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# 20 s: py-spy writes its file within one.
_END_SECONDS_MAX: Final = 20.0


class SpyError(Exception):
    """Nothing was profiled; the message says why and what to do."""


@contextmanager
def spy(pid: int, rate: int, path: Path) -> Iterator[None]:
    """Profile a process during the block, so many samples a second, into a file. Raises SpyError where it cannot be.

    Without `--nonblocking` a process is stopped at every sample, and waiting that is interrupted looks like work.
    """
    program = Path(sys.executable).with_name("py-spy")
    options = ("--format", "raw", "--full-filenames", "--nonblocking", "--rate", str(rate), "--output", str(path))
    said = path.with_suffix(".log")
    with said.open("wb") as log:
        spying = subprocess.Popen(  # noqa: S603 - a package of ours
            [program, "record", "--pid", str(pid), *options], stdout=log, stderr=log
        )
    try:
        yield
    finally:
        spying.send_signal(signal.SIGINT)
        spying.wait(_END_SECONDS_MAX)
    if not path.exists():
        raise SpyError(f"py-spy profiled nothing ({said} says why): it needs root, and a run of several seconds")
