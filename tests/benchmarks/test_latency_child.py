"""A child process and its pipe: it is heard, its end is noticed, and it does not outlive the block."""

import os
from multiprocessing.connection import Connection
from typing import Any

import psutil
import pytest

from benchmarks.latency.child import ChildError, run_child

pytestmark = pytest.mark.slow


def repeat(pipe: "Connection[Any, Any]", prefix: str) -> None:
    """Say everything again."""
    pipe.send(os.getpid())
    while True:
        pipe.send(prefix + pipe.recv())


def name_child(pipe: "Connection[Any, Any]") -> None:
    """Start a child of one's own, say its id, and wait."""
    with run_child("repeater", repeat, "") as child:
        pipe.send(child.hear())
        pipe.recv()


def end(pipe: "Connection[Any, Any]") -> None:
    """Say nothing."""
    del pipe


def test_a_child_answers_and_ends_with_the_block() -> None:
    """It is a process of its own, and nothing of it is left."""
    with run_child("repeater", repeat, "so: ") as child:
        assert child.hear() == child.pid != os.getpid()
        child.tell("yes")
        assert child.hear() == "so: yes"
    assert not psutil.pid_exists(child.pid)


def test_a_child_ends_with_a_parent_that_is_killed() -> None:
    """Nobody is left then to end it."""
    with run_child("parent", name_child) as parent:
        orphan = psutil.Process(parent.hear())
        psutil.Process(parent.pid).kill()
        orphan.wait(60)  # raises when it is still there
    assert not orphan.is_running()


def test_a_child_that_has_ended_is_named() -> None:
    """Or else a measurement would wait for it."""
    with run_child("quitter", end) as child, pytest.raises(ChildError, match="quitter has ended"):
        child.hear()


def test_a_child_that_says_nothing_is_given_up() -> None:
    """And until then, a person is told each second what is waited for."""
    told: list[None] = []
    with run_child("repeater", repeat, "") as child:
        child.hear()
        with pytest.raises(ChildError, match="repeater has said nothing for 0 s"):
            child.hear(0.0, lambda: told.append(None))
    assert told == [None]
