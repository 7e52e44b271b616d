"""Corrections of what was counted: each begins an epoch, for a number may go down by it."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import asyncpg
from aiokafka import TopicPartition

from ledger import statements
from ledger.identity import LOCK_EPOCHS
from models.tally import Cell

# In the order in which every writer takes its locks.
_LOCK_PROGRESS: Final = "SELECT FROM progress ORDER BY topic, kafka_partition FOR UPDATE"
_NEXT_EPOCH: Final = """
INSERT INTO ledger_epoch (epoch, why, begun_by, incarnation, server_started_at, storage)
SELECT greatest(epoch + 1, extract(epoch FROM clock_timestamp())::bigint), $1, $2, incarnation, server_started_at,
    storage
FROM ledger_epoch ORDER BY epoch DESC LIMIT 1
RETURNING epoch"""
_EPOCH: Final = "SELECT max(epoch) FROM ledger_epoch"
_ENTER_EPOCH: Final = "UPDATE progress SET epoch = $1, revision = revision + 1"
# A row that would begin below zero is refused before it is found that there is one already.
_LOWER_TALLIES: Final = """
UPDATE tally SET facts = tally.facts - lowered.facts
FROM unnest($1::text[], $2::int[], $3::date[], $4::text[], $5::text[], $6::bigint[])
    AS lowered (topic, kafka_partition, day, dimension, value, facts)
WHERE (tally.topic, tally.kafka_partition, tally.day, tally.dimension, tally.value)
    = (lowered.topic, lowered.kafka_partition, lowered.day, lowered.dimension, lowered.value)"""


# A day's restatements and what it was closed with are its number of today.
_RESTATE_DAYS: Final = """
INSERT INTO restatement AS held (topic, day, restated_on, why, kafka_partition, facts)
SELECT topic, day, (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, $1, 0, counted.facts - closed_day.facts - told.facts
FROM closed_day, LATERAL (
    SELECT coalesce(sum(tally.facts), 0) AS facts FROM tally
    WHERE tally.topic = closed_day.topic AND tally.day = closed_day.day AND tally.dimension = 'all'
) AS counted, LATERAL (
    SELECT coalesce(sum(restatement.facts), 0) AS facts FROM restatement
    WHERE restatement.topic = closed_day.topic AND restatement.day = closed_day.day
) AS told
WHERE counted.facts <> closed_day.facts + told.facts
ON CONFLICT (topic, day, restated_on, why, kafka_partition) DO UPDATE
SET facts = held.facts + excluded.facts, last_at = now()"""

# By source partition, what its tallies lack; less than zero where they hold too much.
Changes = Mapping[TopicPartition, Counter[Cell]]


async def begin_epoch(connection: asyncpg.Connection, why: str, by: str) -> None:
    """Begin an epoch inside the caller's transaction; nothing is recorded until that has ended.

    Whoever owns a source partition finds another version than his own, and announces its page as Postgres has it. A
    total over two epochs is never shown: the last one stays until every page of the new one has come.
    """
    await connection.execute(LOCK_EPOCHS)
    await connection.execute(_LOCK_PROGRESS)
    await connection.execute(_ENTER_EPOCH, await connection.fetchval(_NEXT_EPOCH, why, by))


async def change_tallies(connection: asyncpg.Connection, source: TopicPartition, cells: Counter[Cell]) -> None:
    """Add to the tallies of a source partition, or take away, inside the transaction of an epoch that was begun."""
    raised = sorted((*source, *cell, facts) for cell, facts in cells.items() if facts > 0)
    lowered = sorted((*source, *cell, -facts) for cell, facts in cells.items() if facts < 0)
    for statement, rows in ((statements.ADD_TALLIES, raised), (_LOWER_TALLIES, lowered)):
        if rows:
            await connection.execute(statement, *zip(*rows, strict=True))


async def restate_days(connection: asyncpg.Connection, why: str) -> None:
    """Tell what closed days count now beside what is told of them, inside the transaction of a correction."""
    await connection.execute(_RESTATE_DAYS, why)


async def rebuild(connection: asyncpg.Connection, epoch: int, changes: Changes, signed: tuple[str, str]) -> bool:
    """Make the tallies those of the ledger again, in one transaction; False, with nothing done, in another epoch.

    epoch -- in which the changes were read: what is recorded since adds to ledger and tallies alike, and another
        correction may have done the same already
    signed -- who says so, and why
    """
    by, why = signed
    async with connection.transaction():
        await connection.execute(LOCK_EPOCHS)
        if await connection.fetchval(_EPOCH) != epoch:
            return False
        why = f"the tallies were rebuilt: {why}"
        await begin_epoch(connection, why, by)
        for source in sorted(changes):
            await change_tallies(connection, source, changes[source])
        await restate_days(connection, why)
        return True
