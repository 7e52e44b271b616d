"""How a process leaves its servers: whatever they do, it comes to its own end."""

import asyncio

import pytest

from runtime.ending import close_all


async def _say_goodbye(said: list[str]) -> None:
    """Leave as it should be."""
    said.append("goodbye")


async def _be_cancelled() -> None:
    """Leave as aiokafka does when it has cancelled a fetch that was about to be tried again."""
    raise asyncio.CancelledError


async def _fail() -> None:
    """Leave a server that is gone."""
    raise ConnectionResetError("gone")


async def _wait_for_ever() -> None:
    """Leave a server that does not answer."""
    await asyncio.Event().wait()


async def test_nothing_that_a_server_does_escapes(caplog: pytest.LogCaptureFixture) -> None:
    """A process that had drained ended with 1, because a client of Kafka was cancelled inside."""
    said: list[str] = []
    await close_all(0.05, _be_cancelled(), _fail(), _wait_for_ever(), _say_goodbye(said))
    assert said == ["goodbye"]
    assert sorted(record.getMessage() for record in caplog.records) == [
        "left without a word: ConnectionResetError('gone')",
        "left without a word: cancelled",
    ]
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]  # a test is always a task
