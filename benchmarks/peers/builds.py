"""What is built from a folder of sources: once for each content of them, kept, and with every step told."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from onboarding.local.embedded.errors import read_log_tail
from onboarding.local.embedded.locks import wait_for_lock
from onboarding.local.embedded.processes import start_child, stop_child

Report = Callable[[str], None]

# 3 s: a person sees that a download goes on.
_REPORT_SECONDS: Final = 3.0
_LINE_LENGTH_MAX: Final = 80
# 5 s: Maven and pip end at once when they are asked to.
_STOP_SECONDS_MAX: Final = 5.0


class UnavailableError(Exception):
    """What is to be built cannot be had on this machine; the message says why and where its log is."""


def find_program(program: str, remedy: str) -> str:
    """Return the path of a program. Raises UnavailableError, with what to install."""
    found = shutil.which(program)
    if not found:
        raise UnavailableError(f"{program} is not on this machine: {remedy}")
    return found


@contextmanager
def made_once(parent: Path, name: str, sources: Sequence[Path], report: Report) -> Iterator[tuple[Path, bool]]:
    """Give the folder that belongs to this content of the sources, and whether it is still to be made."""
    digest = sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    folder = parent / f"{name}-{digest[:12]}"
    with wait_for_lock(parent / f"{name}.lock", report):
        made = folder / "made"
        missing = not made.exists()
        if missing:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        yield folder, missing
        made.touch()


def run_step(
    command: Sequence[str], folder: Path, head: str, report: Report, environment: Mapping[str, str] | None = None
) -> None:
    """Run a command in a folder, reporting every few seconds what it says. Raises UnavailableError.

    environment -- settings beside those of this process
    """
    log_path = folder / "build.log"
    child = start_child(command, log_path=log_path, cwd=folder, env={**os.environ, **(environment or {})})
    try:
        while _is_running(child):
            report(head + read_log_tail(log_path).splitlines()[-1][:_LINE_LENGTH_MAX])
    finally:
        stop_child(child, _STOP_SECONDS_MAX)
    if child.returncode:
        raise UnavailableError(f"{head}cannot be built (exit code {child.returncode}), see {log_path}")


def _is_running(child: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process still runs after a few seconds."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(_REPORT_SECONDS)
    return child.returncode is None
