"""Refused records: which there are, by what, and what one of them is; what to put through again."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, NamedTuple

from models.catalogue import KIND_BY_TOPIC
from models.redaction import show_fields
from operations.snapshot import open_snapshot

# 1,000 rows between two answers of the server: memory stays small however many there are.
_ROWS_AT_ONCE: Final = 1_000
_COLUMNS: Final = """id, topic, kafka_partition, kafka_offset, reason, field, source, masked, appended_at,
    resolved_at, resolved_by, outcome"""
# By the name of a field of `Wanted`, what it asks for.
_CONDITIONS: Final = {
    "reason": "reason = ${}",
    "topic": "topic = ${}",
    "source": "source = ${}",
    "since": "appended_at >= ${}",
    "until": "appended_at < ${}",
    "resolved": "(resolved_at IS NOT NULL) = ${}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which refused records are asked for; None asks for any.

    source -- "" are those that name no registered upstream system
    since, until -- of the broker's append time, the latter not included
    """

    reason: str | None = None
    topic: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    resolved: bool | None = None

    def write_condition(self) -> tuple[str, list[Any]]:
        """Return what stands behind WHERE, and its arguments."""
        asked = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: value for name, value in asked.items() if value is not None}
        conditions = [_CONDITIONS[name].format(number) for number, name in enumerate(given, 1)]
        return " AND ".join(conditions) or "true", list(given.values())


class RefusedRecord(NamedTuple):
    """A refused record without its content; `outcome` is None while it is refused still."""

    id: int
    topic: str
    partition: int
    offset: int
    reason: str
    field: str
    source: str
    masked: bool
    appended_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    outcome: str | None


class Group(NamedTuple):
    """Refused records that have topic, source and reason in common."""

    topic: str
    source: str
    reason: str
    records: int
    unresolved: int
    oldest_at: datetime
    newest_at: datetime


async def list_groups(database_url: str, wanted: Wanted) -> list[Group]:
    """Count refused records by topic, source and reason, the most first. Raises UnavailableError."""
    condition, arguments = wanted.write_condition()
    query = f"""
        SELECT topic, source, reason, count(*), count(*) FILTER (WHERE resolved_at IS NULL), min(appended_at),
            max(appended_at)
        FROM refused WHERE {condition} GROUP BY topic, source, reason ORDER BY 5 DESC, 4 DESC, 1, 2, 3"""  # noqa: S608 - our own names
    async with open_snapshot(database_url) as connection:
        return [Group(*row) for row in await connection.fetch(query, *arguments)]


async def list_records(database_url: str, wanted: Wanted, limit: int) -> list[RefusedRecord]:
    """Return the newest refused records, the newest first. Raises UnavailableError."""
    condition, arguments = wanted.write_condition()
    query = f"SELECT {_COLUMNS} FROM refused WHERE {condition} ORDER BY id DESC LIMIT {limit:d}"  # noqa: S608 - see above
    async with open_snapshot(database_url) as connection:
        return [RefusedRecord(*row) for row in await connection.fetch(query, *arguments)]


async def list_ids(database_url: str, wanted: Wanted) -> list[int]:
    """Return the ids of refused records, oldest first. Raises UnavailableError."""
    condition, arguments = wanted.write_condition()
    async with open_snapshot(database_url) as connection:
        rows = await connection.fetch(f"SELECT id FROM refused WHERE {condition} ORDER BY id", *arguments)  # noqa: S608 - see above
        return [row["id"] for row in rows]


async def read_one(database_url: str, refused_id: int) -> tuple[RefusedRecord, list[tuple[str, str]]] | None:
    """Return a refused record and what may be seen of its fields, None where there is none. Raises UnavailableError."""
    query = f"SELECT {_COLUMNS}, key, value, header_names, header_values FROM refused WHERE id = $1"  # noqa: S608 - see above
    async with open_snapshot(database_url) as connection:
        row = await connection.fetchrow(query, refused_id)
    if row is None:
        return None
    key = "none" if row["key"] is None else f"{len(row['key']):,} bytes"
    names = (name.decode(errors="replace") for name in row["header_names"])
    headers = tuple(zip(names, row["header_values"], strict=True))
    shown = show_fields(KIND_BY_TOPIC[row["topic"]], row["value"], headers)
    return RefusedRecord(*tuple(row)[:-4]), [("key", key), *shown]


async def count_records(database_url: str, wanted: Wanted) -> int:
    """Count refused records. Raises UnavailableError."""
    condition, arguments = wanted.write_condition()
    async with open_snapshot(database_url) as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM refused WHERE {condition}", *arguments))  # noqa: S608 - see above


async def export(database_url: str, wanted: Wanted) -> AsyncIterator[str]:
    """Yield refused records as lines of JSON, oldest first, bytes in base64. Raises UnavailableError."""
    condition, arguments = wanted.write_condition()
    query = f"""SELECT {_COLUMNS}, key, value, header_names, header_values
        FROM refused WHERE {condition} ORDER BY id"""  # noqa: S608 - see above
    async with open_snapshot(database_url) as connection:
        async for row in connection.cursor(query, *arguments, prefetch=_ROWS_AT_ONCE):
            yield json.dumps({name: _write(value) for name, value in row.items()})


def _write(value: Any) -> Any:  # noqa: ANN401 - any value of the table
    """Return a value as JSON takes it."""
    match value:
        case bytes():
            return b64encode(value).decode()
        case list():
            return [b64encode(each).decode() for each in value]
        case datetime():
            return value.isoformat()
    return value
