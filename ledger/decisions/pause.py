"""A topic is paused or resumed: the audited word of a person."""

from typing import Final

from ledger.decisions.writer import open_writer

_PAUSE: Final = "INSERT INTO pause (topic, paused_by, why) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_RESUME: Final = "UPDATE pause SET resumed_at = now(), resumed_by = $2 WHERE topic = $1 AND resumed_at IS NULL"


async def pause_topic(database_url: str, topic: str, signed: tuple[str, str]) -> bool:
    """Pause a topic; False when it is paused already. Raises UnavailableError.

    signed -- who says so, and why
    """
    async with open_writer(database_url) as connection:
        return str(await connection.execute(_PAUSE, topic, *signed)) == "INSERT 0 1"


async def resume_topic(database_url: str, topic: str, by: str) -> bool:
    """Let a topic go on; False when it is not paused. Raises UnavailableError."""
    async with open_writer(database_url) as connection:
        return str(await connection.execute(_RESUME, topic, by)) == "UPDATE 1"
