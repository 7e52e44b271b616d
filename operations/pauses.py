"""Pauses: topics that a person lets rest."""

from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

_READ: Final = "SELECT topic, paused_at, paused_by, why FROM pause WHERE resumed_at IS NULL ORDER BY topic"


class Pause(NamedTuple):
    """A topic of which nothing is recorded at present."""

    topic: str
    paused_at: datetime
    paused_by: str
    why: str


async def fetch_pauses(connection: asyncpg.Connection) -> list[Pause]:
    """Return the topics that are paused."""
    return [Pause(*row) for row in await connection.fetch(_READ)]
