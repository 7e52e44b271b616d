"""Of a refused record its size, the upstream system that it names, and who put it through again with what outcome."""

from alembic import op

revision = "0004"
down_revision = "0003"

_SOURCE = "ALTER TABLE refused ADD COLUMN source text NOT NULL DEFAULT ''"
# Key, value and headers: their sum is what the budget limits.
_KEPT_BYTES = "ALTER TABLE refused ADD COLUMN kept_bytes integer NOT NULL DEFAULT 0"
_MEASURE = """
UPDATE refused SET kept_bytes = coalesce(octet_length(key), 0) + coalesce(octet_length(value), 0) + coalesce(
    (SELECT sum(octet_length(part)) FROM unnest(header_names || header_values) AS header (part)), 0)"""
# A record that is resolved is no longer a refused one: it counts by its outcome.
_RESOLUTION = """
ALTER TABLE refused
    ADD COLUMN resolved_at timestamptz,
    ADD COLUMN resolved_by text,
    ADD COLUMN outcome text CHECK (outcome IN ('accepted', 'retry', 'repeat', 'conflict')),
    ADD CONSTRAINT resolved_in_full CHECK (num_nulls(resolved_at, resolved_by, outcome) IN (0, 3))"""
_OPEN = "CREATE INDEX refused_open ON refused (topic, kafka_partition, id) WHERE resolved_at IS NULL"


def upgrade() -> None:
    """Let refused records be resolved."""
    for statement in (_SOURCE, _KEPT_BYTES, _MEASURE, _RESOLUTION, _OPEN):
        op.execute(statement)
