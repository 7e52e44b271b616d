"""A broker's data may still be held by the broker of a run that was just killed."""

import sys
from pathlib import Path

from onboarding.local.embedded.kafka import is_unlocked
from onboarding.local.embedded.processes import start_child, stop_child
from tests.embedded.observers import wait_for

HOLD = "import fcntl, signal, sys; f = open(sys.argv[1], 'ab'); fcntl.lockf(f, fcntl.LOCK_EX); signal.pause()"


def test_lock_of_another_process_is_seen_until_that_ends(tmp_path: Path) -> None:
    """Starting beside it would fail with Kafka's own, long-winded error."""
    lock_path = tmp_path / ".lock"
    assert is_unlocked(lock_path)
    holder = start_child([sys.executable, "-c", HOLD, lock_path], log_path=tmp_path / "log")
    wait_for(lambda: not is_unlocked(lock_path))
    stop_child(holder, grace_seconds=30.0)
    assert is_unlocked(lock_path)
