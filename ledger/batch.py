"""A batch: what was fetched, decoded, cut into one slice a source partition."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np
from aiokafka import ConsumerRecord, TopicPartition

from brokers.whole_batches import Records
from ledger.continuity import Mark, mark_of
from models.calendar import APPENDED_AHEAD_MAX, moment_of
from models.catalogue import KIND_BY_TOPIC
from models.decoding.columns import Facts, join, none_of
from models.decoding.many_records import Decoded, RecordColumns, decode_all
from models.outcomes import Duplicate, Refused
from models.redaction import name_source
from models.tally import Cell, count

# 2,500 records: some milliseconds of decoding, for which the transaction under way waits with its next step.
_TURN_RECORDS: Final = 2_500


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
    facts: Facts
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

    @property
    def accepted(self) -> int:
        """How many facts count."""
        return len(self.slice.facts) - len(self.duplicates)

    @cached_property
    def cells(self) -> Counter[Cell]:
        """What the slice adds to the tallies of its source partition."""
        facts = self.slice.facts
        counted = facts.count_alike()
        if self.duplicates:
            counted -= facts.take(list(self.duplicates)).count_alike()
        return count(facts.kind, counted)

    @cached_property
    def duplicates_by_kind(self) -> Counter[Duplicate]:
        """How many records were a duplicate, by kind."""
        return Counter(self.duplicates.values())

    @cached_property
    def newest_at(self) -> datetime | None:
        """When the broker appended the newest record that counts; none was appended in time to come."""
        latest = (datetime.now(UTC) + APPENDED_AHEAD_MAX).timestamp() * 1000
        appended = np.delete(self.slice.facts.appended, list(self.duplicates))
        newest = appended[appended <= latest].max(initial=-1)
        return moment_of(int(newest)) if newest >= 0 else None


class Written(NamedTuple):
    """A slice that is committed, and the version of its source partition's page after it."""

    judged: Judged
    epoch: int
    revision: int


async def cut(
    fetched: Mapping[TopicPartition, Records],
    positions: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
) -> list[Slice]:
    """Decode what was fetched between positions and ends, one slice a source partition that has moved.

    Slices come by topic and partition, the order in which every writer takes its locks. Whoever waits for the loop gets
    a turn every few milliseconds: above all the transaction under way. Raises RuntimeError when records lie outside of
    the offsets.
    """
    moved = sorted(source for source, end in ends.items() if end > positions[source])
    slices: list[Slice] = []
    for topic, sources in groupby(moved, attrgetter("topic")):
        held = [fetched.get(source) or Records(source, ()) for source in sources]
        for records in held:
            _require_between(records, positions[records.source], ends[records.source])
        decoded = await _decode(topic, held)
        slices += _share(decoded, held, positions, ends)
    return slices


def _require_between(records: Records, begin: int, end: int) -> None:
    """Raise RuntimeError when records lie outside of offsets."""
    if records and not begin <= records[0].offset <= records[-1].offset < end:
        raise RuntimeError(f"fetched {records[0].offset}..{records[-1].offset} for {begin}..{end}")


async def _decode(topic: str, held: Sequence[Records]) -> Decoded:
    """Decode the records of the source partitions of a topic, one after the other: few of each are quicker together."""
    columns = in_columns(held)
    parts, refused = [none_of(KIND_BY_TOPIC[topic])], list[tuple[int, Refused]]()
    for begin in range(0, len(columns.values), _TURN_RECORDS):
        facts, others = decode_all(topic, columns.cut(slice(begin, begin + _TURN_RECORDS)))
        parts.append(facts)
        refused += [(begin + place, why) for place, why in others]
        await asyncio.sleep(0)
    return Decoded(join(parts), refused)


def _share(
    decoded: Decoded,
    held: Sequence[Records],
    positions: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
) -> Iterator[Slice]:
    """Yield the slice of each source partition of a topic."""
    place, waiting = 0, deque(decoded.refused)
    for records in held:
        source, end = records.source, place + len(records)
        refusals = []
        while waiting and waiting[0][0] < end:
            at, refused = waiting.popleft()
            refusals.append(_refuse(records[at - place], refused))
        part = np.searchsorted(decoded.facts.partitions, [source.partition, source.partition + 1])
        mark = mark_of(records[-1]) if records else None
        facts = decoded.facts.cut(slice(*part.tolist()))
        yield Slice(source, positions[source], ends[source], facts, refusals, mark)
        place = end


def in_columns(held: Sequence[Records]) -> RecordColumns:
    """Return the records of source partitions of one topic by columns."""
    raw = [*chain.from_iterable(records.raw for records in held)]
    partitions = np.repeat([records.source.partition for records in held], [len(records) for records in held])
    texts = ([record.key for record in raw], [record.value for record in raw], [record.headers for record in raw])
    numbers = ([record.offset for record in raw], [record.timestamp for record in raw])
    return RecordColumns(partitions, *texts, *(np.array(column, np.int64) for column in numbers))


def _refuse(record: ConsumerRecord, refused: Refused) -> Refusal:
    """Return a refused record with the source that it names."""
    return Refusal(record, refused, name_source(record.value, record.headers))
