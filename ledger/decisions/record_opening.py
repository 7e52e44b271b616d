"""Opening balances: what the systems had counted before this stream began, by a person's word."""

from typing import Final

import asyncpg

from ledger.corrections import begin_epoch
from models.tally import Opening

_SUPERSEDE: Final = """
UPDATE opening_balance SET superseded_at = now(), superseded_by = $2 WHERE topic = $1 AND superseded_at IS NULL"""
_INSERT: Final = """
INSERT INTO opening_balance (topic, as_of, figures, source, recorded_by) VALUES ($1, $2, $3, $4, $5)"""


async def record_opening(connection: asyncpg.Connection, topic: str, opening: Opening, signed: tuple[str, str]) -> None:
    """Record the opening balance of a topic in the place of an earlier one, in one transaction that begins an epoch.

    signed -- who records it, and where the figure is from
    """
    by, source = signed
    async with connection.transaction():
        await begin_epoch(connection, f"an opening balance of {topic} as of {opening.as_of}: {source}", by)
        await connection.execute(_SUPERSEDE, topic, by)
        figures = opening.model_dump_json(include={"facts"})
        await connection.execute(_INSERT, topic, opening.as_of, figures, source, by)


async def remove_opening(connection: asyncpg.Connection, topic: str, signed: tuple[str, str]) -> bool:
    """Take the opening balance of a topic back, in a transaction that begins an epoch; False where there is none.

    signed -- who takes it back, and why
    """
    by, why = signed
    async with connection.transaction():
        removed = str(await connection.execute(_SUPERSEDE, topic, by)) == "UPDATE 1"
        if removed:
            await begin_epoch(connection, f"the opening balance of {topic} was taken back: {why}", by)
        return removed
