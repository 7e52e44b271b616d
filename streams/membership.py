"""Whether this worker is the active one: asked of Kafka's group coordinator, the only one who knows."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn, TypeVar, cast

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from models.topics import TALLIES
from monitoring.health import Health
from streams.board import Board

_log = logging.getLogger(__name__)

# 6 s is the least that brokers allow by default (group.min.session.timeout.ms); a killed worker is replaced within ten.
SESSION_SECONDS: Final = 6.0
HEARTBEAT_SECONDS: Final = 1.0

Answer = TypeVar("Answer")
Question = Callable[..., Awaitable[Answer]]

SOURCE: Final = TP(TALLIES.name, 0)


class Membership:
    """Confirms the lease of the active worker, and tells the board when this worker becomes active or stands by."""

    def __init__(self, app: faust.App, board: Board, health: Health) -> None:
        self._app = app
        self._board = board
        self._health = health

    async def begin(self) -> None:
        """Become active, or stand by, after a rebalance: the board is filled, no page has been read since.

        The active worker shows nothing before it has read what was announced up to now: the one before it may have
        shown pages that the changelog does not have yet.
        """
        if SOURCE not in self._app.consumer.assignment():
            self._board.deactivate()
            return
        committed = await self._ask(AIOKafkaConsumer.committed, TopicPartition(*SOURCE))
        highwaters = await self._app.consumer.highwaters(SOURCE)
        self._board.activate(read_from=committed or 0, goal=highwaters[SOURCE] or 0)

    async def keep(self) -> NoReturn:
        """Send a heartbeat of our own every second; as long as it is answered, nobody else is the active worker."""
        while True:
            sent_at = time.monotonic()
            try:
                confirmed = await asyncio.wait_for(self._ask(_heartbeat), SESSION_SECONDS)
            except (KafkaError, TimeoutError) as error:
                confirmed = False
                _log.warning("membership of the group is not confirmed: %s", type(error).__name__)
            if confirmed:
                # The coordinator counts the session from the heartbeat's arrival, which was after sent_at.
                self._board.confirm(sent_at + SESSION_SECONDS)
                self._health.progress()
            else:
                self._health.wait_for("Kafka to confirm its membership")
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _ask(self, question: Question[Answer], *arguments: TopicPartition) -> Answer:
        """Ask the Kafka consumer under Faust's, in the thread that it lives in."""
        thread = cast("Consumer", self._app.consumer)._thread  # noqa: SLF001 - Faust shows its consumer to nobody
        answer: Answer = await thread.call_thread(question, thread._consumer, *arguments)  # noqa: SLF001
        return answer


async def _heartbeat(consumer: AIOKafkaConsumer) -> bool:
    """Send a heartbeat and tell whether the coordinator knows this member in this generation."""
    return bool(await consumer._coordinator._do_heartbeat())  # noqa: SLF001 - aiokafka tells it to nobody
