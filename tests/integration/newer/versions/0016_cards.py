"""What the next version adds: the ledger of cards, and the device of a login."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add them; a program that knows neither goes on."""
    op.execute("""CREATE TABLE card_issued (
    card uuid PRIMARY KEY,
    event_id uuid NOT NULL,
    subject bytea NOT NULL,
    occurred_at timestamptz NOT NULL,
    kafka_partition smallint NOT NULL,
    kafka_offset bigint NOT NULL,
    appended_at timestamptz NOT NULL,
    source text NOT NULL,
    province text NOT NULL)""")
    op.execute("ALTER TABLE portal_logged_in ADD COLUMN device text")
