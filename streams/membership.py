"""Whether this worker is the active one: asked of Kafka's group coordinator, the only one who knows."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn, TypeVar, cast

import faust
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from brokers.timing import HEARTBEAT_SECONDS, SESSION_SECONDS
from models.topics import TALLIES
from monitoring.health import Health
from streams.board import Board

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Question = Callable[[AIOKafkaConsumer], Awaitable[Answer]]

SOURCE: Final = TP(TALLIES.name, 0)


class WorkerCrashedError(Exception):
    """The Faust application is dead inside a living process."""


class Membership:
    """Confirms the lease of the active worker, and tells in which generation of the group this worker became it."""

    def __init__(self, app: faust.App, board: Board, health: Health) -> None:
        self._app = app
        self._board = board
        self._health = health
        self._generation = 0  # in which this worker became active, or stood by

    @property
    def active(self) -> bool:
        """Whether the tallies partition is this worker's own."""
        return SOURCE in self._app.consumer.assignment()

    async def begin(self) -> None:
        """Note the generation of the group after a rebalance."""
        self._generation = await self._ask(_read_generation)

    async def keep(self) -> NoReturn:
        """Send a heartbeat of our own every second; as long as it is answered, nobody else is the active worker.

        It counts only in the generation in which this worker became active: one that was frozen may be a member again,
        of another generation, before Faust has told it that it is no longer the active one.
        Raises WorkerCrashedError when the application has crashed: Faust itself would stay, and do nothing.
        """
        while not self._app.crashed:
            sent_at = time.monotonic()
            try:
                generation = await asyncio.wait_for(self._ask(_confirm), SESSION_SECONDS)
            except (KafkaError, TimeoutError) as error:
                generation = None
                _log.warning("membership of the group is not confirmed: %s", type(error).__name__)
            self._note(generation, sent_at)
            await asyncio.sleep(HEARTBEAT_SECONDS)
        raise WorkerCrashedError("the Faust application has crashed: its log says why") from self._app.crash_reason

    def _note(self, generation: int | None, sent_at: float) -> None:
        """Renew the lease and show progress, as far as the coordinator's answer goes."""
        if generation is None:
            self._health.wait_for("Kafka to confirm its membership")
        elif self._board.incomplete:
            self._health.wait_for("a page of every source partition, which the consumers announce")
        else:
            self._health.progress()
        if generation == self._generation:
            # The coordinator counts the session from the heartbeat's arrival, which was after sent_at.
            self._board.confirm(sent_at + SESSION_SECONDS)

    async def _ask(self, question: Question[Answer]) -> Answer:
        """Ask the Kafka consumer under Faust's, in the thread that it lives in."""
        thread = cast("Consumer", self._app.consumer)._thread  # noqa: SLF001 - Faust shows its consumer to nobody
        answer: Answer = await thread.call_thread(question, thread._consumer)  # noqa: SLF001
        return answer


async def _confirm(consumer: AIOKafkaConsumer) -> int | None:
    """Send a heartbeat; return the generation in which the coordinator knows this member, or None if it does not."""
    generation = await _read_generation(consumer)
    known = await consumer._coordinator._do_heartbeat()  # noqa: SLF001 - aiokafka tells it to nobody
    return generation if known else None


async def _read_generation(consumer: AIOKafkaConsumer) -> int:
    """Return the generation that this member has joined."""
    return int(consumer._coordinator.generation)  # noqa: SLF001 - aiokafka tells it to nobody
