"""What a broker is asked for: aiokafka's own fetcher sends what it was told last."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import KafkaError

from brokers.fetches import SILENT, STREAMING, Patience, ask_with

SOURCE = TopicPartition("topic", 0)


class Client:
    """Takes the requests of a fetcher; a broker that has just gone away."""

    _metadata_max_age_ms = 1000

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.cluster = SimpleNamespace(leader_for_partition=lambda _source: 1)
        self.asked: asyncio.Queue[Patience] = asyncio.Queue()

    async def send(self, _node: int, request: Any) -> None:
        """Take a request, and leave it without an answer."""
        self.asked.put_nowait(Patience(request._min_bytes, request._max_wait_ms))  # noqa: SLF001 - as they are sent
        raise KafkaError


async def test_each_fetch_is_held_back_as_long_as_was_said_last() -> None:
    """The names that are set are private ones of aiokafka: another version may have others."""
    client, subscriptions = Client(), SubscriptionState()
    subscriptions.assign_from_user([SOURCE])
    subscriptions.seek(SOURCE, 0)
    fetcher = Fetcher(client, subscriptions, fetch_min_bytes=1, fetch_max_wait_ms=250, retry_backoff_ms=1)
    consumer: Any = SimpleNamespace(_fetcher=fetcher)
    assert await client.asked.get() == (1, 250)
    ask_with(consumer, STREAMING)
    assert await _await_patience(client, STREAMING)
    ask_with(consumer, SILENT)
    assert await _await_patience(client, SILENT)
    with suppress(asyncio.CancelledError):  # of a fetch on its way
        await fetcher.close()


async def _await_patience(client: Client, patience: Patience) -> bool:
    """Wait for a fetch that is to be held back so long; those on their way may still be others."""
    async with asyncio.timeout(60):
        while await client.asked.get() != patience:
            pass
    return True
