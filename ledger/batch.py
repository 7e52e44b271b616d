"""A batch: what was fetched, decoded, cut into one slice a source partition."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, NamedTuple

from aiokafka import ConsumerRecord, TopicPartition

from ledger.continuity import Mark, mark_of
from models.calendar import APPENDED_AHEAD_MAX
from models.catalogue import KIND_BY_TOPIC
from models.decoding.many_records import decode_all
from models.decoding.one_record import Counted
from models.decoding.row import Row, appended_at_of
from models.outcomes import Duplicate, Refused
from models.redaction import name_source
from models.tally import Cell, count

# 250 records: some milliseconds of decoding, for which the transaction under way waits with its next step.
_TURN_RECORDS: Final = 250


class Refusal(NamedTuple):
    """One record that is none, and why."""

    record: ConsumerRecord
    outcome: Refused
    source: str  # the registered upstream system that it names; "" where it names none


@dataclass(frozen=True, slots=True)
class Slice:
    """The records of one source partition in a batch, between two offsets of its log."""

    source: TopicPartition
    from_offset: int  # what Postgres must hold for the claim
    next_offset: int
    facts: Sequence[Row]
    counted: Sequence[Counted]  # of each fact
    refusals: Sequence[Refusal]
    mark: Mark | None  # the last record; None when the slice holds none

    @property
    def records(self) -> int:
        """How many records the slice holds."""
        return len(self.facts) + len(self.refusals)


@dataclass(frozen=True)
class Judged:
    """A slice, and which of its facts Postgres knew already: position in `facts` -> how it repeats one."""

    slice: Slice
    duplicates: Mapping[int, Duplicate]

    @cached_property
    def new_facts(self) -> Sequence[Row]:
        """The facts that count."""
        if not self.duplicates:
            return self.slice.facts
        return [row for position, row in enumerate(self.slice.facts) if position not in self.duplicates]

    @cached_property
    def cells(self) -> Counter[Cell]:
        """What the slice adds to the tallies of its source partition."""
        counted = Counter(self.slice.counted)
        counted.subtract(self.slice.counted[position] for position in self.duplicates)
        return count(KIND_BY_TOPIC[self.slice.source.topic], +counted)

    @cached_property
    def duplicates_by_kind(self) -> Counter[Duplicate]:
        """How many records were a duplicate, by kind."""
        return Counter(self.duplicates.values())

    @cached_property
    def newest_at(self) -> datetime | None:
        """When the broker appended the newest record that counts; none was appended in time to come."""
        latest = datetime.now(UTC) + APPENDED_AHEAD_MAX
        newest: datetime | None = max(map(appended_at_of, self.new_facts), default=None)
        if newest and newest > latest:
            return max((at for at in map(appended_at_of, self.new_facts) if at <= latest), default=None)
        return newest


class Written(NamedTuple):
    """A slice that is committed, and the version of its source partition's page after it."""

    judged: Judged
    epoch: int
    revision: int


async def cut(
    fetched: Mapping[TopicPartition, Sequence[ConsumerRecord]],
    positions: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
) -> list[Slice]:
    """Decode what was fetched between positions and ends, one slice a source partition that has moved.

    Slices come by topic and partition, the order in which every writer takes its locks. Whoever waits for the loop gets
    a turn every few milliseconds: above all the transaction under way.
    """
    moved = sorted(source for source, end in ends.items() if end > positions[source])
    return [await _slice(source, positions[source], ends[source], fetched.get(source, ())) for source in moved]


async def _slice(
    source: TopicPartition, from_offset: int, next_offset: int, records: Sequence[ConsumerRecord]
) -> Slice:
    """Decode the records of one source partition. Raises RuntimeError when they lie outside of the offsets."""
    if records and not from_offset <= records[0].offset <= records[-1].offset < next_offset:
        raise RuntimeError(f"fetched {records[0].offset}..{records[-1].offset} for {from_offset}..{next_offset}")
    facts: list[Row] = []
    counted: list[Counted] = []
    refusals: list[Refusal] = []
    for begin in range(0, len(records), _TURN_RECORDS):
        turn = records[begin : begin + _TURN_RECORDS]
        decoded = decode_all(source.topic, turn)
        facts += decoded.facts
        counted += decoded.counted
        refusals += [_refuse(turn[place], refused) for place, refused in decoded.refused]
        await asyncio.sleep(0)
    mark = mark_of(records[-1]) if records else None
    return Slice(source, from_offset, next_offset, facts, counted, refusals, mark)


def _refuse(record: ConsumerRecord, refused: Refused) -> Refusal:
    """Return a refused record with the source that it names."""
    return Refusal(record, refused, name_source(record.value, record.headers))
