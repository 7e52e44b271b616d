"""Days that are closed, and what changed on them afterwards."""

from alembic import op

revision = "0006"
down_revision = "0005"

_CLOSED_DAY = """
CREATE TABLE closed_day (
    topic text,
    day date,
    facts bigint NOT NULL CHECK (facts >= 0),
    closed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, day)
)"""
# One row for each day on which a closed one changed, and reason. By source partition, so that no two writers share one.
_RESTATEMENT = """
CREATE TABLE restatement (
    topic text,
    day date,
    restated_on date,
    why text,
    kafka_partition integer,
    facts bigint NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, day, restated_on, why, kafka_partition),
    FOREIGN KEY (topic, day) REFERENCES closed_day
)"""


def upgrade() -> None:
    """Let days be closed."""
    op.execute(_CLOSED_DAY)
    op.execute(_RESTATEMENT)
