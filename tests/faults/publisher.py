"""The publisher: steady mixed traffic through every fault of the brokers, and the record of what they acknowledged."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.faults.contract import LANES
from tests.faults.operation_log import Operation, OperationLog
from tests.faults.record import Record
from tests.faults.retirement import Retirement
from tests.faults.sending import hand_over
from tests.faults.traffic import Traffic
from tests.faults.transaction import Ending, make_transactional, publish_in_transaction

_log = logging.getLogger(__name__)

# 20 ms: ten records at a time at 500 a second, and a fraction of the 100 ms at which totals are sampled.
_TICK_SECONDS: Final = 0.02
# 3 s for an answer, 1 s for the age of metadata: what a lane's recovery is measured by must not wait for the publisher.
REQUEST_MILLISECONDS: Final = 3_000
METADATA_MILLISECONDS: Final = 1_000
# 400 records of about 500 bytes under way a lane, and room for them: a lane without a leader holds up no other one.
_UNDER_WAY_MAX: Final = 400
_BATCH_BYTES_MAX: Final = 512 * 1024
# 100,000 records of about 1 KB in memory wait while no broker answers: three minutes at 500 a second.
_WAITING_MAX: Final = 100_000
# 20 records a tick and lane, at most 20 ms of work in all: whoever shares the loop samples every 100 ms.
_TICK_LANE_RECORDS_MAX: Final = 20


def make_idempotent(bootstrap: str) -> AIOKafkaProducer:
    """Return a producer that sends nothing twice by itself, and gives up soon."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        max_batch_size=_BATCH_BYTES_MAX,
        request_timeout_ms=REQUEST_MILLISECONDS,
        metadata_max_age_ms=METADATA_MILLISECONDS,
    )


@dataclass
class _Queue:
    """What waits for one lane, and how many of its records are under way."""

    waiting: deque[Record] = field(default_factory=deque)
    under_way: int = 0


class Publisher:
    """Sends traffic and never gives up a record: one whose outcome is unknown is sent again as it was.

    bootstrap -- the brokers, reached without any proxy.
    seed -- chooses the traffic.
    rate -- records a second; may be changed at any time.
    make_producer -- makes a producer of what the bootstrap address is of; a test may hold one up.
    """

    def __init__(
        self,
        bootstrap: str,
        log: OperationLog,
        seed: int,
        rate: float,
        make_producer: Callable[[str], Any] = make_idempotent,
    ) -> None:
        self.rate = rate
        self.keyed_only: str | None = None  # a topic to which no record without a key is sent: its brokers refuse it
        self._bootstrap = bootstrap
        self._make_producer = make_producer
        self._operations = log
        self._traffic = Traffic(seed)
        self._queues = {lane: _Queue() for lane in LANES}
        self._producer: Any = None
        self._starting: asyncio.Task[None] | None = None
        self._retirement = Retirement()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._starting:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        self._retire()
        await self._retirement.end()
        self._operations.flush()

    @property
    def unsettled(self) -> int:
        """How many records wait or are under way."""
        return sum(len(queue.waiting) + queue.under_way for queue in self._queues.values())

    async def run(self, until: asyncio.Event) -> None:
        """Send steady traffic until told to stop."""
        seen_at, owed = time.monotonic(), 0.0
        while not until.is_set():
            now = time.monotonic()
            owed = min(owed + (now - seen_at) * self.rate, max(_WAITING_MAX - self.unsettled, 0))
            seen_at = now
            self._take(self._traffic.make(datetime.now(UTC)) for _ in range(int(owed)))
            owed %= 1
            await self._pump()
            await asyncio.sleep(_TICK_SECONDS)

    async def storm(self, records: int) -> None:
        """Add records of new facts, each two or three times and out of order; `run` or `settle` sends them."""
        self._take(self._traffic.make_storm(records, datetime.now(UTC)))

    async def transaction(self, records: int, ending: Ending) -> None:
        """Send records of new facts in a transaction of its own, and end it or leave it open.

        What was aborted is published once more without a transaction, as an upstream system would; so is what a
        failed commit leaves in doubt. What stays open is aborted by the broker after 10 s at the earliest and
        10 s more at the latest; until then no reader sees anything behind it in its lanes.
        """
        made = self._traffic.make_facts(records, datetime.now(UTC))
        producer = make_transactional(self._bootstrap)
        try:
            self._take(await publish_in_transaction(producer, made, ending, self._operations))
        finally:
            self._retirement.add(producer)

    async def settle(self) -> None:
        """Send until everything is acknowledged; waits as long as the brokers are away."""
        while self.unsettled:
            await self._pump()
            await asyncio.sleep(_TICK_SECONDS)
        self._operations.flush()

    def _take(self, records: Iterable[Record]) -> None:
        for record in records:
            if record.key is not None or record.lane.topic != self.keyed_only:
                self._queues[record.lane].waiting.append(record)

    async def _pump(self) -> None:
        """Send what waits, as far as there is room."""
        self._operations.flush()
        if self._producer is None:
            self._renew()
            return
        for queue in self._queues.values():
            room = min(_UNDER_WAY_MAX - queue.under_way, len(queue.waiting), _TICK_LANE_RECORDS_MAX)
            for _ in range(room):
                if self._producer and queue.waiting:
                    await self._send(self._producer, queue)

    async def _send(self, producer: AIOKafkaProducer, queue: _Queue) -> None:
        record = queue.waiting.popleft()
        queue.under_way += 1  # before it waits to be handed over: else nobody would know of it meanwhile
        operation = self._operations.send(record)
        try:
            future = await hand_over(producer, record)
        except KafkaError as error:  # it was never handed over
            self._operations.discard(operation, type(error).__name__)
            self._take_back(queue, record)
            self._replace(producer, error)
            return
        future.add_done_callback(partial(self._finish, producer, operation, record))

    def _finish(
        self, producer: AIOKafkaProducer, operation: Operation, record: Record, future: asyncio.Future[Any]
    ) -> None:
        """Note what became of a record; one whose outcome is unknown waits to be sent again."""
        queue = self._queues[operation.lane]
        error = asyncio.CancelledError() if future.cancelled() else future.exception()
        if error is None:
            self._operations.acknowledge(operation, future.result().offset)
            queue.under_way -= 1
            return
        self._operations.fail(operation, error)
        self._take_back(queue, record)
        self._replace(producer, error)

    def _take_back(self, queue: _Queue, record: Record) -> None:
        """Let a record wait to be sent again."""
        queue.under_way -= 1
        queue.waiting.appendleft(record)

    def _replace(self, producer: AIOKafkaProducer, error: BaseException) -> None:
        """Send from now on by a new producer: after a failure the sequence numbers of the old one have a gap."""
        if producer is self._producer:
            _log.info("a new producer, because of %s", type(error).__name__)
            self._retire()

    def _retire(self) -> None:
        """Let the producer end what it has under way, beside the next one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            self._retirement.add(producer)

    def _renew(self) -> None:
        """Begin to start a producer, unless that is under way."""
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._start())

    async def _start(self) -> None:
        producer = self._make_producer(self._bootstrap)
        try:
            with suppress(KafkaError):
                await producer.start()
                self._producer = producer
        finally:
            if self._producer is not producer:
                self._retirement.add(producer)
