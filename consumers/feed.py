"""What one Kafka consumer delivers: records from the positions that Postgres gave, without a gap, or nothing."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError, OffsetOutOfRangeError

from consumers.batch import Slice, cut
from models.catalogue import KINDS

_log = logging.getLogger(__name__)

# 5,000 records decode in about 50 ms and commit in about as much: a heartbeat (1 s) never waits for a batch.
BATCH_RECORDS_MAX: Final = 5_000
# 200 ms: how long a fetch waits for a first record; also how often an idle process shows progress.
_FETCH_MILLISECONDS: Final = 200
# 5 s: aiokafka waits without limit for a rebalance; after this the loop looks around, and obeys a signal.
_FETCH_SECONDS_MAX: Final = 5.0
# 10 s: a broker answers a fetch within half a second even when there is nothing to fetch.
_SILENCE_SECONDS_MAX: Final = 10.0
# 1 s: the offset committed to Kafka is a hint, and nothing waits for a hint.
_HINT_SECONDS_MAX: Final = 1.0


class Feed(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """The source partitions assigned to one consumer, and how far each is fetched.

    A rebalance only marks the assignment as new. Until `begin` has sought every position in that assignment, nothing is
    delivered: whatever was fetched from other positions is thrown away.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._assignment = 0  # raised by every rebalance
        self._begun = -1  # the assignment in which the positions were sought
        self._assigned_at = 0.0
        self._positions: dict[TopicPartition, int] = {}
        self.stopped: set[TopicPartition] = set()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Mark what is being fetched as no longer ours."""
        del revoked
        self._assignment += 1

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Mark the assignment as new."""
        self._assignment += 1
        self._assigned_at = time.monotonic()
        self.stopped.clear()
        _log.info("assigned %d partitions", len(set(assigned)))

    @property
    def assignment(self) -> int:
        """The number of the present assignment."""
        return self._assignment

    @property
    def current(self) -> bool:
        """Whether the positions belong to the present assignment."""
        return self._begun == self._assignment

    @property
    def sources(self) -> frozenset[TopicPartition]:
        """The source partitions that are assigned now."""
        return frozenset(self._consumer.assignment())

    @property
    def partitions(self) -> Mapping[str, int]:
        """How many partitions each input topic has, as far as is known."""
        known = {kind.topic: self._consumer.partitions_for_topic(kind.topic) for kind in KINDS}
        return {topic: len(numbers) for topic, numbers in known.items() if numbers}

    def begin(self, assignment: int, positions: Mapping[TopicPartition, int]) -> bool:
        """Deliver from these positions on; False when the assignment is another by now."""
        if assignment != self._assignment:
            return False
        self._positions = dict(positions)
        for source, offset in positions.items():
            self._consumer.seek(source, offset)
        self._begun = assignment
        return True

    def begin_again(self) -> None:
        """Deliver nothing until the next `begin`."""
        self._begun = -1

    async def fetch(self) -> list[Slice]:
        """Return the next records of every source partition, decoded; nothing when a rebalance came between.

        A slice may hold no record: then it passes over markers and aborted records of transactions. Raises what
        `AIOKafkaConsumer.getmany` raises.
        """
        assignment = self._begun
        getting = self._consumer.getmany(timeout_ms=_FETCH_MILLISECONDS, max_records=BATCH_RECORDS_MAX)
        try:
            fetched = await asyncio.wait_for(getting, _FETCH_SECONDS_MAX)
            ends = {source: await self._consumer.position(source) for source in self._positions.keys() - self.stopped}
        except (TimeoutError, IllegalStateError):  # a rebalance that takes long, or whose listener is not called yet
            self.begin_again()
        if assignment != self._assignment or not self.current:
            return []
        slices = cut(fetched, self._positions, ends)
        self._positions |= ends
        return slices

    def stable_offset(self, source: TopicPartition) -> int | None:
        """Return the last stable offset of a source partition, None before its first fetch."""
        found: int | None = self._consumer.last_stable_offset(source)
        return found

    def is_silent(self) -> bool:
        """Tell whether no broker has answered a fetch for ten seconds."""
        listening = self._positions.keys() - self.stopped
        if not listening or time.monotonic() - self._assigned_at < _SILENCE_SECONDS_MAX:
            return False
        heard = max(self._consumer.last_poll_timestamp(source) or 0 for source in listening)
        return time.time() - heard / 1000 > _SILENCE_SECONDS_MAX

    def stop(self, error: OffsetOutOfRangeError) -> None:
        """Stop the source partitions whose log does not hold the stored offset: what lies between is lost to us."""
        for source, offset in error.args[0].items():
            if source in self.sources:
                self._consumer.pause(source)
                self.stopped.add(source)
                _log.error(
                    "%s partition %d is stopped: its log does not hold the stored offset %d. Records may be missing. "
                    "Compare the log's first and last offset with the table progress before anything else.",
                    *source,
                    offset,
                )

    async def hint(self, recorded: Mapping[TopicPartition, int]) -> None:
        """Tell Kafka's lag tools where recording stands: a hint only, Postgres owns progress."""
        if recorded:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(self._consumer.commit(dict(recorded)), _HINT_SECONDS_MAX)
