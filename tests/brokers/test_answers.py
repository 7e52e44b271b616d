"""Whether Kafka answers is told in time, whatever becomes of the client that asks."""

import asyncio

import pytest

from brokers import answers as module
from brokers.answers import answers


async def test_a_client_that_neither_answers_nor_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold up who watches over the process, for ever."""
    let_go = asyncio.Event()

    async def hang(_bootstrap: str, _group: str) -> None:
        try:
            await asyncio.Future()
        finally:
            await let_go.wait()

    monkeypatch.setattr(module, "_ask_coordinator", hang)
    monkeypatch.setattr(module, "_ANSWERS_SECONDS_MAX", 0.05)
    assert not await asyncio.wait_for(answers("nowhere:1", "group", []), 5)
    let_go.set()
