"""Which source partitions deliver nothing more, and why: their log is another one, lacks records, or cannot be read."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from brokers.batches import Unreadable, take_unreadable
from brokers.clients import read_bounds
from brokers.whole_batches import Records
from ledger.continuity import Gap, Mark, Start, find_others, judge
from models.gap_kinds import Break

_log = logging.getLogger(__name__)

# Tells what is wrong with the batch of a source partition at an offset; None where nothing is.
AskLeader = Callable[[TopicPartition, int], Awaitable[Unreadable | None]]
Fetched = dict[TopicPartition, Records]
Positions = Mapping[TopicPartition, int]  # the offset that the next delivery begins at

# 10 s: twice as long as a leader that cannot read a batch leaves its readers without an answer.
_DOUBT_AGAIN_SECONDS: Final = 10.0
# 2 s: a leader says within milliseconds whether it can read a batch, or within half a second that there is none.
_DOUBT_SECONDS_MAX: Final = 2.0
# 3: a batch that was spoilt on its way is whole at the next attempt, one that is spoilt in the log is not at the third.
_UNREADABLE_MIN: Final = 3


class Stops:
    """Looks at what is fetched and at what is not, and pauses what cannot go on.

    The first record that is fetched of a source partition is the last one recorded, its mark: a log that has another
    there is another log.

    ask_leader -- tells what is wrong with the batch of a source partition at an offset
    """

    def __init__(self, consumer: AIOKafkaConsumer, ask_leader: AskLeader) -> None:
        self._consumer = consumer
        self._ask_leader = ask_leader
        self._doubted_at = 0.0
        self._marks: dict[TopicPartition, Mark] = {}  # of the logs that are not known again yet
        self._gaps: list[Gap] = []
        self._unreadable: Counter[tuple[TopicPartition, int]] = Counter()  # how often, by where a batch begins
        self.stopped: set[TopicPartition] = set()

    def forget(self) -> None:
        """Forget how often batches could not be read: who is assigned them now counts anew."""
        self._unreadable.clear()

    def begin(self, starts: Mapping[TopicPartition, Start]) -> None:
        """Seek each mark, or where there is none the offset to go on from; pause what is stopped."""
        self._marks = {source: start.mark for source, start in starts.items() if start.mark and not start.stopped}
        self._gaps = []
        self.stopped = {source for source, start in starts.items() if start.stopped}
        for source, start in starts.items():
            self._consumer.seek(source, start.mark.offset if start.mark else start.next_offset)
        self._consumer.resume(*starts)
        self._consumer.pause(*self.stopped)

    async def recognise(self, fetched: Fetched, ends: dict[TopicPartition, int], positions: Positions) -> None:
        """Take away the records that logs are known again by; stop a source partition that is another log."""
        for source in find_others(self._marks, fetched, ends):
            fetched.pop(source, None)
            await self._stop(source, Break.OTHER_RECORD, positions)
        for source in self._marks.keys() & fetched.keys():
            del self._marks[source]
            fetched[source] = fetched[source][1:]
        for source in self.stopped:
            ends.pop(source, None)

    async def examine(self, sources: Iterable[TopicPartition], positions: Positions) -> None:
        """Stop source partitions whose log does not hold the stored offset; one that lost just its mark goes on."""
        for source in set(sources):
            gap = judge(source, positions[source], *await read_bounds(self._consumer, source))
            if gap:
                self._note(gap)
            elif source in self._consumer.assignment():
                self._marks.pop(source, None)
                self._consumer.seek(source, positions[source])

    async def stop_unreadable(self, listening: Collection[TopicPartition], positions: Positions) -> None:
        """Stop source partitions whose next batch cannot be read however often it is fetched."""
        for source, found in take_unreadable().items():
            if source in listening:
                self._unreadable[source, found.offset] += 1
                if self._unreadable[source, found.offset] >= _UNREADABLE_MIN:
                    await self._stop_at(source, positions, found)

    async def doubt(self, silent: Collection[TopicPartition], positions: Positions) -> None:
        """Look into silent source partitions: that a broker cannot read a batch, aiokafka tells to its log alone."""
        if silent and time.monotonic() - self._doubted_at > _DOUBT_AGAIN_SECONDS:
            asking = (self._stop_refused(source, positions) for source in silent)
            with suppress(KafkaError, TimeoutError):  # a leader that does not answer at all is waited for
                await asyncio.wait_for(asyncio.gather(*asking), _DOUBT_SECONDS_MAX)
            self._doubted_at = time.monotonic()

    async def _stop_refused(self, source: TopicPartition, positions: Positions) -> None:
        """Stop a source partition whose next batch its leader does not send whole, so that the others go on."""
        mark = self._marks.get(source)
        found = await self._ask_leader(source, mark.offset if mark else positions[source])
        if found:
            await self._stop_at(source, positions, found)

    async def stop_failing(self, source: TopicPartition, positions: Positions, failed_by: str) -> None:
        """Stop a source partition over whose next record this program fails."""
        await self._stop(source, Break.PROGRAM_FAILS, positions, detail=failed_by)

    async def stop_losing(self, topics: Collection[str], positions: Positions) -> None:
        """Stop the source partitions of topics from which records vanish."""
        for source in sorted(positions.keys() - self.stopped):
            if source.topic in topics:
                await self._stop(source, Break.COMPACTED, positions)

    async def _stop_at(self, source: TopicPartition, positions: Positions, found: Unreadable) -> None:
        """Stop a source partition at a batch that cannot be read."""
        flaw, detail, batch = found.flaw, found.detail, found.batch or None
        await self._stop(source, Break.UNREADABLE, positions, flaw=flaw, detail=detail, batch=batch)

    async def _stop(self, source: TopicPartition, kind: Break, positions: Positions, **what: Any) -> None:  # noqa: ANN401
        """Stop a source partition; more of the gap is given by its field."""
        bounds = await read_bounds(self._consumer, source)
        self._note(Gap(source, kind, positions[source], *bounds, **what))

    def _note(self, gap: Gap) -> None:
        """Deliver nothing more of a source partition, unless it was taken from us while its log was looked at."""
        if gap.source not in self._consumer.assignment():
            return
        self._consumer.pause(gap.source)
        self._marks.pop(gap.source, None)
        self.stopped.add(gap.source)
        self._gaps.append(gap)
        _log.error(gap.describe())

    def take_gaps(self) -> list[Gap]:
        """Return the gaps found since the last call."""
        found, self._gaps = self._gaps, []
        return found
