"""A batch: what was fetched, decoded, cut into one slice a source partition."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Generic, NamedTuple, TypeVar

from aiokafka import ConsumerRecord, TopicPartition

from consumers.gaps import Mark, mark_of
from models.bulk import decode_all
from models.calendar import moment_of
from models.codec import Accepted
from models.outcomes import Duplicate, Refused
from models.tally import Cell, count

Outcome = TypeVar("Outcome", Accepted, Refused)

# 250 records decode in about 3 ms: so long the transaction under way waits for its next step.
_TURN_RECORDS: Final = 250


class Entry(NamedTuple, Generic[Outcome]):
    """One record, when the broker appended it, and what decoding made of it."""

    record: ConsumerRecord
    appended_at: datetime
    outcome: Outcome


_make_entry: Final = Entry[Any]._make


@dataclass(frozen=True, slots=True)
class Slice:
    """The records of one source partition in a batch, between two offsets of its log."""

    source: TopicPartition
    from_offset: int  # what Postgres must hold for the claim
    next_offset: int
    facts: Sequence[Entry[Accepted]]
    refusals: Sequence[Entry[Refused]]
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
    def new_facts(self) -> list[Entry[Accepted]]:
        """The facts that count."""
        if not self.duplicates:
            return list(self.slice.facts)
        return [entry for position, entry in enumerate(self.slice.facts) if position not in self.duplicates]

    @cached_property
    def cells(self) -> Counter[Cell]:
        """What the slice adds to the tallies of its source partition."""
        return count([entry.outcome for entry in self.new_facts])

    @cached_property
    def duplicates_by_kind(self) -> Counter[Duplicate]:
        """How many records were a duplicate, by kind."""
        return Counter(self.duplicates.values())

    @property
    def newest_at(self) -> datetime | None:
        """When the broker appended the newest record that counts."""
        return max((entry.appended_at for entry in self.new_facts), default=None)


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
    facts: list[Entry[Accepted]] = []
    refusals: list[Entry[Refused]] = []
    for begin in range(0, len(records), _TURN_RECORDS):
        turn = records[begin : begin + _TURN_RECORDS]
        appended_ats = [moment_of(record.timestamp) for record in turn]
        outcomes = decode_all(source.topic, turn, appended_ats)
        entries: list[Entry[Any]] = list(map(_make_entry, zip(turn, appended_ats, outcomes, strict=True)))
        facts += [entry for entry in entries if type(entry.outcome) is Accepted]
        refusals += [entry for entry in entries if type(entry.outcome) is Refused]
        await asyncio.sleep(0)
    mark = mark_of(records[-1]) if records else None
    return Slice(source, from_offset, next_offset, facts, refusals, mark)
