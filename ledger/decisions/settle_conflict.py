"""Conflicts: two records of one business key that say different things, and a person's word which of them is right."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import asyncpg
from aiokafka import TopicPartition

from ledger.corrections import begin_epoch, change_tallies, restate_days
from models.calendar import day_of, in_utc
from models.catalogue import KIND_BY_TOPIC, Kind
from models.tally import Cell, count

_LOCK: Final = """
SELECT topic, business_key, content, resolution FROM duplicate WHERE id = $1 AND duplicate = 'conflict' FOR UPDATE"""
_RESOLVE: Final = """
UPDATE duplicate SET resolved_at = now(), resolved_by = $2, why = $3, resolution = $4, replaced = $5 WHERE id = $1"""

Content = Mapping[str, Any]


class Resolution(StrEnum):
    """Which of the two records is right."""

    FIRST_STANDS = "first_stands"  # what was counted stays
    LATER_TAKEN = "later_taken"  # the record that came later is counted in its place


class NotResolvedError(Exception):
    """The conflict cannot be resolved so; the message says why."""


async def resolve(
    connection: asyncpg.Connection, conflict_id: int, resolution: Resolution, signed: tuple[str, str]
) -> None:
    """Resolve a conflict by a person's word, in one transaction.

    signed -- who says so, and why
    The fact keeps its event id and the place of its record; where the later record is taken, it says what that one
    does, and what it said before is kept beside the conflict. Raises NotResolvedError when no such conflict is open.
    """
    async with connection.transaction():
        row = await connection.fetchrow(_LOCK, conflict_id)
        if row is None or row["resolution"]:
            what = f"was resolved before: {row['resolution']}" if row else "does not exist"
            raise NotResolvedError(f"conflict {conflict_id} {what}; `onboarding conflicts list` shows the open ones")
        replaced = await _take(connection, row, signed) if resolution is Resolution.LATER_TAKEN else None
        by, why = signed
        await connection.execute(_RESOLVE, conflict_id, by, why, resolution, replaced)


async def _take(connection: asyncpg.Connection, conflict: Any, signed: tuple[str, str]) -> str:  # noqa: ANN401 - asyncpg is not typed
    """Let the ledger say what the later record does, and move the counts; return what it said before."""
    kind, key = KIND_BY_TOPIC[conflict["topic"]], conflict["business_key"]
    why = f"a conflict was resolved: {signed[1]}"
    await begin_epoch(connection, why, signed[0])
    before = await connection.fetchrow(_select(kind), key)
    later = _read(json.loads(conflict["content"]))
    await connection.execute(_update(kind), key, *(later[name] for name in _names(kind)))
    cells = _count(kind, later)
    cells.subtract(_count(kind, before))
    await change_tallies(connection, TopicPartition(kind.topic, before["kafka_partition"]), cells)
    await restate_days(connection, why)
    return json.dumps({name: _write(before[name]) for name in _names(kind)})


def _names(kind: Kind) -> tuple[str, ...]:
    """Return the columns that say something of a fact."""
    return ("subject", "occurred_at", *kind.counted, *kind.details)


def _select(kind: Kind) -> str:
    columns = ", ".join(("kafka_partition", *_names(kind)))
    return f"SELECT {columns} FROM {kind.table} WHERE {kind.business_key} = $1 FOR UPDATE"  # noqa: S608 - our own names


def _update(kind: Kind) -> str:
    columns = ", ".join(f"{name} = ${number}" for number, name in enumerate(_names(kind), 2))
    return f"UPDATE {kind.table} SET {columns} WHERE {kind.business_key} = $1"  # noqa: S608 - our own names


def _count(kind: Kind, content: Any) -> Counter[Cell]:  # noqa: ANN401 - a row or a mapping
    """Return what a fact is counted under."""
    counted = (day_of(content["occurred_at"]), *(content[name] for name in kind.counted))
    return count(kind, {counted: 1})


def _read(written: dict[str, Any]) -> Content:
    """Return content as the ledger keeps it, from the JSON that a conflict is kept in."""
    moment = in_utc(datetime.fromisoformat(written["occurred_at"]))
    return {**written, "subject": bytes.fromhex(written["subject"]), "occurred_at": moment}


def _write(value: Any) -> Any:  # noqa: ANN401 - any value of a ledger table
    """Return a value as JSON takes it."""
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else value
