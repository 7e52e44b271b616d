"""A small ledger written by SQL of its own, so that what the operators' commands say can be checked by hand.

Two source partitions of identity records, one of accounts, one of logins; two duplicates and two refused records.
"""

from typing import Final
from uuid import UUID

import asyncpg

from ledger.migrations.apply import migrate
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS
from models.tally import ALL
from operations.recount.drift import Counts

SOURCE: Final = "urn:vn:project06:vneid"
COUNTED_EVENT: Final = UUID(int=1)
COUNTED_KEY: Final = UUID(int=101)
CONFLICT_EVENT: Final = UUID(int=50)
REFUSED_EVENT: Final = UUID("018fc2a4-7b1e-7c3d-9a52-3f6e8d0b1c2f")
REFUSED_BINARY_EVENT: Final = UUID("018fc2a4-7b1e-7c3d-9a52-aaaaaaaaaaaa")
SUBJECT: Final = "ab" * 32

# What the rows below come to, counted by hand.
COUNTS: Final[dict[str, Counts]] = {
    IDENTITY_RECORDS.name: {
        ALL: 4,
        ("source", SOURCE): 4,
        ("province", "01"): 3,
        ("province", "79"): 1,
        ("channel", "commune-desk"): 4,
    },
    ACCOUNTS.name: {ALL: 1, ("source", SOURCE): 1, ("province", "01"): 1, ("level", "2"): 1},
    LOGINS.name: {ALL: 1, ("source", SOURCE): 1, ("portal", "national"): 1},
    **{kind.name: {} for kind in KINDS[3:]},
}

_SUBJECT: Final = f"'\\x{SUBJECT}'"
_FACT: Final = f"{_SUBJECT}, '{{at}}', {{partition}}, {{offset}}, '2024-06-02T00:00:00Z', '{SOURCE}'"
_FACT_COLUMNS: Final = "event_id, subject, occurred_at, kafka_partition, kafka_offset, appended_at, source"
_RECORD: Final = (
    f"INSERT INTO identity_record_received (record_number, {_FACT_COLUMNS}, province, channel) "
    f"VALUES ('{{key}}', '{{event}}', {_FACT}, '{{province}}', 'commune-desk')"
)
_ACCOUNT: Final = (
    f"INSERT INTO account_activated (account, {_FACT_COLUMNS}, province, level) "
    f"VALUES ('{UUID(int=201)}', '{UUID(int=5)}', {_FACT}, '01', 2)"
)
_LOGIN: Final = (
    f"INSERT INTO portal_logged_in (login_id, {_FACT_COLUMNS}, portal) "
    f"VALUES ('{UUID(int=301)}', '{UUID(int=6)}', {_FACT}, 'national')"
)
_TALLY: Final = "INSERT INTO tally VALUES ($1, $2, $3::text::date, $4, $5, $6)"
_PROGRESS: Final = """
INSERT INTO progress (topic, kafka_partition, next_offset, epoch, revision,
    consumed, accepted, retries, repeats, conflicts, refused, newest_at)
SELECT $1, $2, $3, max(epoch), 1, $3, $4, $5, 0, $6, $7, '2024-06-02T00:00:00Z' FROM ledger_epoch"""
_DUPLICATE: Final = """
INSERT INTO duplicate (topic, kafka_partition, kafka_offset, duplicate, business_key, event_id, appended_at)
VALUES ($1, 0, $2, $3, $4, $5, '2024-06-02T00:00:00Z')"""
_REFUSED: Final = """
INSERT INTO refused (topic, kafka_partition, kafka_offset, reason, field, value, header_names, header_values,
    masked, appended_at)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7, false, '2024-06-02T00:00:00Z')"""


async def write_ledger(database_url: str) -> None:
    """Make the schema and fill it with rows that agree."""
    await migrate(database_url)
    connection = await asyncpg.connect(database_url)
    try:
        await _write_facts(connection)
        await _write_tallies(connection)
        await _write_others(connection)
    finally:
        await connection.close()


async def execute(database_url: str, statement: str) -> None:
    """Do something by hand to the ledger."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _write_facts(connection: asyncpg.Connection) -> None:
    """Write six facts; the third happened on 1 June in UTC and on 2 June in Vietnam."""
    records = (
        (COUNTED_KEY, COUNTED_EVENT, "2024-06-01T03:00:00Z", 0, 0, "01"),
        (UUID(int=102), UUID(int=2), "2024-06-01T04:00:00Z", 0, 1, "01"),
        (UUID(int=103), UUID(int=3), "2024-06-01T17:00:00Z", 0, 2, "01"),
        (UUID(int=104), UUID(int=4), "2024-06-01T05:00:00Z", 1, 0, "79"),
    )
    for key, event, at, partition, offset, province in records:
        values = {"key": key, "event": event, "at": at, "partition": partition, "offset": offset}
        await connection.execute(_RECORD.format(**values, province=province))
    for statement in (_ACCOUNT, _LOGIN):
        await connection.execute(statement.format(at="2024-06-01T03:00:00Z", partition=0, offset=0))


async def _write_tallies(connection: asyncpg.Connection) -> None:
    """Write the tallies that belong to the facts, each source partition and day with all of its marginals."""
    first, second = "2024-06-01", "2024-06-02"
    desk, source = ("channel", "commune-desk"), ("source", SOURCE)
    cells = (
        *((IDENTITY_RECORDS, 0, first, *cell, 2) for cell in (ALL, source, ("province", "01"), desk)),
        *((IDENTITY_RECORDS, 0, second, *cell, 1) for cell in (ALL, source, ("province", "01"), desk)),
        *((IDENTITY_RECORDS, 1, first, *cell, 1) for cell in (ALL, source, ("province", "79"), desk)),
        *((ACCOUNTS, 0, first, *cell, 1) for cell in (ALL, source, ("province", "01"), ("level", "2"))),
        *((LOGINS, 0, first, *cell, 1) for cell in (ALL, source, ("portal", "national"))),
    )
    await connection.executemany(_TALLY, [(kind.topic, *cell) for kind, *cell in cells])


async def _write_others(connection: asyncpg.Connection) -> None:
    """Write progress, a retry, a conflict, and a refused record in either mode."""
    topic = IDENTITY_RECORDS.topic
    for row in (
        (topic, 0, 5, 3, 1, 1, 0),
        (topic, 1, 3, 1, 0, 0, 2),
        (ACCOUNTS.topic, 0, 1, 1, 0, 0, 0),
        (LOGINS.topic, 0, 1, 1, 0, 0, 0),
    ):
        await connection.execute(_PROGRESS, *row)
    await connection.execute(_DUPLICATE, topic, 3, "retry", COUNTED_KEY, COUNTED_EVENT)
    await connection.execute(_DUPLICATE, topic, 4, "conflict", COUNTED_KEY, CONFLICT_EVENT)
    value = f'{{"id": "{str(REFUSED_EVENT).upper()}", "subject": "{SUBJECT}"}}'.encode()
    await connection.execute(_REFUSED, topic, 1, "province_unknown", "data.province", value, [], [])
    headers = [[b"ce_id"], [str(REFUSED_BINARY_EVENT).encode()]]
    await connection.execute(_REFUSED, topic, 2, "not_json", "", b"{", *headers)
