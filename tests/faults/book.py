"""What Postgres holds of one source partition, read by SQL of the checker's own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from tests.faults.contract import KINDS, LANES, PARTITIONS, Kind, Lane
from tests.faults.expectation import Cell, Fact

_PROGRESS: Final = """
SELECT next_offset, consumed, accepted, retries, repeats, conflicts, refused, newest_at
FROM progress WHERE topic = $1 AND kafka_partition = $2"""
_TALLY: Final = "SELECT day, dimension, value, facts FROM tally WHERE topic = $1 AND kafka_partition = $2"
_DUPLICATES: Final = """
SELECT kafka_offset, duplicate, business_key, content IS NOT NULL AS whole
FROM duplicate WHERE topic = $1 AND kafka_partition = $2"""
_REFUSED: Final = """
SELECT kafka_offset, reason, key, value, masked, published_at IS NOT NULL AS published
FROM refused WHERE topic = $1 AND kafka_partition = $2"""
_ELSEWHERE: Final = """
SELECT count(*) FROM {table} AS row WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::int[]) AS lane (topic, kafka_partition)
    WHERE row.topic = lane.topic AND row.kafka_partition = lane.kafka_partition)"""
_UNPUBLISHED: Final = "SELECT count(*) FROM refused WHERE published_at IS NULL"
_COUNTED: Final = "SELECT topic, sum(facts)::bigint FROM tally WHERE dimension = 'all' GROUP BY topic"
_NEXT_OFFSETS: Final = "SELECT topic, kafka_partition, next_offset FROM progress"


@dataclass(frozen=True)
class Book:
    """The rows of one source partition."""

    progress: Mapping[str, Any] | None
    facts: Mapping[UUID, Fact]
    cells: Counter[Cell]
    duplicates: list[Mapping[str, Any]]
    refusals: list[Mapping[str, Any]]


async def read_book(connection: asyncpg.Connection, lane: Lane, kind: Kind) -> Book:
    """Read everything that is recorded of one source partition."""
    return Book(
        progress=await connection.fetchrow(_PROGRESS, *lane),
        facts=await _read_facts(connection, lane, kind),
        cells=Counter({Cell(*row[:3]): row[3] for row in map(tuple, await connection.fetch(_TALLY, *lane)) if row[3]}),
        duplicates=await connection.fetch(_DUPLICATES, *lane),
        refusals=await connection.fetch(_REFUSED, *lane),
    )


async def _read_facts(connection: asyncpg.Connection, lane: Lane, kind: Kind) -> Mapping[UUID, Fact]:
    own = ", ".join(("source", *kind.dimensions, *kind.details))
    rows = await connection.fetch(
        f"SELECT {kind.business_key}, kafka_offset, appended_at, event_id, subject, occurred_at, {own} "
        f"FROM {kind.table} WHERE kafka_partition = $1",
        lane.partition,
    )
    return {row[0]: Fact(row[1], row[2], row[3], row[4:]) for row in map(tuple, rows)}


async def count_strangers(connection: asyncpg.Connection) -> Mapping[str, int]:
    """Return how many rows of each table belong to no source partition of the contract."""
    lanes = [*zip(*LANES, strict=True)]
    strangers = {
        table: await connection.fetchval(_ELSEWHERE.format(table=table), *lanes)
        for table in ("progress", "tally", "duplicate", "refused")
    }
    for kind in KINDS:
        query = f"SELECT count(*) FROM {kind.table} WHERE kafka_partition NOT BETWEEN 0 AND $1"
        strangers[kind.table] = await connection.fetchval(query, PARTITIONS - 1)
    return {table: rows for table, rows in strangers.items() if rows}


async def read_next_offsets(connection: asyncpg.Connection) -> Mapping[Lane, int]:
    """Return up to where each source partition is recorded."""
    return {Lane(row[0], row[1]): row[2] for row in await connection.fetch(_NEXT_OFFSETS)}


async def count_unpublished(connection: asyncpg.Connection) -> int:
    """Return how many refused records wait to be published."""
    return int(await connection.fetchval(_UNPUBLISHED))


async def read_counted(connection: asyncpg.Connection) -> Mapping[str, int]:
    """Return how many facts each topic's tallies come to."""
    return {row[0]: row[1] for row in await connection.fetch(_COUNTED)}
