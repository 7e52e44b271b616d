"""What one Kafka consumer delivers: records from the positions that Postgres gave, without a gap, or nothing."""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError, OffsetOutOfRangeError

from brokers.fetches import SILENT, STREAMING, ask_with
from consumers.outages import blame
from consumers.stops import AskLeader, Fetched, Stops
from ledger.batch import Slice, cut
from ledger.continuity import Gap, Start
from models.catalogue import KINDS

_log = logging.getLogger(__name__)

# 20,000 records decode and commit in about 0.2 s: what a transaction costs, whatever it holds, is shared by many, and
# nobody waits long for the batch in hand.
BATCH_RECORDS_MAX: Final = 20_000
# 200 ms: how long a fetch waits for a first record; also how often an idle process shows progress.
_FETCH_MILLISECONDS: Final = 200
# 5 s: aiokafka waits without limit for a rebalance or a position; after this the loop looks around, and obeys a signal.
_FETCH_SECONDS_MAX: Final = 5.0
# 10 s: a broker answers a fetch within half a second even when there is nothing to fetch.
_SILENCE_SECONDS_MAX: Final = 10.0
# 2 s: a leader answers within milliseconds; recording does not wait for one that is away.
_ENDS_SECONDS_MAX: Final = 2.0
# 1 s: the offset committed to Kafka is a hint, and nothing waits for a hint.
_HINT_SECONDS_MAX: Final = 1.0


class Portion(NamedTuple):
    """How much to fetch."""

    sources: Collection[TopicPartition] = ()  # of none: of all
    records_max: int = BATCH_RECORDS_MAX
    milliseconds: int = _FETCH_MILLISECONDS  # to wait for a first record


EVERYTHING: Final = Portion()


class DeadClientError(Exception):
    """The Kafka client's own task that fetches is dead: nothing would ever be delivered again."""


class Feed(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """The source partitions assigned to one consumer, and how far each is fetched.

    A rebalance only marks the assignment as new. Until `begin` has sought every position in that assignment, nothing is
    delivered: whatever was fetched from other positions is thrown away. Nothing is delivered either of what is stopped.

    ask_leader -- tells what is wrong with the batch of a source partition at an offset
    """

    def __init__(self, consumer: AIOKafkaConsumer, ask_leader: AskLeader) -> None:
        self._consumer = consumer
        self._stops = Stops(consumer, ask_leader)
        self._assignment = 0  # raised by every rebalance
        self._begun = -1  # the assignment in which the positions were sought
        self._assigned_at = 0.0
        self._positions: dict[TopicPartition, int] = {}

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Mark what is being fetched as no longer ours."""
        del revoked
        self._assignment += 1

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Mark the assignment as new."""
        self._assignment += 1
        self._assigned_at = time.monotonic()
        self._stops.forget()
        _log.info("assigned %d partitions", len(set(assigned)))

    @property
    def assignment(self) -> int:
        """The number of the present assignment."""
        return self._assignment

    @property
    def current(self) -> bool:
        """Whether the positions belong to the present assignment, of which aiokafka tells a moment after it changed."""
        return self._begun == self._assignment and self._positions.keys() <= self._consumer.assignment()

    @property
    def sources(self) -> frozenset[TopicPartition]:
        """The source partitions that are assigned now."""
        return frozenset(self._consumer.assignment())

    @property
    def partitions(self) -> Mapping[str, int]:
        """How many partitions each input topic has, as far as is known."""
        known = {kind.topic: self._consumer.partitions_for_topic(kind.topic) for kind in KINDS}
        return {topic: len(numbers) for topic, numbers in known.items() if numbers}

    def begin(self, assignment: int, starts: Mapping[TopicPartition, Start]) -> bool:
        """Deliver from these offsets on; False when the assignment is another by now."""
        if assignment != self._assignment or not starts.keys() <= self._consumer.assignment():
            return False
        self._positions = {source: start.next_offset for source, start in starts.items()}
        self._stops.begin(starts)
        self._begun = assignment
        return True

    def begin_again(self) -> None:
        """Deliver nothing until the next `begin`."""
        self._begun = -1

    async def fetch(self, portion: Portion = EVERYTHING) -> list[Slice]:
        """Return the next records of every source partition, decoded; nothing when a rebalance came between.

        A slice may hold no record: then it passes over markers and aborted records of transactions. Raises what
        `AIOKafkaConsumer.getmany` raises, DeadClientError, and BatchFailedError.
        """
        assignment = self._begun
        try:
            fetched, ends = await self._get_known(portion)
        except (TimeoutError, IllegalStateError):  # a rebalance that takes long, or whose listener is not called yet
            self.begin_again()
            return []
        if assignment != self._assignment or not self.current:
            return []
        with blame(fetched.keys()):
            slices = await cut(fetched, self._positions, ends)
        if assignment != self._assignment:  # by a rebalance while records were decoded
            return []
        self._positions |= {part.source: part.next_offset for part in slices}
        return slices

    async def _get_known(self, portion: Portion) -> tuple[Fetched, dict[TopicPartition, int]]:
        """Return what was fetched of logs that go on from where recording stands, and up to which offsets."""
        try:
            fetched, ends = await self._get(portion)
        except OffsetOutOfRangeError as error:  # raised before anything was taken from other source partitions
            await self._stops.examine(self.listening & set(error.args[0]), self._positions)
            return {}, {}
        if not self.current:
            return {}, {}
        await self._stops.recognise(fetched, ends, self._positions)
        await self._stops.stop_unreadable(self.listening, self._positions)
        await self._stops.doubt(self._find_silent(), self._positions)
        return fetched, ends

    async def _get(self, portion: Portion) -> tuple[Fetched, dict[TopicPartition, int]]:
        """Return what was fetched, and up to which offset each source partition is; nothing after a rebalance.

        Until `begin` what is assigned anew has no position, and aiokafka waits without limit until there is one.
        """
        if self._consumer._fetcher.error_future.done():  # noqa: SLF001 - aiokafka tells it to nobody
            raise DeadClientError("the Kafka client fetches no more, its log says why: this process must begin anew")
        async with asyncio.timeout(_FETCH_SECONDS_MAX):
            sources, records_max, milliseconds = portion
            fetched = await self._consumer.getmany(*sources, timeout_ms=milliseconds, max_records=records_max)
            ask_with(self._consumer, STREAMING if fetched else SILENT)
            if not self.current:
                return {}, {}
            return fetched, {source: await self._consumer.position(source) for source in self.listening}

    async def stop_failing(self, source: TopicPartition, failed_by: str) -> None:
        """Stop a source partition over whose next record this program fails."""
        await self._stops.stop_failing(source, self._positions, failed_by)

    async def stop_losing(self, topics: Collection[str]) -> None:
        """Stop the source partitions of topics from which records vanish that nobody may have recorded."""
        if self.current:
            await self._stops.stop_losing(topics, self._positions)

    def take_gaps(self) -> list[Gap]:
        """Return the gaps found since the last call."""
        return self._stops.take_gaps()

    @property
    def stopped(self) -> AbstractSet[TopicPartition]:
        """The source partitions that deliver nothing more."""
        return self._stops.stopped

    def stable_offset(self, source: TopicPartition) -> int | None:
        """Return the last stable offset of a source partition; None before its first fetch, or where it is not ours."""
        if source not in self._consumer.assignment():
            return None
        found: int | None = self._consumer.last_stable_offset(source)
        return found

    def is_through(self, recorded: Mapping[TopicPartition, int]) -> bool:
        """Tell whether everything is recorded that the logs hold, as far as is known.

        recorded -- up to where each source partition is
        """
        listening = recorded.keys() & self.listening
        return all(recorded[source] == self.stable_offset(source) for source in listening)

    @property
    def listening(self) -> set[TopicPartition]:
        """The source partitions whose records are delivered."""
        return self._positions.keys() - self.stopped

    async def ask_ends(self, sources: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return up to where logs hold committed records now; nothing where a leader does not say it within 2 s."""
        if not sources:
            return {}
        try:
            ends: Mapping[TopicPartition, int] = await asyncio.wait_for(
                self._consumer.end_offsets([*sources]), _ENDS_SECONDS_MAX
            )
        except (KafkaError, TimeoutError):
            return {}
        return ends

    def position_of(self, source: TopicPartition) -> int:
        """Return the offset that the next delivery of a source partition begins at."""
        return self._positions[source]

    def is_silent(self) -> bool:
        """Tell whether no broker has answered a fetch for ten seconds."""
        listening = self.listening & self.sources
        return bool(listening) and self._find_silent() == listening

    def _find_silent(self) -> set[TopicPartition]:
        """Return the source partitions of which no fetch has told anything for ten seconds."""
        if time.monotonic() - self._assigned_at < _SILENCE_SECONDS_MAX:
            return set()
        since = (time.time() - _SILENCE_SECONDS_MAX) * 1000
        listening = self.listening & self.sources
        return {source for source in listening if (self._consumer.last_poll_timestamp(source) or 0) < since}

    async def hint(self, recorded: Mapping[TopicPartition, int]) -> None:
        """Tell Kafka's lag tools where recording stands: a hint only, Postgres owns progress."""
        if recorded:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(self._consumer.commit(dict(recorded)), _HINT_SECONDS_MAX)
