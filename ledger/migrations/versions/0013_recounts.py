"""The outcome of every recount."""

from alembic import op

revision = "0013"
down_revision = "0012"

# cells -- in how many something differed
# drifts -- those that were named, as a JSON list of objects
_RECOUNT = """
CREATE TABLE recount (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recounted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recounted_by text NOT NULL,
    facts bigint NOT NULL,
    cells integer NOT NULL,
    drifts jsonb NOT NULL
)"""


def upgrade() -> None:
    """Let what a recount found be known until the next one."""
    op.execute(_RECOUNT)
