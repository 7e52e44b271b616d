"""One run at a time on a state folder."""

import os
from pathlib import Path

import pytest

from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.embedded.locks import StateInUseError, lock_state, wait_for_lock
from onboarding.local.embedded.processes import start_child, stop_child


def test_second_run_is_refused_in_one_line_that_names_the_first(tmp_path: Path) -> None:
    """Two brokers on one log would spoil it; a person must know which process to stop."""
    expected = f"^{tmp_path} is in use by process {os.getpid()}: stop that one first, or use another state folder$"
    with lock_state(tmp_path), pytest.raises(StateInUseError, match=expected), lock_state(tmp_path):
        pass


def test_folder_is_free_again_after_the_first_run(tmp_path: Path) -> None:
    """A file that stays behind locks nothing."""
    for _ in range(2):
        with lock_state(tmp_path / "made" / "on the way"):
            pass


def test_child_does_not_inherit_the_lock(tmp_path: Path) -> None:
    """A child that is still ending must not make the next run believe that this one goes on."""
    with lock_state(tmp_path):
        child = start_child(["/bin/sleep", "600"], log_path=tmp_path / "log")
    with lock_state(tmp_path):
        stop_child(child, grace_seconds=30.0)


def test_unusable_state_folder_is_named(tmp_path: Path) -> None:
    """A bad setting gets one clear line."""
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedServerError, match=r"state folder .*file/var cannot be written: Not a directory"):
        lock_state(tmp_path / "file" / "var").__enter__()


def test_short_lock_is_silent_when_nobody_holds_it(tmp_path: Path, said: list[str]) -> None:
    """Only a real wait is worth a line."""
    with wait_for_lock(tmp_path / "cache" / "lock", said.append):
        assert said == []
