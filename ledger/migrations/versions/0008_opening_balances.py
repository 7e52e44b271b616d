"""What was counted before this stream began, as of a day."""

from alembic import op

revision = "0008"
down_revision = "0007"

# figures: dimension -> value -> facts, as in a page. What is superseded stays: it is the audit.
_OPENING_BALANCE = """
CREATE TABLE opening_balance (
    version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    as_of date NOT NULL,
    figures jsonb NOT NULL,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL,
    superseded_at timestamptz,
    superseded_by text,
    CONSTRAINT superseded_in_full CHECK (num_nulls(superseded_at, superseded_by) IN (0, 2))
)"""
_ONE = "CREATE UNIQUE INDEX opening_balance_present ON opening_balance (topic) WHERE superseded_at IS NULL"


def upgrade() -> None:
    """Let opening balances be recorded."""
    op.execute(_OPENING_BALANCE)
    op.execute(_ONE)
