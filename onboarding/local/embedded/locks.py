"""File locks between processes: the kernel lets them go when their holder ends, however it ends."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from onboarding.local.embedded.errors import EmbeddedServerError


class StateInUseError(EmbeddedServerError):
    """Another process runs on the same state folder."""


@contextmanager
def lock_state(state_dir: Path) -> Iterator[None]:
    """Own a state folder (made if missing), or raise StateInUseError: two runs would spoil each other's data."""
    lock_path = state_dir / "lock"
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        file = lock_path.open("a+", encoding="ascii")
    except OSError as error:
        raise EmbeddedServerError(f"the state folder {state_dir} cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateInUseError(_describe_holder(lock_path, state_dir)) from None
        _sign(lock_path)
        yield


def _describe_holder(lock_path: Path, state_dir: Path) -> str:
    """Say who holds the folder and what to do."""
    holder = lock_path.read_text(encoding="ascii").strip() or "unknown"
    return f"{state_dir} is in use by process {holder}: stop that one first, or use another state folder"


def _sign(lock_path: Path) -> None:
    """Leave our process id for whoever is refused."""
    lock_path.write_text(f"{os.getpid()}\n", encoding="ascii")


@contextmanager
def wait_for_lock(lock_path: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock for a short piece of work, after whoever holds it now; say so when there is a wait."""
    lock_path.parent.mkdir(parents=True, exist_ok=True)
    with lock_path.open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"waiting for another process that works in {lock_path.parent}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
