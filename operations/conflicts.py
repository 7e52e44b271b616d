"""Conflicts: records of one business key that say different things, side by side with the fact that was counted."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from models.calendar import VIETNAM, day_of
from models.catalogue import KIND_BY_TOPIC, Kind
from models.redaction import shape_of
from operations.snapshot import open_snapshot

_COLUMNS: Final = """id, topic, kafka_partition, kafka_offset, business_key, event_id, appended_at,
    resolved_at, resolved_by, why, resolution"""
_LIST: Final = f"""
SELECT {_COLUMNS} FROM duplicate
WHERE duplicate = 'conflict' AND ($1 OR resolved_at IS NULL) ORDER BY id DESC LIMIT $2"""  # noqa: S608 - our own names
_READ: Final = f"""
SELECT {_COLUMNS}, content, replaced FROM duplicate WHERE duplicate = 'conflict' AND id = $1"""  # noqa: S608 - our own names


class Conflict(NamedTuple):
    """A record that says something else than the fact of its business key; the last four are None while it is open."""

    id: int
    topic: str
    partition: int
    offset: int
    business_key: UUID
    event_id: UUID
    appended_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    why: str | None
    resolution: str | None


class Line(NamedTuple):
    """One field of both records, as it may be shown."""

    name: str
    first: str
    later: str
    same: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A conflict beside the fact that was counted before it.

    first_event_id, first_place, first_appended_at -- of the record that was counted
    """

    conflict: Conflict
    lines: list[Line]
    first_event_id: UUID
    first_place: str
    first_appended_at: datetime


async def list_conflicts(database_url: str, limit: int, *, resolved: bool) -> list[Conflict]:
    """Return the newest conflicts, the newest first; with the resolved ones if wanted. Raises UnavailableError."""
    async with open_snapshot(database_url) as connection:
        return [Conflict(*row) for row in await connection.fetch(_LIST, resolved, limit)]


async def read_conflict(database_url: str, conflict_id: int) -> SideBySide | None:
    """Return a conflict beside its fact, None where there is no such conflict. Raises UnavailableError."""
    async with open_snapshot(database_url) as connection:
        row = await connection.fetchrow(_READ, conflict_id)
        if row is None:
            return None
        conflict, kind = Conflict(*tuple(row)[:-2]), KIND_BY_TOPIC[row["topic"]]
        query = f"SELECT * FROM {kind.table} WHERE {kind.business_key} = $1"  # noqa: S608 - our own names
        fact = await connection.fetchrow(query, row["business_key"])
    first = json.loads(row["replaced"]) if row["replaced"] else _describe(kind, fact)
    return SideBySide(
        conflict,
        list(_compare(kind, first, json.loads(row["content"]))),
        fact["event_id"],
        f"{kind.topic}/{fact['kafka_partition']} offset {fact['kafka_offset']}",
        fact["appended_at"],
    )


def _describe(kind: Kind, fact: Any) -> Mapping[str, Any]:  # noqa: ANN401 - asyncpg is not typed
    """Return what a fact says, as it is written of a conflict."""
    named = {name: fact[name] for name in (*kind.counted, *kind.details)}
    return {"subject": fact["subject"].hex(), "occurred_at": fact["occurred_at"].isoformat(), **named}


def _compare(kind: Kind, first: Mapping[str, Any], later: Mapping[str, Any]) -> Iterator[Line]:
    """Yield every field; of the citizen only whether it is the same one, of free texts the shape."""
    same = first["subject"] == later["subject"]
    yield Line("citizen", "a citizen", "the same" if same else "another one", same)
    moments = [datetime.fromisoformat(each["occurred_at"]).astimezone(VIETNAM) for each in (first, later)]
    times = [f"{each:%Y-%m-%d %H:%M:%S.%f}" for each in moments]
    yield Line("time (Vietnam)", times[0], times[1], times[0] == times[1])
    days = [str(day_of(each)) for each in moments]
    yield Line("counts on", days[0], days[1], days[0] == days[1])
    for name in kind.counted:
        yield Line(name, str(first[name]), str(later[name]), first[name] == later[name])
    for name in kind.details:
        shown = ["none" if each[name] is None else shape_of(each[name]) for each in (first, later)]
        yield Line(name, shown[0], shown[1], first[name] == later[name])
