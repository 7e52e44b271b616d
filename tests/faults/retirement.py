"""Producers that are no longer used: each ends what it has under way, beside the one that took its place."""

import asyncio
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

# 10 s: a producer stops at once unless its brokers are away, and then it has nothing left that anyone waits for.
_STOP_SECONDS_MAX: Final = 10.0


class Retirement:
    """Stops producers without making anyone wait for it."""

    def __init__(self) -> None:
        self._stopping: dict[asyncio.Task[None], AIOKafkaProducer] = {}

    def add(self, producer: AIOKafkaProducer) -> None:
        """Begin to stop a producer."""
        task = asyncio.create_task(_stop(producer))
        self._stopping[task] = producer
        task.add_done_callback(self._stopping.pop)

    async def end(self) -> None:
        """Wait for all of them; one that cannot deliver what it holds gives that up."""
        if not self._stopping:
            return
        _done, late = await asyncio.wait(self._stopping, timeout=_STOP_SECONDS_MAX)
        for task in late:
            self._stopping[task]._sender.sender_task.cancel()  # noqa: SLF001 - stop() itself would wait for brokers
        if late:
            await asyncio.wait(late, timeout=_STOP_SECONDS_MAX)


async def _stop(producer: AIOKafkaProducer) -> None:
    with suppress(KafkaError):
        await producer.stop()
