"""Closes days: what is counted of them then is final, and every later change is told as a restatement."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import asyncpg
from aiokafka import TopicPartition

_STANDS: Final = """
SELECT kafka_partition, next_offset FROM progress WHERE topic = $1 ORDER BY kafka_partition FOR UPDATE"""
# From the first day that anything is known of: one without any event is closed as well, at 0.
_CLOSE: Final = """
INSERT INTO closed_day (topic, day, facts)
SELECT $1, past.day::date, coalesce(sum(tally.facts), 0)
FROM generate_series((SELECT min(day) FROM tally WHERE topic = $1), $2::date, interval '1 day') AS past (day)
LEFT JOIN tally ON tally.topic = $1 AND tally.dimension = 'all' AND tally.day = past.day::date
GROUP BY past.day
ON CONFLICT DO NOTHING"""


async def close_days(
    connection: asyncpg.Connection, topic: str, last: date, ends: Mapping[TopicPartition, int]
) -> int | None:
    """Close every day of a topic up to `last` that is open, and return how many; None when records still wait.

    ends -- up to where each log of the topic held records when that was asked: all of them must be recorded
    Nothing is recorded of the topic meanwhile, so what comes next finds the day closed.
    """
    async with connection.transaction():
        stands = {TopicPartition(topic, row[0]): row[1] for row in await connection.fetch(_STANDS, topic)}
        if any(stands.get(source, 0) < end for source, end in ends.items()):
            return None
        status = await connection.execute(_CLOSE, topic, last)
        return int(status.rsplit(" ", 1)[1])
