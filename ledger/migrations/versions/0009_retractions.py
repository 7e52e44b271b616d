"""A ledger table for each kind that undoes a fact: records withdrawn, activations reversed, locks, expiries."""

from alembic import op

revision = "0009"
down_revision = "0008"

# The columns that every ledger table has beside its business key, dimensions and details.
_EVERY_FACT = """
    event_id uuid NOT NULL,
    subject bytea NOT NULL,
    occurred_at timestamptz NOT NULL,
    kafka_partition smallint NOT NULL,
    kafka_offset bigint NOT NULL,
    appended_at timestamptz NOT NULL,
    source text NOT NULL,
    province text NOT NULL"""
_TABLES = {
    "identity_record_retracted": ("record_number", "cause text NOT NULL"),
    "account_activation_retracted": (
        "account",
        "level smallint NOT NULL, state_before text NOT NULL, cause text NOT NULL",
    ),
    "account_locked": ("lock_id", "level smallint NOT NULL"),
    "account_unlocked": ("lock_id", "level smallint NOT NULL"),
    "account_expired": ("account", "level smallint NOT NULL, state_before text NOT NULL"),
}


def upgrade() -> None:
    """Create them."""
    for table, (key, own) in _TABLES.items():
        op.execute(f"CREATE TABLE {table} ({key} uuid PRIMARY KEY,{_EVERY_FACT}, {own})")
