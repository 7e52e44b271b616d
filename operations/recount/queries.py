"""The SQL that counts the ledger again, written from the catalogue and sharing nothing with what fills the tallies."""

from typing import Final

from models.catalogue import Kind

PROGRESS: Final = """
SELECT topic, kafka_partition, epoch, revision, consumed, accepted, retries, repeats, conflicts, refused
FROM progress"""

ACCEPTED: Final = "SELECT topic, sum(accepted)::bigint AS facts FROM progress GROUP BY topic"

DUPLICATES: Final = """
SELECT kafka_partition, duplicate, count(*) AS records FROM duplicate WHERE topic = $1 GROUP BY 1, 2"""

# What is resolved counts by its outcome.
REFUSED: Final = """
SELECT kafka_partition, count(*) AS records FROM refused WHERE topic = $1 AND resolved_at IS NULL GROUP BY 1"""

# The opening balance of a topic and what the tallies hold of later days: what both are in the sum.
OPENING: Final = "SELECT as_of, figures FROM opening_balance WHERE topic = $1 AND superseded_at IS NULL"
LATER: Final = """
SELECT dimension, value, sum(facts)::bigint FROM tally
WHERE topic = $1 AND day > $2 AND dimension = ANY($3) GROUP BY dimension, value"""

# Closed days whose number of today is not what they were closed with and what was told of them since.
DAYS: Final = """
SELECT closed_day.day, counted.facts, closed_day.facts + told.facts AS told FROM closed_day, LATERAL (
    SELECT coalesce(sum(facts), 0)::bigint AS facts FROM tally
    WHERE tally.topic = closed_day.topic AND tally.day = closed_day.day AND dimension = 'all'
) AS counted, LATERAL (
    SELECT coalesce(sum(facts), 0)::bigint AS facts FROM restatement
    WHERE restatement.topic = closed_day.topic AND restatement.day = closed_day.day
) AS told
WHERE closed_day.topic = $1 AND counted.facts <> closed_day.facts + told.facts ORDER BY closed_day.day"""

# The three answers of one scan of a ledger table: the cells that differ from the tallies, the sums over all source
# partitions and days, and the facts of each source partition.
_COUNT: Final = """
WITH fact AS (
    SELECT kafka_partition::int AS kafka_partition,
        (occurred_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, {fields}
    FROM {table}
), counted AS MATERIALIZED (
    SELECT kafka_partition, day, CASE {names} ELSE 'all' END AS dimension, coalesce({values}, '') AS value,
        count(*) AS facts
    FROM fact GROUP BY GROUPING SETS ((kafka_partition, day), {sets})
), kept AS (
    SELECT kafka_partition, day, dimension, value, facts FROM tally WHERE topic = $1
)
SELECT 'cell' AS answer, kafka_partition, day, dimension, value, counted.facts AS ledger, kept.facts AS tally
FROM counted FULL JOIN kept USING (kafka_partition, day, dimension, value)
WHERE coalesce(counted.facts, 0) <> coalesce(kept.facts, 0)
UNION ALL
SELECT 'sum', NULL, NULL, dimension, value, sum(facts)::bigint, NULL FROM counted GROUP BY dimension, value
UNION ALL
SELECT 'partition', kafka_partition, NULL, NULL, NULL, sum(facts)::bigint, NULL
FROM counted WHERE dimension = 'all' GROUP BY kafka_partition
ORDER BY answer, kafka_partition, day, dimension, value"""


def write_count(kind: Kind) -> str:
    """Write the statement that counts the ledger table of a kind; $1 is its topic."""
    return _COUNT.format(
        table=kind.table,
        fields=", ".join(f"{name}::text AS {name}" for name in kind.counted),
        names=" ".join(f"WHEN grouping({name}) = 0 THEN '{name}'" for name in kind.counted),
        values=", ".join(kind.counted),
        sets=", ".join(f"(kafka_partition, day, {name})" for name in kind.counted),
    )
