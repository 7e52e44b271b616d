"""The SQL that fills a ledger."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS, Kind
from models.places import PLACES
from models.topics import PARTITIONS
from upstream.simulation.apportionment import make_slots
from upstream.simulation.populations import POPULATION_THOUSANDS
from upstream.simulation.shares import DESKS_MAX, INTAKES, LEVELS, PORTALS

# 64 of the 65,536 slots: Postgres walks through an array of texts to an element of it.
_SLOTS: Final = 64
_EVERY: Final = 65_536 // _SLOTS
_PROVINCES: Final = make_slots(POPULATION_THOUSANDS)[::_EVERY]
_IDS: Final = {"v7": "uuidv7(happened_at - clock_timestamp())", "v4": "gen_random_uuid()"}

# By kind and column: by which of two draws it is chosen, its type, and what it is chosen from.
Choices = Mapping[str, tuple[str, str, Sequence[Any]]]
_CHOICES: Final[Mapping[str, Choices]] = {
    IDENTITY_RECORDS.name: {
        "source": ("way", "text", [source for source, _ in INTAKES[::_EVERY]]),
        "province": ("place", "text", _PROVINCES),
        "channel": ("way", "text", [channel for _, channel in INTAKES[::_EVERY]]),
        "desk": ("place", "text", [f"{PLACES[code]}, {slot % DESKS_MAX}" for slot, code in enumerate(_PROVINCES)]),
    },
    ACCOUNTS.name: {
        "source": ("way", "text", ["urn:vn:project06:vneid"] * _SLOTS),
        "province": ("place", "text", _PROVINCES),
        "level": ("way", "smallint", LEVELS[::_EVERY]),
    },
    LOGINS.name: {
        "source": ("way", "text", [f"urn:vn:project06:portal:{portal}" for portal in PORTALS[::_EVERY]]),
        "portal": ("way", "text", PORTALS[::_EVERY]),
    },
}

# $1 a day, $2 when it begins, $3 and $4 the number of its first fact and how many there are, then what is chosen from.
# Facts come to source partitions in turn. What is inserted is counted in the same statement.
_FILL: Final = """
WITH drawn AS MATERIALIZED (
    SELECT number, $2::timestamptz + (number - $3) * (interval '1 day' / $4) AS happened_at,
        random(1, {slots}) AS way, random(1, {slots}) AS place
    FROM generate_series($3::bigint, $3 + $4::bigint - 1) AS number
), fact AS (
    INSERT INTO {table} ({key}, event_id, subject, occurred_at, kafka_partition, kafka_offset, appended_at, {columns})
    SELECT {id}, {id}, sha256(int8send(number)), happened_at, number % {partitions}, number / {partitions},
        happened_at + interval '1 second', {values}
    FROM drawn RETURNING kafka_partition, {counted}
)
INSERT INTO tally (topic, kafka_partition, day, dimension, value, facts)
SELECT '{topic}', kafka_partition, $1::date, CASE {names} ELSE 'all' END, coalesce({texts}, ''), count(*)
FROM fact GROUP BY GROUPING SETS ((kafka_partition), {sets})"""

# What `onboarding accept-gap` leaves of a partition whose log is another one: a stored offset that went down to 0.
_PROGRESS: Final = """
INSERT INTO progress (topic, kafka_partition, epoch, revision, consumed, accepted, newest_at, incarnation)
SELECT topic, kafka_partition, (SELECT max(epoch) FROM ledger_epoch), count(DISTINCT day), sum(facts), sum(facts),
    (max(day) + 1)::timestamp AT TIME ZONE '+07', 1
FROM tally WHERE dimension = 'all' GROUP BY topic, kafka_partition"""
_GAPS: Final = """
INSERT INTO gap (topic, kafka_partition, kind, next_offset, log_start, log_end, accepted_at, accepted_by, why,
    resumed_offset)
SELECT topic, kafka_partition, 'ends_before', accepted, 0, 0, now(), 'benchmark', 'its topic was made anew', 0
FROM progress"""

# After the facts: where each source partition stands, and a server that has nothing left to do.
SETTLE: Final = (
    _PROGRESS,
    _GAPS,
    "VACUUM (ANALYZE) tally",
    "CREATE EXTENSION pg_prewarm",
    "CHECKPOINT",
)

_NEW_EPOCH: Final = """
INSERT INTO ledger_epoch (epoch, why, incarnation, server_started_at, storage)
SELECT greatest(epoch + 1, extract(epoch FROM clock_timestamp())::bigint), 'a copy', incarnation, server_started_at,
    storage
FROM ledger_epoch ORDER BY epoch DESC LIMIT 1"""
_READ_KEYS: Final = "SELECT pg_prewarm(indexrelid::regclass, 'read') FROM pg_index WHERE indrelid = $1::text::regclass"


def write_filling(kind: Kind, ids: str) -> tuple[str, list[Sequence[Any]]]:
    """Return the statement that adds one day of a kind, and the arguments that follow its four own ones."""
    choices = _CHOICES[kind.name]
    values = [f"(${place}::{form}[])[{draw}]" for place, (draw, form, _) in enumerate(choices.values(), 5)]
    statement = _FILL.format(
        slots=_SLOTS,
        partitions=PARTITIONS,
        table=kind.table,
        key=kind.business_key,
        id=_IDS[ids],
        topic=kind.topic,
        columns=", ".join(choices),
        values=", ".join(values),
        counted=", ".join(kind.counted),
        names=" ".join(f"WHEN grouping({name}) = 0 THEN '{name}'" for name in kind.counted),
        texts=", ".join(f"{name}::text" for name in kind.counted),
        sets=", ".join(f"(kafka_partition, {name})" for name in kind.counted),
    )
    return statement, [chosen for _, _, chosen in choices.values()]


async def start_again(connection: asyncpg.Connection) -> None:
    """Make a copy of a filled ledger one of its own epoch, and read its keys into the machine's memory."""
    await connection.execute(_NEW_EPOCH)
    for choices in (IDENTITY_RECORDS, ACCOUNTS, LOGINS):
        await connection.execute(_READ_KEYS, choices.table)
