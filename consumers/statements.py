"""The SQL of progress, tallies and duplicates. Every list of source partitions arrives as two parallel arrays."""

from typing import Final

ENTER: Final = """
INSERT INTO progress (topic, kafka_partition, epoch)
SELECT topic, kafka_partition, (SELECT max(epoch) FROM ledger_epoch)
FROM unnest($1::text[], $2::int[]) AS source (topic, kafka_partition)
ON CONFLICT DO NOTHING"""

# The backend is known by pid and start time: a pid alone may meanwhile be somebody else's.
OWN: Final = """
UPDATE progress SET owner_pid = pg_backend_pid(),
    owner_started_at = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
FROM unnest($1::text[], $2::int[]) AS source (topic, kafka_partition)
WHERE progress.topic = source.topic AND progress.kafka_partition = source.kafka_partition
RETURNING progress.topic, progress.kafka_partition, next_offset, epoch, revision, newest_at"""

END_OWNERS: Final = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND (pid, backend_start) IN (
    SELECT owner_pid, owner_started_at FROM progress
    JOIN unnest($1::text[], $2::int[]) AS source (topic, kafka_partition) USING (topic, kafka_partition))"""

READ_PROGRESS: Final = """
SELECT topic, kafka_partition, next_offset, epoch, revision, newest_at FROM progress
JOIN unnest($1::text[], $2::int[]) AS source (topic, kafka_partition) USING (topic, kafka_partition)"""

READ_TOTALS: Final = """
SELECT dimension, value, sum(facts)::bigint FROM tally
WHERE topic = $1 AND kafka_partition = $2 GROUP BY dimension, value"""

READ_NEWEST_DAYS: Final = """
SELECT day, facts FROM tally
WHERE topic = $1 AND kafka_partition = $2 AND dimension = $3 ORDER BY day DESC LIMIT $4"""

# Compare and set: nobody but the owner who knows the stored offset can go on from it.
CLAIM: Final = """
UPDATE progress SET next_offset = claim.next_offset
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[])
    AS claim (topic, kafka_partition, from_offset, next_offset)
WHERE progress.topic = claim.topic AND progress.kafka_partition = claim.kafka_partition
    AND progress.next_offset = claim.from_offset AND progress.owner_pid = pg_backend_pid()"""

SETTLE: Final = """
UPDATE progress SET
    revision = revision + 1,
    consumed = consumed + outcome.accepted + outcome.retries + outcome.repeats + outcome.conflicts + outcome.refused,
    accepted = progress.accepted + outcome.accepted,
    retries = progress.retries + outcome.retries,
    repeats = progress.repeats + outcome.repeats,
    conflicts = progress.conflicts + outcome.conflicts,
    refused = progress.refused + outcome.refused,
    newest_at = greatest(progress.newest_at, outcome.newest_at),
    updated_at = now()
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::timestamptz[]) AS outcome (topic, kafka_partition, accepted, retries, repeats, conflicts, refused, newest_at)
WHERE progress.topic = outcome.topic AND progress.kafka_partition = outcome.kafka_partition
RETURNING progress.topic, progress.kafka_partition, epoch, revision"""

ADD_TALLIES: Final = """
INSERT INTO tally (topic, kafka_partition, day, dimension, value, facts)
SELECT * FROM unnest($1::text[], $2::int[], $3::date[], $4::text[], $5::text[], $6::bigint[])
ON CONFLICT (topic, kafka_partition, day, dimension, value) DO UPDATE SET facts = tally.facts + excluded.facts"""
