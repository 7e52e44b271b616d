"""What passes into a log: everything once, repetitions as a number."""

import logging

from models.visible import SIGN
from onboarding.cli._logs import OneLine, Repetitions
from tests.doubles.clock import Clock


def _record(message: str, *arguments: object) -> logging.LogRecord:
    """Return what a client writes to its log."""
    return logging.LogRecord("aiokafka", logging.WARNING, "fetcher.py", 1, message, arguments, None)


def test_a_message_that_is_repeated_passes_once_and_is_counted() -> None:
    """A thousand lines a second would bury all others and fill the disk."""
    clock = Clock()
    repetitions = Repetitions(clock)
    assert [repetitions.filter(_record("no %s", "batch")) for _ in range(701)] == [True, *[False] * 700]
    clock.now += 10
    again = _record("no %s", "batch")
    assert repetitions.filter(again)
    assert again.getMessage() == "no batch (and 700 times since it was last written)"
    assert not repetitions.filter(_record("no %s", "batch"))


def test_different_messages_of_one_place_all_pass() -> None:
    """Three partitions that are stopped at once are three lines."""
    repetitions = Repetitions(Clock())
    assert all(repetitions.filter(_record("partition %d is stopped", number)) for number in range(3))


def test_so_many_different_messages_pass_that_no_memory_is_filled() -> None:
    """Beyond a thousand, what was seen is forgotten; nothing is left out for it."""
    repetitions = Repetitions(Clock())
    assert all(repetitions.filter(_record("%d", number)) for number in range(1_001))
    assert repetitions.filter(_record("0"))


def _write(message: str, error: Exception | None = None) -> str:
    """Return what is written of a message."""
    raised = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("a.name", logging.WARNING, __file__, 1, message, (), raised)
    return OneLine("%(levelname)s %(name)s: %(message)s").format(record)


def test_a_message_is_one_line() -> None:
    """A line feed in a sender's text begins no line that looks like ours."""
    assert _write("a\nWARNING b: c\x1b[2J") == f"WARNING a.name: a{SIGN}WARNING b: c{SIGN}[2J"


def test_a_traceback_stays_below_and_obeys_nobody() -> None:
    """Its own lines are lines."""
    lines = _write("failed", ValueError("\x1b[31mred\u202e")).split("\n")
    assert lines == ["WARNING a.name: failed", f"ValueError: {SIGN}[31mred{SIGN}"]
