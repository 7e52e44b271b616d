"""By what a log is known again, where one was not, and since when the server runs that an epoch belongs to."""

from alembic import op

revision = "0003"
down_revision = "0002"

# The last record recorded; incarnation is raised when a stored offset goes down, because the log is another one.
_MARK = """
ALTER TABLE progress
    ADD COLUMN mark_offset bigint,
    ADD COLUMN mark_timestamp bigint,
    ADD COLUMN mark_digest bytea,
    ADD COLUMN incarnation integer NOT NULL DEFAULT 0"""

# A source partition with a gap that is not accepted is stopped. The rows stay: they are the audit.
_GAP = """
CREATE TABLE gap (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    kafka_partition integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('begins_after', 'ends_before', 'other_record', 'unreadable')),
    next_offset bigint NOT NULL,
    log_start bigint NOT NULL,
    log_end bigint NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    accepted_at timestamptz,
    accepted_by text,
    why text,
    resumed_offset bigint,
    CONSTRAINT accepted_in_full CHECK (num_nulls(accepted_at, accepted_by, why, resumed_offset) IN (0, 4))
)"""
_ONE_OPEN_GAP = "CREATE UNIQUE INDEX gap_open ON gap (topic, kafka_partition) WHERE accepted_at IS NULL"

_SERVER = "ALTER TABLE ledger_epoch ADD COLUMN server_started_at timestamptz"
_THIS_SERVER = "UPDATE ledger_epoch SET server_started_at = pg_postmaster_start_time()"


def upgrade() -> None:
    """Let the ledger know a log again, and its own server."""
    for statement in (_MARK, _GAP, _ONE_OPEN_GAP, _SERVER, _THIS_SERVER):
        op.execute(statement)
