"""Pauses: topics that a person lets rest, and the audited word to pause one and to resume it."""

from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from operations.writer import open_writer

_READ: Final = "SELECT topic, paused_at, paused_by, why FROM pause WHERE resumed_at IS NULL ORDER BY topic"
_PAUSE: Final = "INSERT INTO pause (topic, paused_by, why) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_RESUME: Final = "UPDATE pause SET resumed_at = now(), resumed_by = $2 WHERE topic = $1 AND resumed_at IS NULL"


class Pause(NamedTuple):
    """A topic of which nothing is recorded at present."""

    topic: str
    paused_at: datetime
    paused_by: str
    why: str


async def fetch_pauses(connection: asyncpg.Connection) -> list[Pause]:
    """Return the topics that are paused."""
    return [Pause(*row) for row in await connection.fetch(_READ)]


async def pause(database_url: str, topic: str, signed: tuple[str, str]) -> bool:
    """Pause a topic; False when it is paused already. Raises UnavailableError.

    signed -- who says so, and why
    """
    async with open_writer(database_url) as connection:
        return str(await connection.execute(_PAUSE, topic, *signed)) == "INSERT 0 1"


async def resume(database_url: str, topic: str, by: str) -> bool:
    """Let a topic go on; False when it is not paused. Raises UnavailableError."""
    async with open_writer(database_url) as connection:
        return str(await connection.execute(_RESUME, topic, by)) == "UPDATE 1"
