"""The books: progress, tallies, duplicates, refused records."""

from alembic import op

revision = "0001"
down_revision = None

# The epoch of a ledger is the second it was made: a database made anew is newer than every page of its predecessor.
_LEDGER_EPOCH = """
CREATE TABLE ledger_epoch (
    epoch bigint PRIMARY KEY,
    began_at timestamptz NOT NULL DEFAULT now(),
    why text NOT NULL
)"""
_FIRST_EPOCH = "INSERT INTO ledger_epoch (epoch, why) SELECT extract(epoch FROM now())::bigint, 'a new ledger'"

# Postgres owns progress. The check is law 1: no commit can break it. fillfactor leaves room for updates in place.
_PROGRESS = """
CREATE TABLE progress (
    topic text,
    kafka_partition integer,
    next_offset bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL REFERENCES ledger_epoch,
    revision bigint NOT NULL DEFAULT 0,
    consumed bigint NOT NULL DEFAULT 0,
    accepted bigint NOT NULL DEFAULT 0,
    retries bigint NOT NULL DEFAULT 0,
    repeats bigint NOT NULL DEFAULT 0,
    conflicts bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    newest_at timestamptz,
    owner_pid integer,
    owner_started_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, kafka_partition),
    CONSTRAINT every_record_has_one_outcome CHECK (consumed = accepted + retries + repeats + conflicts + refused)
) WITH (fillfactor = 20)"""

_TALLY = """
CREATE TABLE tally (
    topic text,
    kafka_partition integer,
    day date,
    dimension text,
    value text,
    facts bigint NOT NULL CHECK (facts >= 0),
    PRIMARY KEY (topic, kafka_partition, day, dimension, value)
) WITH (fillfactor = 70)"""

# content: for a conflict, the event as read (never its unknown attributes); a retry or repeat has nothing of its own.
_DUPLICATE = """
CREATE TABLE duplicate (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    kafka_partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    duplicate text NOT NULL CHECK (duplicate IN ('retry', 'repeat', 'conflict')),
    business_key uuid NOT NULL,
    event_id uuid NOT NULL,
    content jsonb,
    appended_at timestamptz NOT NULL
)"""

# Header names are bytes too: what is refused may hold what text cannot.
_REFUSED = """
CREATE TABLE refused (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    kafka_partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    reason text NOT NULL,
    field text NOT NULL,
    key bytea,
    value bytea,
    header_names bytea[] NOT NULL,
    header_values bytea[] NOT NULL,
    masked boolean NOT NULL,
    appended_at timestamptz NOT NULL,
    published_at timestamptz
)"""
_REFUSED_UNPUBLISHED = "CREATE INDEX refused_unpublished ON refused (id) WHERE published_at IS NULL"


def upgrade() -> None:
    """Create the tables that every kind of event shares."""
    for statement in (
        _LEDGER_EPOCH,
        _FIRST_EPOCH,
        _PROGRESS,
        _TALLY,
        _DUPLICATE,
        _REFUSED,
        _REFUSED_UNPUBLISHED,
    ):
        op.execute(statement)
