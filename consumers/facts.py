"""The ledger tables: puts the facts of one kind in, and tells which of them were there before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args
from uuid import UUID

import asyncpg

from consumers.batch import Entry
from models.catalogue import KINDS, Kind
from models.codec import Accepted
from models.outcomes import Duplicate

_EVERY_COLUMN: Final = {
    "event_id": "uuid",
    "subject": "bytea",
    "occurred_at": "timestamptz",
    "source": "text",
}
_PLACE_COLUMNS: Final = {"kafka_partition": "smallint", "kafka_offset": "bigint", "appended_at": "timestamptz"}


@dataclass(frozen=True, slots=True)
class Statements:
    """The two statements of one kind, written once from its catalogue row."""

    insert: str
    select: str


def _write_statements(kind: Kind) -> Statements:
    own = {name: _sql_type(kind, name) for name in (*kind.dimensions, *kind.details)}
    columns = {kind.business_key: "uuid", **_EVERY_COLUMN, **own, **_PLACE_COLUMNS}
    arrays = ", ".join(f"${number}::{sql_type}[]" for number, sql_type in enumerate(columns.values(), 1))
    content = ", ".join(("event_id", "subject", "occurred_at", "source", *own))
    key, names = kind.business_key, ", ".join(columns)
    return Statements(
        insert=f"INSERT INTO {kind.table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING",
        select=f"""SELECT {key}, xmin = pg_current_xact_id()::xid AS taken, {content}
            FROM {kind.table} WHERE {key} = ANY($1)""",
    )


def _sql_type(kind: Kind, name: str) -> str:
    """Return the column type of a field of an event's data: level is a number, everything else a text."""
    annotation = kind.event.model_fields["data"].annotation
    field = annotation.model_fields[name].annotation  # type: ignore[union-attr]  # data is always a model in the catalogue
    return "smallint" if field is int or int in get_args(field) else "text"


_STATEMENTS: Final = {kind.name: _write_statements(kind) for kind in KINDS}


async def record_facts(
    connection: asyncpg.Connection, kind: Kind, entries: Sequence[Entry[Accepted]]
) -> dict[int, Duplicate]:
    """Insert the facts of one kind in key order; return the positions in `entries` of those that were no new fact."""
    if not entries:
        return {}
    first: dict[UUID, int] = {}
    for position, entry in enumerate(entries):
        first.setdefault(entry.outcome.key, position)
    ordered = sorted((entries[position] for position in first.values()), key=lambda entry: entry.outcome.key.bytes)
    inserted = await _insert(connection, kind, ordered)
    if inserted == len(entries):
        return {}
    stored = await _select_older(connection, kind, list(first)) if inserted < len(first) else {}
    return dict(_find_duplicates([entry.outcome for entry in entries], first, stored))


async def _insert(connection: asyncpg.Connection, kind: Kind, entries: Sequence[Entry[Accepted]]) -> int:
    """Insert one row an entry and return how many were new."""
    rows = (
        (fact.key, fact.event_id, *fact.content, record.partition, record.offset, appended_at)
        for record, appended_at, fact in entries
    )
    status = await connection.execute(_STATEMENTS[kind.name].insert, *zip(*rows, strict=True))
    return int(status.rsplit(" ", 1)[1])


async def _select_older(
    connection: asyncpg.Connection, kind: Kind, keys: Sequence[UUID]
) -> dict[UUID, tuple[UUID, tuple[Any, ...]]]:
    """Return event id and content of the rows that were there before this transaction.

    A statement of its own: in the insert's own snapshot a row committed meanwhile would be invisible.
    """
    rows = await connection.fetch(_STATEMENTS[kind.name].select, keys)
    return {row[0]: (row[2], tuple(row)[3:]) for row in rows if not row["taken"]}


def _find_duplicates(
    facts: Sequence[Accepted], first: dict[UUID, int], stored: dict[UUID, tuple[UUID, tuple[Any, ...]]]
) -> Iterator[tuple[int, Duplicate]]:
    """Compare each fact that is no new one with the one that holds its business key."""
    for position, fact in enumerate(facts):
        if fact.key in stored:
            yield position, _compare(fact, *stored[fact.key])
        elif first[fact.key] != position:
            holder = facts[first[fact.key]]
            yield position, _compare(fact, holder.event_id, holder.content)


def _compare(fact: Accepted, event_id: UUID, content: tuple[Any, ...]) -> Duplicate:
    if fact.content != content:
        return Duplicate.CONFLICT
    return Duplicate.RETRY if fact.event_id == event_id else Duplicate.REPEAT
