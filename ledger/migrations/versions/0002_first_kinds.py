"""A ledger table for each of the first three kinds: one row a fact, its business key the one unique key."""

from alembic import op

revision = "0002"
down_revision = "0001"

# The columns that every ledger table has beside its business key, dimensions and details.
_EVERY_FACT = """
    event_id uuid NOT NULL,
    subject bytea NOT NULL,
    occurred_at timestamptz NOT NULL,
    kafka_partition smallint NOT NULL,
    kafka_offset bigint NOT NULL,
    appended_at timestamptz NOT NULL,
    source text NOT NULL"""


def upgrade() -> None:
    """Create the ledgers of identity records, accounts and logins."""
    op.execute(
        f"""CREATE TABLE identity_record_received (
    record_number uuid PRIMARY KEY,{_EVERY_FACT},
    province text NOT NULL,
    channel text NOT NULL,
    desk text)"""
    )
    op.execute(
        f"""CREATE TABLE account_activated (
    account uuid PRIMARY KEY,{_EVERY_FACT},
    province text NOT NULL,
    level smallint NOT NULL)"""
    )
    op.execute(
        f"""CREATE TABLE portal_logged_in (
    login_id uuid PRIMARY KEY,{_EVERY_FACT},
    portal text NOT NULL)"""
    )
