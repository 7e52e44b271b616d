"""How long it took from a citizen's identity record to the activation of the account, by day of activation."""

from typing import Final

import asyncpg

# Of every closed day that has no row yet. An account of a citizen without an earlier record is in none: the record is
# of the years before the stream, or is not published here. DISTINCT ON: of several records, the first. The join reads
# both tables once; it needs no index, and is done only when a day was closed.
_RECORD_WAITS: Final = """
INSERT INTO activation_wait (day, accounts, median_seconds, ninetieth_seconds)
SELECT day, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds)
FROM (
    SELECT DISTINCT ON (activated.account) activated.day,
        extract(epoch FROM activated.occurred_at - received.occurred_at)::double precision AS seconds
    FROM (
        SELECT account, subject, occurred_at, (occurred_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day
        FROM account_activated
    ) AS activated
    JOIN closed_day ON closed_day.topic = $1 AND closed_day.day = activated.day
    JOIN identity_record_received AS received
        ON received.subject = activated.subject AND received.occurred_at <= activated.occurred_at
    WHERE NOT EXISTS (SELECT FROM activation_wait WHERE activation_wait.day = activated.day)
    ORDER BY activated.account, received.occurred_at
) AS waited
GROUP BY day
ON CONFLICT DO NOTHING"""


async def record_waits(connection: asyncpg.Connection, topic: str) -> None:
    """Record the waits of the closed days that have none yet.

    topic -- that of the activations, whose days are closed
    """
    await connection.execute(_RECORD_WAITS, topic)
