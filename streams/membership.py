"""Whether this worker is the active one: asked of Kafka's group coordinator, the only one who knows."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Final, NamedTuple, NoReturn, TypeVar, cast

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.protocol.group import HeartbeatRequest
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from brokers.timing import HEARTBEAT_SECONDS, SESSION_SECONDS
from models.topics import TALLIES
from runtime.health import Health
from streams.board import Board
from streams.pulse import Pulse

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Question = Callable[[AIOKafkaConsumer], Coroutine[None, None, Answer]]

SOURCE: Final = TP(TALLIES.name, 0)
_TALLIES: Final = TopicPartition(*SOURCE)  # as aiokafka wants it
# 10 s: a broker answers a fetch within 100 ms even when there is nothing to fetch.
_SILENCE_SECONDS_MAX: Final = 10.0
_ENDED: Final = "the thread of the Kafka consumer has ended"


class WorkerCrashedError(Exception):
    """The Faust application is dead inside a living process."""


class Sign(NamedTuple):
    """What the Kafka consumer under Faust's shows of itself."""

    generation: int | None  # in which the group's coordinator knows it; None while it does not
    silent_seconds: float  # since a broker last answered a fetch
    end: int | None  # the offset behind the last announced page; None where that is not ours to know


_NO_SIGN: Final = Sign(None, 0.0, None)


class Membership:
    """Confirms the lease of the active worker, and tells in which generation of the group this worker became it."""

    def __init__(self, app: faust.App, board: Board, pulse: Pulse, health: Health) -> None:
        self._app = app
        self._board = board
        self._pulse = pulse
        self._health = health
        self._generation = 0  # in which this worker became active, or stood by

    @property
    def active(self) -> bool:
        """Whether the tallies partition is this worker's own."""
        return SOURCE in self._app.consumer.assignment()

    async def begin(self) -> None:
        """Note the generation of the group after a rebalance."""
        self._generation = await self._ask(_read_generation)
        self._pulse.forget()

    async def pass_over(self, end: int) -> None:
        """Let Faust go on behind the pages that are known already: a minute's pages would keep its agents for seconds.

        An offset stored for a tallies topic that was deleted, beyond the end of the present one, is replaced as well.
        Where Kafka does not take the offset, pages are read again, which changes nothing.
        """
        try:
            await asyncio.wait_for(self._ask(lambda kafka: kafka.commit({_TALLIES: end})), SESSION_SECONDS)
        except (KafkaError, TimeoutError) as error:
            _log.warning("announced pages are read again: %s", type(error).__name__)
        else:
            self._pulse.begin_anew()

    async def follow_end(self) -> NoReturn:
        """Let the board know where the tallies topic ends."""
        await self._board.ends.follow(lambda: asyncio.wait_for(self._ask(_ask_end), SESSION_SECONDS))

    async def keep(self) -> NoReturn:
        """Send a heartbeat of our own every second; as long as it is answered, nobody else is the active worker.

        It counts only in the generation in which this worker became active: one that was frozen may be a member again,
        of another generation, before Faust has told it that it is no longer the active one.
        Raises WorkerCrashedError when the application has crashed, or the tallies topic was made anew: Faust itself
        would stay, and do nothing.
        """
        while not self._app.crashed:
            await self.renew()
            await asyncio.sleep(HEARTBEAT_SECONDS)
        raise WorkerCrashedError("the Faust application has crashed: its log says why") from self._app.crash_reason

    async def renew(self) -> None:
        """Send one heartbeat, and note what its answer, or its silence, means."""
        sent_at = time.monotonic()
        try:
            sign = await asyncio.wait_for(self._ask(_look), SESSION_SECONDS)
        except (KafkaError, TimeoutError) as error:
            _log.warning("membership of the group is not confirmed: %s", type(error).__name__)
            sign = _NO_SIGN
        self._note(sign, sent_at)

    def _note(self, sign: Sign, sent_at: float) -> None:
        """Renew the lease as far as the answer goes, and show progress. Raises WorkerCrashedError as `keep` does."""
        if self._pulse.is_another(sign.end):
            raise WorkerCrashedError("the tallies topic was made anew: this worker must begin anew too")
        if sign.generation == self._generation:
            # The coordinator counts the session from the heartbeat's arrival, which was after sent_at.
            self._board.confirm(sent_at + SESSION_SECONDS)
        if sign.generation is None:
            self._health.wait_for("Kafka to confirm its membership")
        elif sign.silent_seconds > _SILENCE_SECONDS_MAX:
            self._health.wait_for("Kafka to answer its fetches")
        elif sign.generation != self._generation:
            self._health.work_on("the announced pages to be read")
        elif self._board.incomplete:
            self._health.wait_for("a page of every source partition, which the consumers announce")
        elif self._pulse.is_felt(sign.end):  # else its agents are stuck: no sign of progress
            self._health.progress()

    async def _ask(self, question: Question[Answer]) -> Answer:
        """Ask the Kafka consumer under Faust's, in the loop of the thread that it lives in.

        Not through Faust's queue for that thread: its two places are taken while a fetch and a commit wait for Kafka.
        Raises aiokafka.errors.KafkaError, also where that thread has ended: Faust knows why.
        """
        thread = cast("Consumer", self._app.consumer)._thread  # noqa: SLF001 - Faust shows its consumer to nobody
        asking = question(thread._consumer)  # noqa: SLF001
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asking, thread.thread_loop))
        except RuntimeError as error:  # its loop is closed
            asking.close()
            raise KafkaConnectionError(_ENDED) from error
        except asyncio.CancelledError as error:  # its loop ended meanwhile, unless it is we who are cancelled
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            raise KafkaConnectionError(_ENDED) from error


async def _look(consumer: AIOKafkaConsumer) -> Sign:
    """Send a heartbeat, and look at what was fetched."""
    assigned = consumer.assignment()
    heard_at = max((consumer.last_poll_timestamp(source) or 0 for source in assigned), default=0) / 1000
    end = consumer.highwater(SOURCE) if SOURCE in assigned else None
    return Sign(await _confirm(consumer), time.time() - heard_at if heard_at else 0.0, end)


async def _ask_end(consumer: AIOKafkaConsumer) -> int:
    """Return the offset behind the last announced page, asked of the leader. Raises aiokafka.errors.KafkaError."""
    return int((await consumer.end_offsets([_TALLIES]))[_TALLIES])


async def _confirm(consumer: AIOKafkaConsumer) -> int | None:
    """Send a heartbeat; return the generation in which the coordinator knows this member, or None if it does not.

    Not by aiokafka's own way: there, an answer to a heartbeat that waited behind a rebalance makes the member forget
    who it is, and the group then waits a whole session for the one that it was.
    """
    coordinator, generation = consumer._coordinator, await _read_generation(consumer)  # noqa: SLF001 - aiokafka shows
    if consumer._subscription.reassignment_in_progress or coordinator.coordinator_id is None:  # noqa: SLF001 - none of
        return None
    heartbeat = HeartbeatRequest(coordinator.group_id, generation, coordinator.member_id)
    answer = await consumer._client.send(  # noqa: SLF001 - these to anybody
        coordinator.coordinator_id, heartbeat, group=ConnectionGroup.COORDINATION
    )
    return generation if answer.error_code == 0 else None


async def _read_generation(consumer: AIOKafkaConsumer) -> int:
    """Return the generation that this member has joined."""
    return int(consumer._coordinator.generation)  # noqa: SLF001 - aiokafka tells it to nobody
