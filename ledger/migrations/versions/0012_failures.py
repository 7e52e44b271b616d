"""Records over which our program fails: how often they were tried, and a kind of gap."""

from alembic import op

revision = "0012"
down_revision = "0011"

# takeovers -- how often a process began with this source partition since anything of it was recorded
# tried -- 1 when several records from next_offset on were tried at once, and 1 more for each time the first was alone
# others_go_on -- whether a process that tried it had recorded anything else: then not the program as a whole fails
_ATTEMPTS = """
ALTER TABLE progress
    ADD COLUMN takeovers integer NOT NULL DEFAULT 0,
    ADD COLUMN tried integer NOT NULL DEFAULT 0,
    ADD COLUMN others_go_on boolean NOT NULL DEFAULT false"""
_KIND = """
ALTER TABLE gap
    DROP CONSTRAINT gap_kind_check,
    ADD CONSTRAINT gap_kind_check CHECK (
        kind IN ('begins_after', 'ends_before', 'other_record', 'unreadable', 'program_fails'))"""


def upgrade() -> None:
    """Let a process find the record that ends it."""
    for statement in (_ATTEMPTS, _KIND):
        op.execute(statement)
