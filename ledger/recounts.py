"""The outcome of a recount is recorded, so that what is known to differ is told until it is mended."""

from typing import Final, NamedTuple

import asyncpg

_RECORD: Final = "INSERT INTO recount (recounted_by, facts, cells, drifts) VALUES ($1, $2, $3, $4)"


class Counts(NamedTuple):
    """How much was counted again, and in how many cells something differed."""

    facts: int
    cells: int


async def record_recount(connection: asyncpg.Connection, by: str, counts: Counts, drifts: str) -> None:
    """Record an outcome.

    by -- who counted again
    drifts -- the first of what differed, as JSON
    """
    await connection.execute(_RECORD, by, *counts, drifts)
