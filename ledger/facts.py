"""The ledger tables: puts the facts of one kind in, and tells which of them were there before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from models.catalogue import KINDS, Kind
from models.decoding.row import Row, columns_of, content_of, described_by, event_id_of, key_of
from models.outcomes import Duplicate

Known = Mapping[str, tuple[str, Row]]


@dataclass(frozen=True, slots=True)
class _Table:
    """The ledger table of one kind: its columns in the order of a row, and the statement that finds facts in it."""

    name: str
    columns: tuple[str, ...]
    select: str


def _describe(kind: Kind) -> _Table:
    select = f"SELECT {', '.join(described_by(kind))} FROM {kind.table} WHERE {kind.business_key} = ANY($1)"
    return _Table(kind.table, columns_of(kind), select)


_TABLES: Final = {kind.name: _describe(kind) for kind in KINDS}


async def record_facts(connection: asyncpg.Connection, kind: Kind, rows: Sequence[Row]) -> dict[int, Duplicate]:
    """Put the facts of one kind in that are new; return the positions in `rows` of those that are not.

    Raises asyncpg.UniqueViolationError when another transaction has put one of them in meanwhile: in a new transaction
    it is found.
    """
    if not rows:
        return {}
    # From the last to the first: of the rows with one key the first stays.
    first = {key_of(row): row for row in reversed(rows)}
    known = await _find_known(connection, kind, first)
    # Every writer puts its facts in in the order of their keys, so that none waits for another in a circle.
    new = sorted(first.keys() - known.keys() if known else first)
    await _insert(connection, kind, [first[key] for key in new])
    return {} if len(new) == len(rows) else dict(_find_duplicates(rows, first, known))


async def _find_known(connection: asyncpg.Connection, kind: Kind, keys: Iterable[str]) -> Known:
    """Return event id and content of the facts that are in the ledger, by business key."""
    rows = await connection.fetch(_TABLES[kind.name].select, list(keys))
    return {str(key): (str(event_id), tuple(content)) for key, event_id, *content in rows}


async def _insert(connection: asyncpg.Connection, kind: Kind, rows: Sequence[Row]) -> None:
    """Insert rows."""
    table = _TABLES[kind.name]
    await connection.copy_records_to_table(table.name, records=rows, columns=table.columns)


def _find_duplicates(rows: Sequence[Row], first: Mapping[str, Row], known: Known) -> Iterator[tuple[int, Duplicate]]:
    """Compare each fact that is no new one with the one that holds its business key."""
    for position, row in enumerate(rows):
        key = key_of(row)
        holder = first[key]
        if key in known:
            yield position, _compare(row, *known[key])
        elif holder is not row:
            yield position, _compare(row, event_id_of(holder), content_of(holder))


def _compare(row: Row, event_id: str, content: Row) -> Duplicate:
    if content_of(row) != content:
        return Duplicate.CONFLICT
    return Duplicate.RETRY if event_id_of(row) == event_id else Duplicate.REPEAT
