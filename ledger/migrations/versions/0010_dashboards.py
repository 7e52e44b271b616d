"""What dashboards may read of the ledger: counts and times in views of a schema of their own, nothing of a citizen."""

from alembic import op

revision = "0010"
down_revision = "0009"

# One row for each closed day, without times where no account is known to have waited; written by the auditor.
_ACTIVATION_WAIT = """
CREATE TABLE activation_wait (
    day date PRIMARY KEY,
    accounts bigint NOT NULL CHECK (accounts >= 0),
    median_seconds double precision,
    ninetieth_seconds double precision,
    computed_at timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nulls(median_seconds, ninetieth_seconds) = CASE accounts WHEN 0 THEN 2 ELSE 0 END)
)"""
# What was refused of one upstream system, without a look at all that was refused.
_REFUSED_BY_SOURCE = "CREATE INDEX refused_by_source ON refused (source, appended_at)"

_SCHEMA = "CREATE SCHEMA dashboard"
_DAY = """
CREATE VIEW dashboard.day AS
SELECT tally.topic, tally.day, sum(tally.facts)::bigint AS facts, closed_day.day IS NOT NULL AS is_final
FROM tally LEFT JOIN closed_day USING (topic, day) WHERE tally.dimension = 'all'
GROUP BY tally.topic, tally.day, closed_day.day"""
_SOURCE_DAY = """
CREATE VIEW dashboard.source_day AS
SELECT topic, value AS source, day, sum(facts)::bigint AS facts FROM tally WHERE dimension = 'source'
GROUP BY topic, value, day"""
# newest_at: the append time of the newest record recorded, to which every number of the topic belongs.
_STATE = """
CREATE VIEW dashboard.state AS
SELECT topic, max(newest_at) AS newest_at, (SELECT max(day) FROM closed_day WHERE closed_day.topic = progress.topic)
    AS final_until
FROM progress GROUP BY topic"""
_REFUSAL = """
CREATE VIEW dashboard.refusal AS
SELECT topic, source, reason, appended_at, resolved_at IS NULL AS is_open FROM refused"""
_WAIT = """
CREATE VIEW dashboard.activation_wait AS
SELECT day, accounts, median_seconds, ninetieth_seconds FROM public.activation_wait
WHERE accounts > 0"""

# Whoever may connect may read these views, and without any further right nothing else.
_GRANTS = (
    "GRANT USAGE ON SCHEMA dashboard TO PUBLIC",
    "GRANT SELECT ON ALL TABLES IN SCHEMA dashboard TO PUBLIC",
)


def upgrade() -> None:
    """Create them."""
    tables = (_ACTIVATION_WAIT, _REFUSED_BY_SOURCE)
    views = (_SCHEMA, _DAY, _SOURCE_DAY, _STATE, _REFUSAL, _WAIT)
    for statement in (*tables, *views, *_GRANTS):
        op.execute(statement)
