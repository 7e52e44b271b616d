"""Topics that a person lets rest."""

from alembic import op

revision = "0007"
down_revision = "0006"

# The rows stay: they are the audit.
_PAUSE = """
CREATE TABLE pause (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT now(),
    paused_by text NOT NULL,
    why text NOT NULL,
    resumed_at timestamptz,
    resumed_by text,
    CONSTRAINT resumed_in_full CHECK (num_nulls(resumed_at, resumed_by) IN (0, 2))
)"""
_ONE_OPEN_PAUSE = "CREATE UNIQUE INDEX pause_open ON pause (topic) WHERE resumed_at IS NULL"


def upgrade() -> None:
    """Let topics be paused."""
    op.execute(_PAUSE)
    op.execute(_ONE_OPEN_PAUSE)
