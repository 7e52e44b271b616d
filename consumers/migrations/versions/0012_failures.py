"""Records over which our program fails: how often they were tried, and a kind of gap."""

from alembic import op

revision = "0012"
down_revision = "0011"

# takeovers -- how often a process began with this source partition since anything of it was recorded
# failing_since -- when the second of these processes began: what others recorded since shows that the program works
# tried -- how often the record at next_offset was tried alone; it is not recorded yet
_ATTEMPTS = """
ALTER TABLE progress
    ADD COLUMN takeovers integer NOT NULL DEFAULT 0,
    ADD COLUMN failing_since timestamptz,
    ADD COLUMN tried integer NOT NULL DEFAULT 0"""
_KIND = """
ALTER TABLE gap
    DROP CONSTRAINT gap_kind_check,
    ADD CONSTRAINT gap_kind_check CHECK (
        kind IN ('begins_after', 'ends_before', 'other_record', 'unreadable', 'program_fails'))"""


def upgrade() -> None:
    """Let a process find the record that ends it."""
    for statement in (_ATTEMPTS, _KIND):
        op.execute(statement)
