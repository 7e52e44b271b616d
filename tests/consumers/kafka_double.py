"""A double of AIOKafkaConsumer, and the records and starting points that tests of the feed tell it."""

import time
from asyncio import Future, sleep
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, OffsetOutOfRangeError

from brokers.batches import Unreadable
from ledger.continuity import Mark, Start
from models.catalogue import LOGINS
from models.gap_kinds import Flaw

SOURCE = TopicPartition(LOGINS.topic, 0)
OTHER = TopicPartition(LOGINS.topic, 1)
UNREADABLE = Unreadable(0, Flaw.CHECKSUM, "", b"batch")
_LONG_SECONDS = 20.0


class Kafka:
    """Stands in for AIOKafkaConsumer: one log a source partition, and what a test does while it is asked."""

    def __init__(self) -> None:
        self.logs: dict[TopicPartition, list[int]] = {SOURCE: [], OTHER: []}
        self.positions: dict[TopicPartition, int] = {}
        self.during_fetch: Callable[[], object] = lambda: None
        self.heard_at = dict.fromkeys(self.logs, time.time())
        self.paused: set[TopicPartition] = set()
        self.spoilt: set[TopicPartition] = set()
        self.unreadable: dict[TopicPartition, Unreadable] = {}
        self.asked: list[tuple[TopicPartition, int]] = []
        self.waits_for_positions = 0
        self._fetcher = SimpleNamespace(error_future=Future())

    def assignment(self) -> set[TopicPartition]:
        """Return what is assigned."""
        return set(self.logs)

    def partitions_for_topic(self, topic: str) -> set[int]:
        """Return the partitions of a topic."""
        return {source.partition for source in (SOURCE, OTHER) if source.topic == topic}

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
        return {source: self.logs[source][0] if self.logs[source] else 0 for source in sources}

    async def end_offsets(self, sources: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the offset behind the last of each log."""
        return {source: self.logs[source][-1] + 1 if self.logs[source] else 0 for source in sources}

    async def position(self, source: TopicPartition) -> int:
        """Return where the next fetch begins; like aiokafka, wait for long where nothing was sought."""
        self._require(source)
        if source not in self.positions:
            self.waits_for_positions += 1
            await sleep(_LONG_SECONDS)
        return self.positions[source]

    async def getmany(self, *sources: TopicPartition, **_options: int) -> Mapping[TopicPartition, list[Any]]:
        """Return everything from the positions on, and move them to the end of the logs."""
        await sleep(0)
        wanted = set(sources or self.logs) - self.paused
        self.unreadable |= dict.fromkeys(self.spoilt & wanted, UNREADABLE)
        wanted -= self.spoilt
        logs = {source: log for source, log in self.logs.items() if source in wanted}
        for source, log in logs.items():
            if log and not log[0] <= self.positions.get(source, 0) <= log[-1] + 1:
                raise OffsetOutOfRangeError({source: self.positions[source]})
        found = {
            source: [record_at(source, offset) for offset in log if offset >= self.positions.get(source, 0)]
            for source, log in logs.items()
        }
        self.positions |= {source: log[-1] + 1 for source, log in logs.items() if log}
        self.during_fetch()
        return {source: records for source, records in found.items() if records}

    async def commit(self, _offsets: Mapping[TopicPartition, int]) -> None:
        """Take a hint."""

    def take_unreadable(self) -> Mapping[TopicPartition, Unreadable]:
        """Return what could not be read since the last call."""
        found, self.unreadable = self.unreadable, {}
        return found

    async def ask_leader(self, source: TopicPartition, offset: int) -> Unreadable | None:
        """Tell what is wrong with the next batch."""
        self.asked.append((source, offset))
        return UNREADABLE if source in self.spoilt else None

    def last_stable_offset(self, source: TopicPartition) -> int:
        """Return the offset behind the last committed record."""
        assert source in self.logs, "Partition is not assigned"
        return len(self.logs[source])

    def last_poll_timestamp(self, source: TopicPartition) -> int:
        """Return when a broker last answered, in milliseconds."""
        assert source in self.logs, "Partition is not assigned"
        return int(self.heard_at[source] * 1000)


def record_at(source: TopicPartition, offset: int) -> ConsumerRecord[bytes, bytes]:
    """Return a record that will be refused; what it says does not matter here."""
    return ConsumerRecord(source.topic, source.partition, offset, 1_700_000_000_000, 1, b"k", b"v", 0, 1, 1, ())


def starts_at(next_offset: int, mark: Mark | None = None) -> Mapping[TopicPartition, Start]:
    """Return where both source partitions go on; the second from its beginning."""
    return {SOURCE: Start(next_offset, mark, stopped=False), OTHER: Start(0, None, stopped=False)}
