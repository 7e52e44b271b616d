"""What one Kafka consumer delivers: records from the positions that Postgres gave, without a gap, or nothing."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError, OffsetOutOfRangeError

from brokers.batches import Unreadable, take_unreadable
from brokers.clients import read_bounds
from consumers.batch import Slice, cut
from consumers.gaps import Gap, Mark, Start, find_others, judge
from models.breaks import Break
from models.catalogue import KINDS

_log = logging.getLogger(__name__)

# Tells what is wrong with the batch of a source partition at an offset; None where nothing is.
AskLeader = Callable[[TopicPartition, int], Awaitable[Unreadable | None]]
Fetched = dict[TopicPartition, list[ConsumerRecord]]

# 10,000 records decode and commit in about 0.2 s: what a transaction costs, whatever it holds, is shared by many, and
# nobody waits long for the batch in hand.
BATCH_RECORDS_MAX: Final = 10_000
# 200 ms: how long a fetch waits for a first record; also how often an idle process shows progress.
_FETCH_MILLISECONDS: Final = 200
# 5 s: aiokafka waits without limit for a rebalance or a position; after this the loop looks around, and obeys a signal.
_FETCH_SECONDS_MAX: Final = 5.0
# 10 s: a broker answers a fetch within half a second even when there is nothing to fetch.
_SILENCE_SECONDS_MAX: Final = 10.0
# 2 s: a leader says within milliseconds whether it can read a batch, or within half a second that there is none.
_DOUBT_SECONDS_MAX: Final = 2.0
# 1 s: the offset committed to Kafka is a hint, and nothing waits for a hint.
_HINT_SECONDS_MAX: Final = 1.0
# 3: a batch that was spoilt on its way is whole at the next attempt, one that is spoilt in the log is not at the third.
_UNREADABLE_MIN: Final = 3


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
    delivered: whatever was fetched from other positions is thrown away. The first record that is fetched of a source
    partition is the last one recorded: a log that has another there is another log, and nothing of it is delivered.

    ask_leader -- tells what is wrong with the batch of a source partition at an offset
    """

    def __init__(self, consumer: AIOKafkaConsumer, ask_leader: AskLeader) -> None:
        self._consumer = consumer
        self._ask_leader = ask_leader
        self._assignment = 0  # raised by every rebalance
        self._begun = -1  # the assignment in which the positions were sought
        self._assigned_at = 0.0
        self._doubted_at = 0.0
        self._positions: dict[TopicPartition, int] = {}
        self._marks: dict[TopicPartition, Mark] = {}  # of the logs that are not known again yet
        self._gaps: list[Gap] = []
        self._unreadable: Counter[tuple[TopicPartition, int]] = Counter()  # how often, by where a batch begins
        self.stopped: set[TopicPartition] = set()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Mark what is being fetched as no longer ours."""
        del revoked
        self._assignment += 1

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Mark the assignment as new."""
        self._assignment += 1
        self._assigned_at = time.monotonic()
        self._unreadable.clear()
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

    def begin(self, assignment: int, starts: Mapping[TopicPartition, Start]) -> bool:
        """Deliver from these offsets on; False when the assignment is another by now."""
        if assignment != self._assignment:
            return False
        self._positions = {source: start.next_offset for source, start in starts.items()}
        self._marks = {source: start.mark for source, start in starts.items() if start.mark and not start.stopped}
        self._gaps = []
        self.stopped = {source for source, start in starts.items() if start.stopped}
        for source, start in starts.items():
            self._consumer.seek(source, start.mark.offset if start.mark else start.next_offset)
        self._consumer.resume(*starts)
        self._consumer.pause(*self.stopped)
        self._begun = assignment
        return True

    def begin_again(self) -> None:
        """Deliver nothing until the next `begin`."""
        self._begun = -1

    async def fetch(self, portion: Portion = EVERYTHING) -> list[Slice]:
        """Return the next records of every source partition, decoded; nothing when a rebalance came between.

        A slice may hold no record: then it passes over markers and aborted records of transactions. Raises what
        `AIOKafkaConsumer.getmany` raises, and DeadClientError.
        """
        assignment = self._begun
        try:
            fetched, ends = await self._get_known(portion)
        except (TimeoutError, IllegalStateError):  # a rebalance that takes long, or whose listener is not called yet
            self.begin_again()
            return []
        if assignment != self._assignment or not self.current:
            return []
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
            await self._examine(error.args[0])
            return {}, {}
        if not self.current:
            return {}, {}
        await self._recognise(fetched, ends)
        await self._stop_unreadable()
        await self._doubt_silent()
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
            if not self.current:
                return {}, {}
            return fetched, {source: await self._consumer.position(source) for source in self.listening}

    async def _recognise(self, fetched: Fetched, ends: dict[TopicPartition, int]) -> None:
        """Take away the records that logs are known again by; stop a source partition that is another log."""
        for source in find_others(self._marks, fetched, ends):
            fetched.pop(source, None)
            self._stop(
                Gap(source, Break.OTHER_RECORD, self._positions[source], *await read_bounds(self._consumer, source))
            )
        for source in self._marks.keys() & fetched.keys():
            del self._marks[source], fetched[source][0]
        for source in self.stopped:
            ends.pop(source, None)

    async def _examine(self, sources: Iterable[TopicPartition]) -> None:
        """Stop source partitions whose log does not hold the stored offset; one that lost just its mark goes on."""
        for source in self.listening & set(sources):
            next_offset = self._positions[source]
            gap = judge(source, next_offset, *await read_bounds(self._consumer, source))
            if gap:
                self._stop(gap)
            else:
                self._marks.pop(source, None)
                self._consumer.seek(source, next_offset)

    async def _doubt_silent(self) -> None:
        """Look into silent source partitions: that a broker cannot read a batch, aiokafka tells to its log alone."""
        silent = self._find_silent()
        if silent and time.monotonic() - self._doubted_at > _SILENCE_SECONDS_MAX:
            with suppress(KafkaError, TimeoutError):  # a leader that does not answer at all is waited for
                await asyncio.wait_for(asyncio.gather(*map(self._stop_refused, silent)), _DOUBT_SECONDS_MAX)
            self._doubted_at = time.monotonic()

    async def _stop_refused(self, source: TopicPartition) -> None:
        """Stop a source partition whose next batch its leader does not send whole, so that the others go on."""
        mark, next_offset = self._marks.get(source), self._positions[source]
        found = await self._ask_leader(source, mark.offset if mark else next_offset)
        if found:
            await self._stop_at(source, found)

    async def _stop_unreadable(self) -> None:
        """Stop source partitions whose next batch cannot be read however often it is fetched."""
        for source, found in take_unreadable().items():
            if source in self.listening:
                self._unreadable[source, found.offset] += 1
                if self._unreadable[source, found.offset] >= _UNREADABLE_MIN:
                    await self._stop_at(source, found)

    async def _stop_at(self, source: TopicPartition, found: Unreadable) -> None:
        """Stop a source partition at a batch that cannot be read."""
        bounds = await read_bounds(self._consumer, source)
        next_offset, batch = self._positions[source], found.batch or None
        self._stop(Gap(source, Break.UNREADABLE, next_offset, *bounds, found.flaw, found.detail, batch))

    async def stop_failing(self, source: TopicPartition, detail: str) -> None:
        """Stop a source partition over whose next record this program fails."""
        bounds = await read_bounds(self._consumer, source)
        self._stop(Gap(source, Break.PROGRAM_FAILS, self._positions[source], *bounds, None, detail))

    def _stop(self, gap: Gap) -> None:
        """Deliver nothing more of a source partition."""
        self._consumer.pause(gap.source)
        self._marks.pop(gap.source, None)
        self.stopped.add(gap.source)
        self._gaps.append(gap)
        _log.error(gap.describe())

    def take_gaps(self) -> list[Gap]:
        """Return the gaps found since the last call."""
        found, self._gaps = self._gaps, []
        return found

    def stable_offset(self, source: TopicPartition) -> int | None:
        """Return the last stable offset of a source partition, None before its first fetch."""
        found: int | None = self._consumer.last_stable_offset(source)
        return found

    @property
    def listening(self) -> set[TopicPartition]:
        """The source partitions whose records are delivered."""
        return self._positions.keys() - self.stopped

    async def ask_ends(self, sources: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return up to where the logs of source partitions hold committed records now. Raises KafkaError."""
        ends: Mapping[TopicPartition, int] = await self._consumer.end_offsets([*sources]) if sources else {}
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
