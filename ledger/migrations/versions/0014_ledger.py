"""Which ledger this is, and what it is bound to."""

from alembic import op

revision = "0014"
down_revision = "0013"

# The newest row is what counts; the others are how it came to that. Not bound to an environment and a Kafka cluster
# until the first consumer begins. generation: raised above every other ledger's when this one takes a cluster over.
_LEDGER_BINDING = """
CREATE TABLE ledger_binding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ledger uuid NOT NULL,
    generation bigint NOT NULL,
    environment text,
    kafka_cluster text,
    bound_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    bound_by text NOT NULL,
    why text NOT NULL
)"""
_FIRST = """
INSERT INTO ledger_binding (ledger, generation, bound_by, why)
VALUES (gen_random_uuid(), 1, 'migration 0014', 'a new ledger')"""

# An incarnation is a ledger in one start of its server: the epoch that this began with. A ledger that is restored into
# a running server has the start of that server, but tables of its own. An older program leaves both empty.
_INCARNATION = "ALTER TABLE ledger_epoch ADD COLUMN incarnation bigint, ADD COLUMN storage text"
_FIRST_INCARNATION = "UPDATE ledger_epoch SET incarnation = (SELECT max(epoch) FROM ledger_epoch)"
_THIS_STORAGE = """
UPDATE ledger_epoch SET storage = (
    SELECT oid || '/' || pg_relation_filenode('ledger_epoch') FROM pg_database WHERE datname = current_database())"""


def upgrade() -> None:
    """Give the ledger a name, and tell a restored copy from the one that was there before."""
    for statement in (_LEDGER_BINDING, _FIRST, _INCARNATION, _FIRST_INCARNATION, _THIS_STORAGE):
        op.execute(statement)
