"""What became of one event: counted, refused, a duplicate of what, or not seen. Shows no pseudonym and no raw value."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from models.calendar import day_of
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from operations.snapshot import open_snapshot

_NEWEST: Final = "SELECT topic, max(newest_at) AS newest_at FROM progress GROUP BY topic ORDER BY topic"
_DUPLICATES: Final = """
SELECT duplicate, topic, kafka_partition, kafka_offset, appended_at, business_key FROM duplicate
WHERE $1 IN (event_id, business_key) ORDER BY id"""
# What is refused is kept as it came, so an id can only be looked for in its bytes: in the value of structured mode,
# and in the headers of binary mode.
_REFUSED: Final = """
SELECT topic, kafka_partition, kafka_offset, appended_at, reason, field FROM refused
WHERE EXISTS (
    SELECT FROM unnest(header_values || value) AS kept (bytes), unnest($1::bytea[]) AS written (id)
    WHERE position(written.id IN kept.bytes) > 0)
ORDER BY id"""
_FACT_COLUMNS: Final = "event_id, occurred_at, kafka_partition, kafka_offset, appended_at"


class Place(NamedTuple):
    """Where a record is in Kafka, and when the broker appended it."""

    topic: str
    partition: int
    offset: int
    appended_at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """A fact in the ledger."""

    kind: Kind
    event_id: UUID
    place: Place
    day: date
    counted_by: dict[str, str]  # dimension -> value


@dataclass(frozen=True, slots=True)
class Repetition:
    """A record of a fact that was counted before; `of` is that fact."""

    duplicate: str
    place: Place
    of: Counted | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was refused; `field` is "" when the fault is in its bytes."""

    place: Place
    reason: str
    field: str


@dataclass(frozen=True, slots=True)
class Found:
    """Everything the ledger knows of one id.

    newest -- topic -> append time of the newest record counted, None when there is none: how far the ledger has seen
    """

    counted: tuple[Counted, ...]
    repetitions: tuple[Repetition, ...]
    refusals: tuple[Refusal, ...]
    newest: dict[str, datetime | None]

    @property
    def exit_code(self) -> int:
        """0 when the ledger knows the id, else 1."""
        return 0 if self.counted or self.repetitions or self.refusals else 1


async def find(database_url: str, wanted: UUID) -> Found:
    """Look for an event id or a business key in every table.

    Event ids have no index: one more random index would cost each event more than a search now and then, which reads
    the tables from end to end. Raises UnavailableError when Postgres is away.
    """
    async with open_snapshot(database_url) as connection:
        return Found(
            counted=tuple([fact for kind in KINDS for fact in await _find_facts(connection, kind, wanted)]),
            repetitions=tuple(await _find_repetitions(connection, wanted)),
            refusals=tuple(await _find_refusals(connection, wanted)),
            newest={row["topic"]: row["newest_at"] for row in await connection.fetch(_NEWEST)},
        )


async def _find_facts(connection: asyncpg.Connection, kind: Kind, wanted: UUID) -> list[Counted]:
    """Return the facts of a kind with this event id or business key."""
    rows = await connection.fetch(_select_facts(kind, f"$1 IN (event_id, {kind.business_key})"), wanted)
    return [_counted(kind, row) for row in rows]


async def _find_repetitions(connection: asyncpg.Connection, wanted: UUID) -> list[Repetition]:
    """Return the duplicates with this event id or business key, each with the fact that it repeats."""
    rows = await connection.fetch(_DUPLICATES, wanted)
    return [
        Repetition(row["duplicate"], _place(row["topic"], row), await _find_original(connection, row)) for row in rows
    ]


async def _find_original(connection: asyncpg.Connection, duplicate: Any) -> Counted | None:  # noqa: ANN401 - asyncpg is not typed
    """Return the fact that a duplicate repeats: the one with its business key."""
    kind = KIND_BY_TOPIC.get(duplicate["topic"])
    if kind is None:
        return None
    row = await connection.fetchrow(_select_facts(kind, f"{kind.business_key} = $1"), duplicate["business_key"])
    return None if row is None else _counted(kind, row)


async def _find_refusals(connection: asyncpg.Connection, wanted: UUID) -> list[Refusal]:
    """Return the refused records that hold the id as it is usually written, in lower or in upper case."""
    written = [str(wanted).encode(), str(wanted).upper().encode()]
    rows = await connection.fetch(_REFUSED, written)
    return [Refusal(_place(row["topic"], row), row["reason"], row["field"]) for row in rows]


def _select_facts(kind: Kind, condition: str) -> str:
    """Write the statement that reads facts of a kind; every name is from the catalogue."""
    return f"SELECT {_FACT_COLUMNS}, {', '.join(kind.counted)} FROM {kind.table} WHERE {condition}"  # noqa: S608 - see above


def _counted(kind: Kind, row: Any) -> Counted:  # noqa: ANN401 - asyncpg is not typed
    counted_by = {name: str(row[name]) for name in kind.counted}
    return Counted(kind, row["event_id"], _place(kind.topic, row), day_of(row["occurred_at"]), counted_by)


def _place(topic: str, row: Any) -> Place:  # noqa: ANN401 - asyncpg is not typed
    return Place(topic, row["kafka_partition"], row["kafka_offset"], row["appended_at"])
