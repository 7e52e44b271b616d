"""Whether Postgres is as the counting needs it: its version and schema, what it does to a commit, its clock."""

import time
from datetime import datetime
from typing import Final, NamedTuple

from models.calendar import CLOCK_AHEAD_MAX
from operations.doctor.findings import Finding, Level
from operations.snapshot import open_snapshot

# The version that every test runs on.
_VERSION_TESTED: Final = 18
# 5 s: ages on screens are wrong by as much, which a person would not see.
_CLOCK_SECONDS_MAX: Final = 5.0
# 1,000 million: five times as many as those at which autovacuum freezes by default, and half of what there can be.
_TRANSACTIONS_MAX: Final = 1_000_000_000
_MEGABYTE: Final = 1_000_000
_FACTS: Final = """
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int / 10000 AS major,
    pg_is_in_recovery() AS standby, current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit, current_setting('TimeZone') AS time_zone,
    current_setting('server_encoding') AS encoding, (SELECT age(datfrozenxid) FROM pg_database
        WHERE datname = current_database()) AS oldest_transaction,
    pg_database_size(current_database()) AS bytes, to_regclass('alembic_version') IS NOT NULL AS migrated"""
_REVISION: Final = "SELECT version_num FROM alembic_version"
_NEWEST: Final = "SELECT max(newest_at) FROM progress"
_CLOCK: Final = "SELECT clock_timestamp()"


class PostgresFacts(NamedTuple):
    """What Postgres says of itself.

    oldest_transaction -- how many transactions ago the oldest one was that is not frozen
    revision -- of the schema; None where there is none
    clock_ahead_seconds -- of its clock before that of this machine
    newest_ahead_seconds -- of the newest append time of Kafka before its clock; None before the first record
    """

    version: str
    major: int
    standby: bool
    fsync: str
    full_page_writes: str
    synchronous_commit: str
    time_zone: str
    encoding: str
    oldest_transaction: int
    bytes: int
    revision: str | None
    clock_ahead_seconds: float
    newest_ahead_seconds: float | None


async def read_postgres(database_url: str) -> PostgresFacts:
    """Ask Postgres. Raises UnavailableError when it is away."""
    async with open_snapshot(database_url) as connection:
        *facts, migrated = await connection.fetchrow(_FACTS)
        revision = await connection.fetchval(_REVISION) if migrated else None
        newest_at = await connection.fetchval(_NEWEST) if migrated else None
        asked_at = time.time()
        clock = await connection.fetchval(_CLOCK)
        ahead = clock.timestamp() - (asked_at + time.time()) / 2
        return PostgresFacts(*(*facts, revision, ahead, _seconds_between(clock, newest_at)))


def _seconds_between(clock: datetime, newest_at: datetime | None) -> float | None:
    return None if newest_at is None else (newest_at - clock).total_seconds()


def judge_postgres(found: PostgresFacts, newest_revision: str) -> list[Finding]:
    """Judge what Postgres says; `newest_revision` is that of this program's schema."""
    return [
        _judge_server(found),
        _judge_schema(found.revision, newest_revision),
        _judge_durability(found),
        _judge_encoding(found.encoding),
        _judge_transactions(found.oldest_transaction),
        Finding(
            "time zone", Level.OK, f"that of Postgres is {found.time_zone}; days are those of Vietnam whatever it is"
        ),
        _judge_clock(found.clock_ahead_seconds),
        _judge_kafka_clock(found.newest_ahead_seconds),
    ]


def _judge_server(found: PostgresFacts) -> Finding:
    text = f"version {found.version}, the ledger's database has {found.bytes / _MEGABYTE:,.0f} MB"
    if found.standby:
        remedy = "let DATABASE_URL name the primary, or promote this one"
        return Finding("Postgres", Level.FAULT, f"{text}; it is a standby, which nobody can write to", remedy)
    if found.major < _VERSION_TESTED:
        return Finding("Postgres", Level.WARNING, text, f"tests are run with version {_VERSION_TESTED}: upgrade to it")
    return Finding("Postgres", Level.OK, text)


def _judge_schema(revision: str | None, newest: str) -> Finding:
    """Let a newer schema pass: every migration only adds."""
    if revision is None or revision < newest:
        text = f"has version {revision or 'none'}, this program needs {newest}"
        return Finding(
            "schema", Level.FAULT, text, "start `onboarding consume` of this version, which brings it up to date"
        )
    beside = "" if revision == newest else f", a newer program than this one ({newest}) runs beside it"
    return Finding("schema", Level.OK, f"has version {revision}{beside}")


def _judge_durability(found: PostgresFacts) -> Finding:
    """Ask that a commit that is answered survives a crash; our processes ask for synchronous_commit themselves."""
    off = [name for name in ("fsync", "full_page_writes") if getattr(found, name) != "on"]
    if off:
        remedy = f"set {' and '.join(off)} to on, restart Postgres, then `onboarding recount`"
        return Finding("durability", Level.FAULT, f"{' and '.join(off)} off: a crash may spoil the ledger", remedy)
    if found.synchronous_commit == "off":
        text = "synchronous_commit is off for others; our processes switch it on for themselves"
        return Finding("durability", Level.WARNING, text, "set synchronous_commit to on")
    return Finding("durability", Level.OK, f"fsync is on, synchronous_commit is {found.synchronous_commit}")


def _judge_encoding(encoding: str) -> Finding:
    if encoding == "UTF8":
        return Finding("encoding", Level.OK, "UTF8")
    remedy = "make another database with createdb --encoding=UTF8 --template=template0; consumers do not start on this"
    return Finding("encoding", Level.FAULT, f"{encoding}, which cannot hold every name", remedy)


def _judge_transactions(oldest: int) -> Finding:
    """Look how near Postgres is to the 2,000 million transactions at which it takes no more."""
    text = f"the oldest that is not frozen was {oldest:,} transactions ago"
    if oldest <= _TRANSACTIONS_MAX:
        return Finding("transactions", Level.OK, text)
    remedy = "find what holds autovacuum back (pg_stat_activity, prepared transactions), then VACUUM FREEZE"
    return Finding("transactions", Level.FAULT, f"{text}; at 2,000 million Postgres takes no more", remedy)


def _judge_clock(ahead_seconds: float) -> Finding:
    """Compare: the auditor closes days by this machine's clock, ages on screens are by that of Postgres."""
    text = f"that of Postgres is {abs(ahead_seconds):.1f} s {'ahead of' if ahead_seconds > 0 else 'behind'} this one"
    if abs(ahead_seconds) <= _CLOCK_SECONDS_MAX:
        return Finding("clock", Level.OK, text)
    level = Level.FAULT if abs(ahead_seconds) > CLOCK_AHEAD_MAX.total_seconds() else Level.WARNING
    return Finding("clock", level, text, "let NTP set both")


def _judge_kafka_clock(ahead_seconds: float | None) -> Finding:
    """Kafka tells no time, but no record can be appended in the future."""
    if ahead_seconds is None or ahead_seconds <= 0:
        return Finding("clock of Kafka", Level.SKIPPED, "Kafka tells no time; no record was appended later than now")
    text = f"a record was appended {ahead_seconds:,.1f} s after now by the clock of Postgres"
    if ahead_seconds <= _CLOCK_SECONDS_MAX:
        return Finding("clock of Kafka", Level.OK, text)
    return Finding(
        "clock of Kafka", Level.FAULT, text, "let NTP set the brokers' clocks: days and refusals rest on them"
    )
