"""The ledger tables: puts the facts of one kind in, and tells which of them were there before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from consumers.batch import Entry
from models.catalogue import KINDS, Kind
from models.codec import Accepted
from models.outcomes import Duplicate

_CONTENT_COLUMNS: Final = ("subject", "occurred_at", "source")
_PLACE_COLUMNS: Final = ("kafka_partition", "kafka_offset", "appended_at")

Known = Mapping[str, tuple[str, tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class _Table:
    """The ledger table of one kind: its columns in the order of a row, and the statement that finds facts in it."""

    name: str
    columns: tuple[str, ...]
    select: str


def _describe(kind: Kind) -> _Table:
    content = (*_CONTENT_COLUMNS, *kind.dimensions, *kind.details)
    columns = (kind.business_key, "event_id", *content)
    select = f"SELECT {', '.join(columns)} FROM {kind.table} WHERE {kind.business_key} = ANY($1)"
    return _Table(kind.table, (*columns, *_PLACE_COLUMNS), select)


_TABLES: Final = {kind.name: _describe(kind) for kind in KINDS}


async def record_facts(
    connection: asyncpg.Connection, kind: Kind, entries: Sequence[Entry[Accepted]]
) -> dict[int, Duplicate]:
    """Put the facts of one kind in that are new; return the positions in `entries` of those that are not.

    Raises asyncpg.UniqueViolationError when another transaction has put one of them in meanwhile: in a new transaction
    it is found.
    """
    if not entries:
        return {}
    first: dict[str, int] = {}
    for position, entry in enumerate(entries):
        first.setdefault(entry.outcome.key, position)
    known = await _find_known(connection, kind, first)
    # Every writer puts its facts in in the order of their keys, so that none waits for another in a circle.
    new = sorted(first.keys() - known.keys() if known else first)
    await _insert(connection, kind, [entries[first[key]] for key in new])
    if len(new) == len(entries):
        return {}
    return dict(_find_duplicates([entry.outcome for entry in entries], first, known))


async def _find_known(connection: asyncpg.Connection, kind: Kind, keys: Mapping[str, int]) -> Known:
    """Return event id and content of the facts that are in the ledger, by business key."""
    rows = await connection.fetch(_TABLES[kind.name].select, list(keys))
    return {str(row[0]): (str(row[1]), tuple(row)[2:]) for row in rows}


async def _insert(connection: asyncpg.Connection, kind: Kind, entries: Sequence[Entry[Accepted]]) -> None:
    """Insert one row an entry."""
    table = _TABLES[kind.name]
    rows = [
        (fact.key, fact.event_id, *fact.content, record.partition, record.offset, appended_at)
        for record, appended_at, fact in entries
    ]
    await connection.copy_records_to_table(table.name, records=rows, columns=table.columns)


def _find_duplicates(
    facts: Sequence[Accepted], first: Mapping[str, int], known: Known
) -> Iterator[tuple[int, Duplicate]]:
    """Compare each fact that is no new one with the one that holds its business key."""
    for position, fact in enumerate(facts):
        if fact.key in known:
            yield position, _compare(fact, *known[fact.key])
        elif first[fact.key] != position:
            holder = facts[first[fact.key]]
            yield position, _compare(fact, holder.event_id, holder.content)


def _compare(fact: Accepted, event_id: str, content: tuple[Any, ...]) -> Duplicate:
    if fact.content != content:
        return Duplicate.CONFLICT
    return Duplicate.RETRY if fact.event_id == event_id else Duplicate.REPEAT
