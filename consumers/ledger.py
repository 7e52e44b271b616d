"""The ledger in Postgres: claims offsets, records a batch in one transaction, and hands out what is recorded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import chain
from typing import Any, Final, NamedTuple

import asyncpg
from aiokafka import TopicPartition
from pydantic_core import from_json, to_json

from consumers import statements
from consumers.batch import Judged, Refusal, Slice, Written
from consumers.facts import record_facts
from consumers.gaps import Gap, Mark, Start, mark_of
from consumers.pages import Held, RunningPage
from consumers.refusals import record_refusals
from models.bulk import Row, content_of
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.outcomes import Duplicate
from models.tally import ALL, PAGE_DAYS_MAX, Opening

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


class ClaimMissedError(Exception):
    """Postgres does not hold the offset that a slice begins at; the batch is not written."""


class Stored(NamedTuple):
    """Where recording of a source partition goes on, as Postgres has it."""

    source: TopicPartition
    start: Start
    version: tuple[int, int]  # epoch and revision of its page
    newest_at: datetime | None
    takeovers: int  # how often a process began with it since anything of it was recorded
    tried: int  # how often what comes next was tried alone, by this process or one before it


async def take_over(
    connection: asyncpg.Connection, sources: Iterable[TopicPartition], *, is_first: bool
) -> list[Stored]:
    """Enter this backend as the owner of source partitions and return where each goes on; a new one begins at 0.

    is_first -- whether this process has just begun
    Raises LockNotAvailable when a former owner is frozen inside its transaction; see end_owners.
    """
    topics, partitions = _columns(sources)
    await _know_server(connection)
    async with connection.transaction():
        await connection.execute(statements.KEEP_EPOCH)
        await connection.execute(statements.ENTER, topics, partitions)
        rows = await connection.fetch(statements.OWN, topics, partitions, int(is_first))
    return [_stored(row) for row in rows]


async def _know_server(connection: asyncpg.Connection) -> None:
    """Begin an epoch when the server was started again since the last one: it may have lost what was shown."""
    if not await connection.fetchval(statements.IS_SAME_SERVER):
        async with connection.transaction():
            await connection.execute(statements.LOCK_EPOCHS)
            await connection.execute(statements.BEGIN_EPOCH)


def _stored(row: asyncpg.Record) -> Stored:
    mark = None if row["mark_offset"] is None else Mark(*(row[f"mark_{field}"] for field in Mark._fields))
    source = TopicPartition(row["topic"], row["kafka_partition"])
    start = Start(row["next_offset"], mark, row["stopped"])
    return Stored(source, start, (row["epoch"], row["revision"]), row["newest_at"], row["takeovers"], row["tried"])


async def end_owners(connection: asyncpg.Connection, sources: Iterable[TopicPartition]) -> None:
    """End the sessions of the former owners of source partitions, so that their locks are free."""
    await connection.execute(statements.END_OWNERS, *_columns(sources))


async def read_page(connection: asyncpg.Connection, stored: Stored) -> RunningPage:
    """Read the page of a source partition that this backend owns."""
    totals = await connection.fetch(statements.READ_TOTALS, *stored.source)
    days = await connection.fetch(statements.READ_NEWEST_DAYS, *stored.source, ALL[0], PAGE_DAYS_MAX)
    opening = await _read_opening(connection, stored.source.topic)
    covering = (opening.as_of, [*opening.facts]) if opening else (date.min, [])
    covered = await connection.fetch(statements.READ_COVERED, *stored.source, *covering)
    held = Held(_group(totals), {row[0]: row[1] for row in days}, opening, _group(covered))
    return RunningPage(stored.source, stored.version, stored.newest_at, held)


def _group(rows: Iterable[Any]) -> dict[str, Counter[str]]:
    """Return counts by dimension and value."""
    counts: dict[str, Counter[str]] = {}
    for dimension, value, facts in rows:
        counts.setdefault(dimension, Counter())[value] = facts
    return counts


async def _read_opening(connection: asyncpg.Connection, topic: str) -> Opening | None:
    """Read the opening balance of a topic."""
    row = await connection.fetchrow(statements.READ_OPENING, topic)
    return None if row is None else Opening(as_of=row["as_of"], **from_json(row["figures"]))


async def read_stored(connection: asyncpg.Connection, sources: Iterable[TopicPartition]) -> list[Stored]:
    """Return where source partitions stand, without a claim on them."""
    rows = await connection.fetch(statements.READ_PROGRESS, *_columns(sources))
    return [_stored(row) for row in rows]


async def try_alone(connection: asyncpg.Connection, source: TopicPartition, offset: int, *, others_go_on: bool) -> int:
    """Let the next life of this process know that what is at an offset is tried now; return how often it was.

    others_go_on -- whether this process has recorded anything else meanwhile
    Returns 0 when it is not to be tried again: it failed alone twice, and other source partitions went on.
    Raises ClaimMissedError when Postgres does not hold the offset for this owner.
    """
    tried: int | None = await connection.fetchval(statements.TRY, *source, offset, others_go_on)
    if tried is None:
        raise ClaimMissedError
    return tried


async def record_gaps(connection: asyncpg.Connection, gaps: Iterable[Gap]) -> None:
    """Stop source partitions until a person has accepted what is missing."""
    await connection.executemany(statements.RECORD_GAP, [(*gap.source, *gap[1:]) for gap in gaps])


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
    part = Slice(source, record.offset, record.offset + 1, [], [], [refusal], mark_of(record))
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
        found = await record_facts(connection, kind, list(chain.from_iterable(part.facts for part in parts)))
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
    (key, event_id), (partition, offset, appended_at) = row[:2], row[-3:]
    content = _describe(KIND_BY_TOPIC[topic], row) if duplicate is Duplicate.CONFLICT else None
    return (topic, partition, offset, duplicate, key, event_id, content, appended_at)


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
    return (*part.slice.source, len(part.new_facts), *duplicates, refusals, part.newest_at, *mark)


def _columns(sources: Iterable[TopicPartition]) -> tuple[list[str], list[int]]:
    """Return source partitions as two parallel arrays, in the order in which every writer takes its locks."""
    ordered = sorted(sources)
    return [source.topic for source in ordered], [source.partition for source in ordered]
