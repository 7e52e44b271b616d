"""A kind of gap: the log is being compacted."""

from alembic import op

revision = "0015"
down_revision = "0014"

_KIND = """
ALTER TABLE gap
    DROP CONSTRAINT gap_kind_check,
    ADD CONSTRAINT gap_kind_check CHECK (kind IN (
        'begins_after', 'ends_before', 'other_record', 'unreadable', 'program_fails', 'compacted'))"""


def upgrade() -> None:
    """Let a topic stop from which Kafka removes records that nobody has recorded."""
    op.execute(_KIND)
