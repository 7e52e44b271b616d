"""The SQL of progress, tallies and duplicates. Every list of source partitions arrives as two parallel arrays."""

from typing import Final

from models.calendar import APPENDED_AHEAD_MAX

_SOON: Final = f"clock_timestamp() + interval '{APPENDED_AHEAD_MAX.total_seconds():.0f} seconds'"

ENTER: Final = """
INSERT INTO progress (topic, kafka_partition, epoch)
SELECT topic, kafka_partition, (SELECT max(epoch) FROM ledger_epoch)
FROM unnest($1::text[], $2::int[]) AS source (topic, kafka_partition)
ON CONFLICT DO NOTHING"""

_STORED: Final = """progress.topic, progress.kafka_partition, next_offset, epoch, revision, newest_at, takeovers,
    tried, mark_offset, mark_timestamp, mark_digest, EXISTS (
        SELECT FROM gap WHERE gap.topic = progress.topic AND gap.kafka_partition = progress.kafka_partition
            AND accepted_at IS NULL)
    OR EXISTS (SELECT FROM pause WHERE pause.topic = progress.topic AND resumed_at IS NULL) AS stopped"""

# The backend is known by pid and start time: a pid alone may meanwhile be somebody else's. $3: 1 when it is the first
# time in the life of a process: how often one began, and recorded nothing, tells that something there ends it. No
# record was appended in time to come: what says so is of a clock in other units, and would stay the newest for ever.
OWN: Final = f"""
UPDATE progress SET owner_pid = pg_backend_pid(), takeovers = takeovers + $3::int,
    epoch = (SELECT max(epoch) FROM ledger_epoch),
    newest_at = CASE WHEN newest_at < {_SOON} THEN newest_at END,
    owner_started_at = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
FROM unnest($1::text[], $2::int[]) AS source (topic, kafka_partition)
WHERE progress.topic = source.topic AND progress.kafka_partition = source.kafka_partition
RETURNING {_STORED}"""  # noqa: S608 - our own names

END_OWNERS: Final = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND (pid, backend_start) IN (
    SELECT owner_pid, owner_started_at FROM progress
    JOIN unnest($1::text[], $2::int[]) AS source (topic, kafka_partition) USING (topic, kafka_partition))"""

READ_PROGRESS: Final = f"""
SELECT {_STORED} FROM progress JOIN unnest($1::text[], $2::int[]) AS source (topic, kafka_partition)
ON progress.topic = source.topic AND progress.kafka_partition = source.kafka_partition"""  # noqa: S608 - our own names

READ_TOTALS: Final = """
SELECT dimension, value, sum(facts)::bigint FROM tally
WHERE topic = $1 AND kafka_partition = $2 GROUP BY dimension, value"""

READ_OPENING: Final = "SELECT as_of, figures FROM opening_balance WHERE topic = $1 AND superseded_at IS NULL"

READ_COVERED: Final = """
SELECT dimension, value, sum(facts)::bigint FROM tally
WHERE topic = $1 AND kafka_partition = $2 AND day <= $3 AND dimension = ANY($4) GROUP BY dimension, value"""

READ_NEWEST_DAYS: Final = """
SELECT day, facts FROM tally
WHERE topic = $1 AND kafka_partition = $2 AND dimension = $3 ORDER BY day DESC LIMIT $4"""

# Compare and set: nobody but the owner who knows the stored offset can go on from it.
CLAIM: Final = """
UPDATE progress SET next_offset = claim.next_offset, takeovers = 0, tried = 0,
    others_go_on = false
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[])
    AS claim (topic, kafka_partition, from_offset, next_offset)
WHERE progress.topic = claim.topic AND progress.kafka_partition = claim.kafka_partition
    AND progress.next_offset = claim.from_offset AND progress.owner_pid = pg_backend_pid()"""

# Committed before it is tried, so that the next life of a process knows. $4: whether one record is tried alone, $5:
# whether this process has recorded anything else. A second try alone counts only where one has: then it is that record,
# and not the program as a whole. What has failed so is not tried again: 0 is returned.
TRY: Final = """
WITH own AS (
    SELECT tried, others_go_on OR $5 AS others_go_on FROM progress
    WHERE topic = $1 AND kafka_partition = $2 AND next_offset = $3 AND owner_pid = pg_backend_pid() FOR UPDATE)
UPDATE progress SET others_go_on = own.others_go_on, tried = CASE
    WHEN NOT $4 THEN greatest(own.tried, 1)
    WHEN own.others_go_on THEN least(greatest(own.tried, 1) + 1, 3)
    ELSE 2 END
FROM own WHERE topic = $1 AND kafka_partition = $2
RETURNING CASE WHEN own.tried >= 3 THEN 0 ELSE progress.tried END"""

# A try that nothing came of, neither a record nor a failure.
UNTRY: Final = """
UPDATE progress SET tried = greatest(tried - 1, 0)
WHERE topic = $1 AND kafka_partition = $2 AND next_offset = $3 AND owner_pid = pg_backend_pid()"""

# Before anything of a source partition is written, as a claim does: so nobody waits in a circle.
LOCK_PROGRESS: Final = "SELECT FROM progress WHERE topic = $1 AND kafka_partition = $2 FOR UPDATE"

LOCK_GAP: Final = """
SELECT kind, flaw, detail, next_offset, batch FROM gap
WHERE topic = $1 AND kafka_partition = $2 AND accepted_at IS NULL FOR UPDATE"""

# $3 and $4: who accepts it, and why; $5: where recording goes on.
ACCEPT_GAP: Final = """
UPDATE gap SET accepted_at = now(), accepted_by = $3, why = $4, resumed_offset = $5
WHERE topic = $1 AND kafka_partition = $2 AND accepted_at IS NULL"""

SETTLE: Final = f"""
UPDATE progress SET
    revision = revision + 1,
    consumed = consumed + outcome.accepted + outcome.retries + outcome.repeats + outcome.conflicts + outcome.refused,
    accepted = progress.accepted + outcome.accepted,
    retries = progress.retries + outcome.retries,
    repeats = progress.repeats + outcome.repeats,
    conflicts = progress.conflicts + outcome.conflicts,
    refused = progress.refused + outcome.refused,
    newest_at = (SELECT max(at) FROM (VALUES (progress.newest_at), (outcome.newest_at)) AS known (at)
        WHERE at < {_SOON}),
    mark_offset = coalesce(outcome.mark_offset, progress.mark_offset),
    mark_timestamp = coalesce(outcome.mark_timestamp, progress.mark_timestamp),
    mark_digest = coalesce(outcome.mark_digest, progress.mark_digest),
    updated_at = now()
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::timestamptz[], $9::bigint[], $10::bigint[], $11::bytea[])
    AS outcome (topic, kafka_partition, accepted, retries, repeats, conflicts, refused, newest_at,
        mark_offset, mark_timestamp, mark_digest)
WHERE progress.topic = outcome.topic AND progress.kafka_partition = outcome.kafka_partition
RETURNING progress.topic, progress.kafka_partition, epoch, revision"""  # noqa: S608 - our own number

ADD_TALLIES: Final = """
INSERT INTO tally (topic, kafka_partition, day, dimension, value, facts)
SELECT * FROM unnest($1::text[], $2::int[], $3::date[], $4::text[], $5::text[], $6::bigint[])
ON CONFLICT (topic, kafka_partition, day, dimension, value) DO UPDATE SET facts = tally.facts + excluded.facts"""


# What changes on a day that is closed: one row a day, reason and source partition, however many batches it takes.
RESTATE: Final = """
INSERT INTO restatement AS held (topic, day, restated_on, why, kafka_partition, facts)
SELECT topic, day, (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, $5, changed.kafka_partition, changed.facts
FROM unnest($1::text[], $2::int[], $3::date[], $4::bigint[]) AS changed (topic, kafka_partition, day, facts)
JOIN closed_day USING (topic, day)
ON CONFLICT (topic, day, restated_on, why, kafka_partition) DO UPDATE
SET facts = held.facts + excluded.facts, last_at = now()"""


# A gap that is open already is the same one, seen again; one that was accepted meanwhile is none any more.
RECORD_GAP: Final = """
INSERT INTO gap (topic, kafka_partition, kind, next_offset, log_start, log_end, flaw, detail, batch)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM progress WHERE topic = $1 AND kafka_partition = $2 AND next_offset = $4
ON CONFLICT (topic, kafka_partition) WHERE accepted_at IS NULL DO NOTHING"""
