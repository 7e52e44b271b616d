"""Gaps: where logs did not go on from where recording stood, and who accepted that."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from operations.snapshot import open_snapshot

_COLUMNS: Final = """topic, kafka_partition, kind, next_offset, log_start, log_end, found_at, accepted_at, accepted_by,
    why, resumed_offset, flaw, detail"""
_READ: Final = f"SELECT {_COLUMNS} FROM gap ORDER BY id"  # noqa: S608 - our own names


class RecordedGap(NamedTuple):
    """A gap as it was found, and who accepted it when and why; None while it is open."""

    topic: str
    partition: int
    kind: str  # of models.gap_kinds.Break
    next_offset: int
    log_start: int
    log_end: int
    found_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None
    why: str | None
    resumed_offset: int | None
    flaw: str | None  # of models.gap_kinds.Flaw; None unless a batch cannot be read
    detail: str


async def read_gaps(database_url: str) -> list[RecordedGap]:
    """Return every gap that was ever found, oldest first. Raises UnavailableError when Postgres is away."""
    async with open_snapshot(database_url) as connection:
        return [RecordedGap(*row) for row in await connection.fetch(_READ)]


def open_gaps(gaps: Sequence[RecordedGap]) -> list[RecordedGap]:
    """Return those that nobody has accepted."""
    return [gap for gap in gaps if gap.accepted_at is None]
