"""How a log is known again: by the last record that was recorded of it; and what is missing when it is not."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from aiokafka import ConsumerRecord, TopicPartition

from models.gap_kinds import Break, Flaw, advise, explain

# 16 bytes: two different records of one offset and millisecond do not share them by chance.
_DIGEST_BYTES: Final = 16


class Mark(NamedTuple):
    """What tells a record of a log from the one at the same offset of another log."""

    offset: int
    timestamp: int  # milliseconds since 1970, by the broker's clock
    digest: bytes  # of key and value


class Start(NamedTuple):
    """Where a source partition goes on: behind `mark`, the last record recorded; None before the first."""

    next_offset: int
    mark: Mark | None
    stopped: bool  # at a gap that nobody has accepted, or because its topic is paused


class Gap(NamedTuple):
    """A source partition whose log does not go on from where recording stands."""

    source: TopicPartition
    kind: Break
    next_offset: int
    log_start: int
    log_end: int
    flaw: Flaw | None = None  # of a batch that cannot be read
    detail: str = ""  # what its codec says of it, or by which error this program failed
    batch: bytes | None = None  # as the log has it, where it was sent

    def describe(self) -> str:
        """Say what is wrong and what to do, in one line."""
        return (
            f"{self.source.topic} partition {self.source.partition} is stopped at offset {self.next_offset}: "
            f"{explain(self.kind, self.flaw, self.detail)} (it holds {self.log_start} to {self.log_end}). "
            f"{advise(self.kind)}"
        )


def mark_of(record: ConsumerRecord) -> Mark:
    """Return what a record is known by."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for part in (record.key, record.value):
        digest.update(b"-" if part is None else b"%d:" % len(part) + part)
    return Mark(record.offset, record.timestamp, digest.digest())


def find_others(
    marks: Mapping[TopicPartition, Mark],
    fetched: Mapping[TopicPartition, Sequence[ConsumerRecord]],
    ends: Mapping[TopicPartition, int],
) -> list[TopicPartition]:
    """Return the source partitions whose log has something else where the marked record stood.

    fetched, ends -- what was fetched from the marks on, and up to which offsets
    """
    return [source for source, mark in marks.items() if _is_other(mark, fetched.get(source, ()), ends[source])]


def _is_other(mark: Mark, records: Sequence[ConsumerRecord], end: int) -> bool:
    """Tell whether what was fetched begins with another record; nothing fetched yet says nothing."""
    return mark_of(records[0]) != mark if records else end > mark.offset


def judge(source: TopicPartition, next_offset: int, log_start: int, log_end: int) -> Gap | None:
    """Say what is missing when a log holds these offsets; None when recording can go on from `next_offset`."""
    if log_start > next_offset:
        return Gap(source, Break.BEGINS_AFTER, next_offset, log_start, log_end)
    if log_end < next_offset:
        return Gap(source, Break.ENDS_BEFORE, next_offset, log_start, log_end)
    return None
