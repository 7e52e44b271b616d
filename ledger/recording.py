"""The ledger in Postgres: claims offsets, and records a batch in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg
from aiokafka import TopicPartition
from pydantic_core import to_json

from ledger import statements
from ledger.batch import Judged, Refusal, Slice, Written
from ledger.continuity import mark_of
from ledger.facts import record_facts
from ledger.progress import ClaimMissedError
from ledger.refusals import record_refusals
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.decoding.columns import join, none_of
from models.decoding.row import Row, content_of, event_id_of, key_of, place_of
from models.outcomes import Duplicate
from models.tally import ALL

_DUPLICATE_COLUMNS: Final = (
    "topic",
    "kafka_partition",
    "kafka_offset",
    "duplicate",
    "business_key",
    "event_id",
    "content",
    "appended_at",
)


async def write(connection: asyncpg.Connection, slices: Sequence[Slice]) -> list[Written]:
    """Record a batch in one transaction: claim, facts, tallies, duplicates, refusals, counters.

    Raises ClaimMissedError, with nothing written, when Postgres does not hold the offset that a slice begins at:
    another owner was faster, or an own commit arrived unheard. Raises LockNotAvailable as `take_over` does.
    """
    while True:
        with suppress(asyncpg.UniqueViolationError):  # by a fact that another owner recorded meanwhile: it is found now
            return await _write(connection, slices)


async def _write(connection: asyncpg.Connection, slices: Sequence[Slice]) -> list[Written]:
    """Try to record a batch. Raises as `write` does, and asyncpg.UniqueViolationError."""
    async with connection.transaction():
        await _claim(connection, slices)
        judged = await _record_facts(connection, slices)
        await _add_tallies(connection, judged)
        await _record_duplicates(connection, judged)
        await record_refusals(connection, [refusal for part in slices for refusal in part.refusals])
        return await _settle(connection, judged)


async def record_replayed(connection: asyncpg.Connection, part: Slice) -> Judged:
    """Record one fact of a record that was refused before, inside the caller's transaction.

    Raises as `_write` does, and nothing of a claim: where recording stands does not change.
    """
    await connection.execute(statements.LOCK_PROGRESS, *part.source)
    judged = await _record_facts(connection, [part])
    await _add_tallies(connection, judged, "refused before, replayed")
    await _record_duplicates(connection, judged)
    await _settle(connection, judged, refused=-1)
    return judged[0]


async def record_set_aside(connection: asyncpg.Connection, refusal: Refusal) -> None:
    """Record that one record is refused on a person's word, inside the caller's transaction.

    Where recording stands does not change, as with `record_replayed`.
    """
    record = refusal.record
    source = TopicPartition(record.topic, record.partition)
    nothing = none_of(KIND_BY_TOPIC[record.topic])
    part = Slice(source, record.offset, record.offset + 1, nothing, [refusal], mark_of(record))
    await record_refusals(connection, part.refusals)
    await _settle(connection, [Judged(part, {})])


async def _claim(connection: asyncpg.Connection, slices: Sequence[Slice]) -> None:
    """Move every stored offset from where its slice begins to where it ends."""
    columns = ((*part.source, part.from_offset, part.next_offset) for part in slices)
    status = await connection.execute(statements.CLAIM, *zip(*columns, strict=True))
    if int(status.rsplit(" ", 1)[1]) < len(slices):
        raise ClaimMissedError


async def _record_facts(connection: asyncpg.Connection, slices: Sequence[Slice]) -> list[Judged]:
    """Put the facts of every kind into its ledger table, in the catalogue's order, and judge which are new."""
    judged: dict[TopicPartition, Judged] = {}
    for kind in KINDS:
        parts = [part for part in slices if part.source.topic == kind.topic]
        found = await record_facts(connection, join([none_of(kind), *(part.facts for part in parts)]))
        judged |= {part.slice.source: part for part in _share_out(found, parts)}
    return [judged[part.source] for part in slices]


def _share_out(found: Mapping[int, Duplicate], parts: Iterable[Slice]) -> Iterator[Judged]:
    """Give each slice the duplicates among its own facts, found by position among the facts of all."""
    begin = 0
    for part in parts:
        end = begin + len(part.facts)
        own = {place - begin: duplicate for place, duplicate in found.items() if begin <= place < end}
        yield Judged(part, own)
        begin = end


async def _add_tallies(connection: asyncpg.Connection, judged: Sequence[Judged], why: str = "late") -> None:
    """Add the counts of a batch to the tallies of its source partitions.

    why -- what is told of days that are closed already
    """
    rows = sorted((*part.slice.source, *cell, facts) for part in judged for cell, facts in part.cells.items())
    if rows:
        await connection.execute(statements.ADD_TALLIES, *zip(*rows, strict=True))
        changed = [(*row[:3], row[5]) for row in rows if row[3] == ALL[0]]
        await connection.execute(statements.RESTATE, *zip(*changed, strict=True), why)


async def _record_duplicates(connection: asyncpg.Connection, judged: Sequence[Judged]) -> None:
    """Keep every duplicate with its kind; a conflict with all it says."""
    rows = [
        _duplicate_row(part.slice.source.topic, part.slice.facts[position], duplicate)
        for part in judged
        for position, duplicate in sorted(part.duplicates.items())
    ]
    if rows:
        await connection.copy_records_to_table("duplicate", records=rows, columns=_DUPLICATE_COLUMNS)


def _duplicate_row(topic: str, row: Row, duplicate: Duplicate) -> tuple[Any, ...]:
    partition, offset, appended_at = place_of(row)
    content = _describe(KIND_BY_TOPIC[topic], row) if duplicate is Duplicate.CONFLICT else None
    return (topic, partition, offset, duplicate, key_of(row), event_id_of(row), content, appended_at)


def _describe(kind: Kind, row: Row) -> str:
    """Write the content of a fact as a JSON object, the pseudonym as 64 hex digits."""
    subject, *others = content_of(row)
    names = ("occurred_at", *kind.counted, *kind.details)
    return to_json({"subject": subject.hex(), **dict(zip(names, others, strict=True))}).decode()


async def _settle(connection: asyncpg.Connection, judged: Sequence[Judged], refused: int = 0) -> list[Written]:
    """Raise the counters and the revision of every source partition of the batch.

    refused -- how many more there are refused than the slices hold
    """
    rows = [_counters(part, refused) for part in judged]
    versions = await connection.fetch(statements.SETTLE, *zip(*rows, strict=True))
    version_of = {tuple(row)[:2]: tuple(row)[2:] for row in versions}
    return [Written(part, *version_of[tuple(part.slice.source)]) for part in judged]


def _counters(part: Judged, refused: int) -> tuple[Any, ...]:
    """Return a slice's row for SETTLE."""
    duplicates = (part.duplicates_by_kind[duplicate] for duplicate in Duplicate)
    mark = part.slice.mark or (None, None, None)
    refusals = len(part.slice.refusals) + refused
    return (*part.slice.source, part.accepted, *duplicates, refusals, part.newest_at, *mark)
