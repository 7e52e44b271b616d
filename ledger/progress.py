"""Where recording of source partitions stands: who owns them, from where on, with which page, and what stops them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

import asyncpg
from aiokafka import TopicPartition
from pydantic_core import from_json

from ledger import statements
from ledger.continuity import Gap, Mark, Start
from ledger.identity import KEEP_EPOCH
from ledger.pages import Held, RunningPage
from models.tally import ALL, PAGE_DAYS_MAX, Opening


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
    async with connection.transaction():
        await connection.execute(KEEP_EPOCH)
        await connection.execute(statements.ENTER, topics, partitions)
        rows = await connection.fetch(statements.OWN, topics, partitions, int(is_first))
    return [_stored(row) for row in rows]


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


async def note_try(
    connection: asyncpg.Connection, source: TopicPartition, offset: int, *, alone: bool, others_go_on: bool
) -> bool:
    """Let the next life of this process know what is tried now; False when that has failed alone often enough.

    alone -- whether it is one record
    others_go_on -- whether this process has recorded anything else meanwhile
    Raises ClaimMissedError when Postgres does not hold the offset for this owner.
    """
    tried: int | None = await connection.fetchval(statements.TRY, *source, offset, alone, others_go_on)
    if tried is None:
        raise ClaimMissedError
    return bool(tried)


async def take_back_try(connection: asyncpg.Connection, source: TopicPartition, offset: int) -> None:
    """Note that a try has neither failed nor recorded anything."""
    await connection.execute(statements.UNTRY, *source, offset)


async def record_gaps(connection: asyncpg.Connection, gaps: Iterable[Gap]) -> None:
    """Stop source partitions until a person has accepted what is missing."""
    await connection.executemany(statements.RECORD_GAP, [(*gap.source, *gap[1:]) for gap in gaps])


def _columns(sources: Iterable[TopicPartition]) -> tuple[list[str], list[int]]:
    """Return source partitions as two parallel arrays, in the order in which every writer takes its locks."""
    ordered = sorted(sources)
    return [source.topic for source in ordered], [source.partition for source in ordered]
