"""How long it took from a citizen's identity record to the activation of the account, by day of activation."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import asyncpg

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS

# 30 days at a time: each time both tables are read once, without an index, which is most of the work (ADR 0021).
DAYS_MAX: Final = 30
# What is final of both kinds, so that no record of a day is still on its way. Newest first: these are looked at most.
_DUE: Final = """
SELECT day FROM closed_day
WHERE topic IN ($1, $2) AND NOT EXISTS (SELECT FROM activation_wait WHERE activation_wait.day = closed_day.day)
GROUP BY day HAVING count(*) = 2
ORDER BY day DESC LIMIT $3"""
# An account of a citizen without an earlier record is in none: the record is of the years before the stream, or is not
# published here. Of several records, the first. A day without any such account has a row, too: it is done.
_RECORD: Final = """
INSERT INTO activation_wait (day, accounts, median_seconds, ninetieth_seconds)
SELECT day, count(seconds), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds)
FROM unnest($1::date[]) AS due (day)
LEFT JOIN (
    SELECT (activated.occurred_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
        extract(epoch FROM activated.occurred_at - min(received.occurred_at))::double precision AS seconds
    FROM account_activated AS activated
    JOIN identity_record_received AS received
        ON received.subject = activated.subject AND received.occurred_at <= activated.occurred_at
    WHERE (activated.occurred_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = ANY ($1)
    GROUP BY activated.account
) AS waited USING (day)
GROUP BY day
ON CONFLICT DO NOTHING"""


async def record_waits(connection: asyncpg.Connection) -> Sequence[date]:
    """Record the waits of the newest closed days that have none yet; return these days, none when all have theirs.

    It locks nothing that another process writes. Cut off, it has recorded nothing, and begins with the same days again.
    """
    days = [row[0] for row in await connection.fetch(_DUE, ACCOUNTS.topic, IDENTITY_RECORDS.topic, DAYS_MAX)]
    if days:
        await connection.execute(_RECORD, days)
    return days
