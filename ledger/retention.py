"""Room for refused records: what was resolved long ago goes, over the budget the oldest; what is unresolved never."""

from typing import Final, NamedTuple

import asyncpg

# What is not published yet is still to be read.
_GONE: Final = "resolved_at IS NOT NULL AND published_at IS NOT NULL"
_EXPIRE: Final = f"DELETE FROM refused WHERE {_GONE} AND resolved_at < now() - make_interval(secs => $1)"  # noqa: S608 - our own names
_SHRINK: Final = f"""
DELETE FROM refused USING (
    SELECT id, sum(kept_bytes) OVER (ORDER BY resolved_at, id) - kept_bytes AS freed_before FROM refused WHERE {_GONE}
) AS oldest WHERE refused.id = oldest.id AND freed_before < $1"""  # noqa: S608 - our own names
_MEASURE: Final = """
SELECT coalesce(sum(kept_bytes), 0)::bigint, coalesce(sum(kept_bytes) FILTER (WHERE resolved_at IS NULL), 0)::bigint,
    count(*) FILTER (WHERE resolved_at IS NULL)
FROM refused"""


class Room(NamedTuple):
    """What refused records may take.

    seconds_max -- how long one is kept after it was resolved
    bytes_max -- what all of them may hold in keys, values and headers
    """

    seconds_max: float
    bytes_max: int


class Kept(NamedTuple):
    """What is kept of refused records, in bytes of keys, values and headers; the unresolved are a part of all."""

    all_bytes: int
    unresolved_bytes: int
    unresolved: int


async def make_room(connection: asyncpg.Connection, room: Room) -> Kept:
    """Remove what is resolved and too old or too much, the oldest first; return what is kept then."""
    await connection.execute(_EXPIRE, room.seconds_max)
    kept = Kept(*await connection.fetchrow(_MEASURE))
    if kept.all_bytes > room.bytes_max:
        await connection.execute(_SHRINK, kept.all_bytes - room.bytes_max)
        kept = Kept(*await connection.fetchrow(_MEASURE))
    return kept
