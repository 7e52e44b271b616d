"""Faults that are planted by hand in Postgres after a clean run, and what the checker must say of each."""

from typing import Final, NamedTuple

from tests.faults.contract import KINDS

_RECORDS: Final = KINDS[0].table
_LOGINS: Final = KINDS[2]
_SOME_RECORD: Final = f"ctid = (SELECT ctid FROM {_RECORDS} LIMIT 1)"
_SOME_LOGIN: Final = f"ctid = (SELECT ctid FROM {_LOGINS.table} LIMIT 1)"
_SOME_REFUSED: Final = "ctid = (SELECT ctid FROM refused WHERE NOT masked LIMIT 1)"
_FIRST_LANE: Final = f"topic = '{_LOGINS.topic}' AND kafka_partition = 0"
_REFUSED_ROW: Final = (
    "topic, kafka_partition, kafka_offset, reason, field, key, value, header_names, header_values, masked, appended_at"
)


class Planted(NamedTuple):
    """One fault: how it is planted, what the checker says of it, and how it is counted."""

    name: str
    statement: str
    said: str
    lost: int = 0
    doubled: int = 0


_TALLIES: Final = (
    Planted(
        "a doubled count",
        "UPDATE tally SET facts = facts + 1 WHERE ctid = (SELECT ctid FROM tally WHERE dimension = 'all' LIMIT 1)",
        "the tally of",
        doubled=1,
    ),
    Planted(
        "a doubled count of one dimension",
        "UPDATE tally SET facts = facts + 1 WHERE ctid = (SELECT ctid FROM tally WHERE dimension = 'source' LIMIT 1)",
        "source urn:",
    ),
    Planted(
        "a lost count",
        "UPDATE tally SET facts = facts - 1 WHERE ctid = (SELECT ctid FROM tally WHERE dimension = 'all' LIMIT 1)",
        "the tally of",
        lost=1,
    ),
    Planted(
        "a tally of a day without facts",
        f"INSERT INTO tally VALUES ('{_LOGINS.topic}', 1, '2015-01-01', 'all', '', 1)",
        "the tally of 2015-01-01 all  is 1, not 0",
        doubled=1,
    ),
)
_FACTS: Final = (
    Planted("a lost fact", f"DELETE FROM {_RECORDS} WHERE {_SOME_RECORD}", f"is not in {_RECORDS}", lost=1),
    Planted(
        "an invented fact",
        f"INSERT INTO {_LOGINS.table} SELECT gen_random_uuid(), event_id, subject, occurred_at, kafka_partition, "
        f"kafka_offset, appended_at, source, portal FROM {_LOGINS.table} LIMIT 1",
        "that Kafka does not hold",
        doubled=1,
    ),
    Planted(
        "a fact on another day",
        f"UPDATE {_RECORDS} SET occurred_at = occurred_at - interval '1 day' WHERE {_SOME_RECORD}",
        f"has another occurred_at in {_RECORDS}",
    ),
    Planted(
        "a fact with another content",
        f"UPDATE {_RECORDS} SET channel = channel || 'x' WHERE {_SOME_RECORD}",
        f"has another channel in {_RECORDS}",
    ),
    Planted(
        "a fact from another offset",
        f"UPDATE {_LOGINS.table} SET kafka_offset = kafka_offset + 1 WHERE {_SOME_LOGIN}",
        f"has another kafka_offset in {_LOGINS.table}",
    ),
)
_PROGRESS: Final = (
    Planted(
        "a skipped offset",
        f"UPDATE progress SET next_offset = next_offset + 1 WHERE {_FIRST_LANE}",
        "but the log ends at",
    ),
    Planted(
        "a record that was not consumed",
        f"UPDATE progress SET consumed = consumed - 1, accepted = accepted - 1 WHERE {_FIRST_LANE}",
        "progress has consumed",
    ),
    Planted("no progress", f"DELETE FROM progress WHERE {_FIRST_LANE}", "no progress is stored"),
    Planted(
        "progress of a partition that is not",
        "INSERT INTO progress (topic, kafka_partition, epoch) SELECT 'elsewhere', 0, max(epoch) FROM ledger_epoch",
        "progress has 1 rows of no partition",
    ),
)
_DUPLICATES: Final = (
    Planted(
        "a retry taken for a repeat",
        "UPDATE duplicate SET duplicate = 'repeat' "
        "WHERE ctid = (SELECT ctid FROM duplicate WHERE duplicate = 'retry' LIMIT 1)",
        "is a retry, not a repeat",
    ),
    Planted(
        "a lost duplicate",
        "DELETE FROM duplicate WHERE ctid = (SELECT ctid FROM duplicate LIMIT 1)",
        "the duplicate at offset",
    ),
    Planted(
        "a conflict without its content",
        "UPDATE duplicate SET content = NULL WHERE duplicate = 'conflict'",
        "is kept with the wrong content",
    ),
)
_REFUSALS: Final = (
    Planted(
        "a refused record twice",
        f"INSERT INTO refused ({_REFUSED_ROW}, published_at) SELECT {_REFUSED_ROW}, now() FROM refused LIMIT 1",
        "is recorded 1 times too often",
        doubled=1,
    ),
    Planted("a lost refused record", f"DELETE FROM refused WHERE {_SOME_REFUSED}", "the refused record at", lost=1),
    Planted(
        "a wrong reason", f"UPDATE refused SET reason = 'too_large' WHERE {_SOME_REFUSED}", "is refused as too_large"
    ),
    Planted(
        "a refused record that was changed",
        f"UPDATE refused SET value = 'x' WHERE {_SOME_REFUSED}",
        "is not kept as it came",
    ),
)
PLANTED: Final = (*_TALLIES, *_FACTS, *_PROGRESS, *_DUPLICATES, *_REFUSALS)
