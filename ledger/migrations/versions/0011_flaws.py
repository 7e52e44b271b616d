"""What is wrong with a batch that cannot be read, and the batch."""

from alembic import op

revision = "0011"
down_revision = "0010"

# The batch is kept as the log has it, so that a later program can try to read it; a broker that cannot read its own log
# sends none.
_FLAW = """
ALTER TABLE gap
    ADD COLUMN flaw text CHECK (
        flaw IN ('length', 'checksum', 'format', 'too_large', 'packed', 'records', 'broker')),
    ADD COLUMN detail text NOT NULL DEFAULT '',
    ADD COLUMN batch bytea,
    ADD CONSTRAINT batch_of_a_flaw CHECK (batch IS NULL OR flaw IS NOT NULL)"""


def upgrade() -> None:
    """Let a gap say what is wrong."""
    op.execute(_FLAW)
