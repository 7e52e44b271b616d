"""What a person decided about a conflict, and who began an epoch."""

from alembic import op

revision = "0005"
down_revision = "0004"

# replaced: what the ledger said before, where the later record was taken in its place.
_RESOLUTION = """
ALTER TABLE duplicate
    ADD COLUMN resolved_at timestamptz,
    ADD COLUMN resolved_by text,
    ADD COLUMN why text,
    ADD COLUMN resolution text CHECK (resolution IN ('first_stands', 'later_taken')),
    ADD COLUMN replaced jsonb,
    ADD CONSTRAINT resolved_in_full CHECK (num_nulls(resolved_at, resolved_by, why, resolution) IN (0, 4)),
    ADD CONSTRAINT replaced_when_taken CHECK ((resolution = 'later_taken') IS TRUE = (replaced IS NOT NULL))"""
_OPEN = "CREATE INDEX duplicate_conflict ON duplicate (id) WHERE duplicate = 'conflict'"
_BY = "ALTER TABLE ledger_epoch ADD COLUMN begun_by text"


def upgrade() -> None:
    """Let conflicts be resolved, and epochs be begun by persons."""
    for statement in (_RESOLUTION, _OPEN, _BY):
        op.execute(statement)
