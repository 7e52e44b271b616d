"""A double of AIOKafkaConsumer and its broker, with a clock; kafka_contract.py holds it to the real ones."""

from asyncio import Future, sleep
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError

from brokers.batches import Unreadable
from brokers.whole_batches import Records
from ledger.continuity import Mark, Start
from models.catalogue import LOGINS
from models.gap_kinds import Flaw
from tests.doubles.clock import Clock
from tests.doubles.log import Log

SOURCE = TopicPartition(LOGINS.topic, 0)
OTHER = TopicPartition(LOGINS.topic, 1)
UNREADABLE = Unreadable(0, Flaw.CHECKSUM, "", b"batch")
# 20 s: a position that nobody has sought is waited for until something else is.
_LONG_SECONDS: Final = 20.0


class Kafka:
    """A consumer that is assigned whatever has a log here, and what a test does while it is asked."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.logs: dict[TopicPartition, Log] = {SOURCE: Log(), OTHER: Log()}
        self.positions: dict[TopicPartition, int] = {}
        self.committed: dict[TopicPartition, int] = {}
        self.during_fetch: Callable[[], object] = lambda: None
        self.silent: set[TopicPartition] = set()  # of which no broker tells anything
        self.spoilt: set[TopicPartition] = set()  # whose next batch nobody can read
        self.paused: set[TopicPartition] = set()
        self.unreadable: dict[TopicPartition, Unreadable] = {}
        self.asked: list[tuple[TopicPartition, int]] = []
        self.waits_for_positions = 0
        self._told: dict[TopicPartition, tuple[int, float]] = {}  # the stable offset and when, by the newest answer
        self._fetcher = SimpleNamespace(error_future=Future())

    def assignment(self) -> set[TopicPartition]:
        """Return what is assigned."""
        return set(self.logs)

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """Return the partitions of a topic."""
        return {source.partition for source in (SOURCE, OTHER) if source.topic == topic} or None

    def _require(self, *sources: TopicPartition) -> None:
        if not set(sources) <= self.logs.keys():
            raise IllegalStateError("No current assignment")

    def seek(self, source: TopicPartition, offset: int) -> None:
        """Go to an offset."""
        self._require(source)
        self.positions[source] = offset

    def pause(self, *sources: TopicPartition) -> None:
        """Deliver nothing of source partitions."""
        self._require(*sources)
        self.paused |= set(sources)

    def resume(self, *sources: TopicPartition) -> None:
        """Deliver source partitions again."""
        self._require(*sources)
        self.paused -= set(sources)

    async def beginning_offsets(self, sources: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the first offset of each log."""
        return {source: self.logs[source].begin for source in sources}

    async def end_offsets(self, sources: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return up to where each log is committed."""
        return {source: self.logs[source].stable for source in sources}

    async def position(self, source: TopicPartition) -> int:
        """Return where the next fetch begins; wait for long where nothing was sought."""
        self._require(source)
        if source not in self.positions:
            self.waits_for_positions += 1
            await sleep(_LONG_SECONDS)
        return self.positions[source]

    async def getmany(
        self, *sources: TopicPartition, timeout_ms: int = 0, max_records: int = 10_000
    ) -> Mapping[TopicPartition, Records]:
        """Return records from the positions on, and move those behind them and behind what is passed over."""
        del timeout_ms  # nothing takes time here
        await sleep(0)
        heard = self.logs.keys() - self.paused - self.silent
        for source in heard:
            self._hear(source)
        self.unreadable |= dict.fromkeys(self.spoilt & heard, UNREADABLE)
        found: dict[TopicPartition, Records] = {}
        for source in sorted((heard - self.spoilt) & (set(sources) or heard)):
            taken = self._take(source, max_records)
            max_records -= len(taken)
            found |= {source: Records(source, taken)} if taken else {}
        self.during_fetch()
        return found

    def _hear(self, source: TopicPartition) -> None:
        """Take a broker's answer. Raises what it makes of the position."""
        log = self.logs[source]
        if source not in self.positions:
            raise NoOffsetForPartitionError(source)
        if not log.holds(self.positions[source]):
            raise OffsetOutOfRangeError({source: self.positions[source]})
        self._told[source] = log.stable, self.clock.time()

    def _take(self, source: TopicPartition, count: int) -> list[Any]:
        """Return records, and move the position behind them, or behind all that is stable."""
        if count == 0:
            return []
        offsets = self.logs[source].read(self.positions[source], count)
        self.positions[source] = offsets[-1] + 1 if len(offsets) == count else self.logs[source].stable
        return [record_at(source, offset) for offset in offsets]

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Take a hint."""
        self._require(*offsets)
        self.committed |= offsets

    def take_unreadable(self) -> Mapping[TopicPartition, Unreadable]:
        """Return what could not be read since the last call."""
        found, self.unreadable = self.unreadable, {}
        return found

    async def ask_leader(self, source: TopicPartition, offset: int) -> Unreadable | None:
        """Tell what is wrong with the next batch."""
        self.asked.append((source, offset))
        return UNREADABLE if source in self.spoilt else None

    def last_stable_offset(self, source: TopicPartition) -> int | None:
        """Return the offset behind the last committed record, by the newest answer."""
        assert source in self.logs, "Partition is not assigned"
        return self._told[source][0] if source in self._told else None

    def last_poll_timestamp(self, source: TopicPartition) -> int | None:
        """Return when a broker last answered, in milliseconds."""
        assert source in self.logs, "Partition is not assigned"
        return int(self._told[source][1] * 1000) if source in self._told else None


def record_at(source: TopicPartition, offset: int) -> ConsumerRecord[bytes, bytes]:
    """Return a record that will be refused; what it says does not matter here."""
    return ConsumerRecord(source.topic, source.partition, offset, 1_700_000_000_000, 1, b"k", b"v", 0, 1, 1, ())


def starts_at(next_offset: int, mark: Mark | None = None) -> Mapping[TopicPartition, Start]:
    """Return where both source partitions go on; the second from its beginning."""
    return {SOURCE: Start(next_offset, mark, stopped=False), OTHER: Start(0, None, stopped=False)}
