"""Refused records: kept whole in Postgres with their reason, personal ID numbers masked, and published from there."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, NoReturn

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from consumers.batch import Entry
from consumers.postgres import Postgres, is_outside_fault
from models.outcomes import Reason, Refused
from models.pseudonym import mask_personal_numbers
from models.topics import REFUSED

# 500 records of at most 256 KiB are 128 MB: what one round of publishing may hold in memory.
_PUBLISH_RECORDS_MAX: Final = 500

_PUBLISH_SECONDS: Final = 1.0

_COLUMNS: Final = (
    "topic",
    "kafka_partition",
    "kafka_offset",
    "reason",
    "field",
    "key",
    "value",
    "header_names",
    "header_values",
    "masked",
    "appended_at",
)
_SELECT_UNPUBLISHED: Final = f"""
SELECT id, {", ".join(_COLUMNS)} FROM refused
WHERE published_at IS NULL ORDER BY id LIMIT {_PUBLISH_RECORDS_MAX} FOR UPDATE SKIP LOCKED"""  # noqa: S608 - our own names
_MARK_PUBLISHED: Final = "UPDATE refused SET published_at = now() WHERE id = ANY($1)"


class Kept(NamedTuple):
    """What is kept of a record: every personal ID number in the clear masked."""

    key: bytes | None
    value: bytes | None
    header_names: list[bytes]
    header_values: list[bytes]
    masked: bool


def keep(entry: Entry[Refused]) -> Kept:
    """Return what may be stored of a refused record.

    A number that is hidden in JSON escapes cannot be masked in place: such a value is withheld whole.
    """
    record = entry.record
    names = [name.encode(errors="surrogateescape") for name, _ in record.headers]
    values = [value or b"" for _, value in record.headers]
    whole = (record.key, record.value, names, values)
    kept = (
        _mask(record.key),
        _mask(record.value),
        [*map(mask_personal_numbers, names)],
        [*map(mask_personal_numbers, values)],
    )
    if kept == whole and entry.outcome.reason is Reason.PERSONAL_DATA_IN_CLEAR:
        return Kept(kept[0], b"", [], [], masked=True)
    return Kept(*kept, masked=kept != whole)


def _mask(raw: bytes | None) -> bytes | None:
    return None if raw is None else mask_personal_numbers(raw)


async def record_refusals(connection: asyncpg.Connection, entries: Iterable[Entry[Refused]]) -> None:
    """Store refused records inside the caller's transaction."""
    if rows := [_row(entry) for entry in entries]:
        await connection.copy_records_to_table("refused", records=rows, columns=_COLUMNS)


def _row(entry: Entry[Refused]) -> tuple[Any, ...]:
    record, kept = entry.record, keep(entry)
    return (record.topic, record.partition, record.offset, *entry.outcome, *kept, entry.appended_at)


async def publish_forever(postgres: Postgres, producer: AIOKafkaProducer) -> NoReturn:
    """Publish what was refused, once a second, as long as the process runs; waits for servers that are away."""
    while True:
        try:
            published = await publish_refusals(await postgres.connection(), producer)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, KafkaError) as error:
            if not isinstance(error, KafkaError) and not is_outside_fault(error):
                raise
            postgres.drop()
            published = 0
        if published < _PUBLISH_RECORDS_MAX:
            await asyncio.sleep(_PUBLISH_SECONDS)


async def publish_refusals(connection: asyncpg.Connection, producer: AIOKafkaProducer) -> int:
    """Publish what was refused and not published yet, oldest first; return how many records that were.

    They are marked as published after Kafka has them: a crash in between publishes them again, with the same headers.
    """
    async with connection.transaction():
        rows = await connection.fetch(_SELECT_UNPUBLISHED)
        for sent in [await _send(producer, row) for row in rows]:
            await sent
        await connection.execute(_MARK_PUBLISHED, [row["id"] for row in rows])
    return len(rows)


async def _send(producer: AIOKafkaProducer, row: asyncpg.Record) -> Any:  # noqa: ANN401 - aiokafka's future has no type
    """Hand one refused record to the producer, as it was kept, with where it came from and why it was refused."""
    headers = [
        *(
            (name.decode(errors="replace"), value)
            for name, value in zip(row["header_names"], row["header_values"], strict=True)
        ),
        ("onboarding-reason", row["reason"].encode()),
        ("onboarding-field", row["field"].encode()),
        ("onboarding-topic", row["topic"].encode()),
        ("onboarding-partition", str(row["kafka_partition"]).encode()),
        ("onboarding-offset", str(row["kafka_offset"]).encode()),
    ]
    return await producer.send(REFUSED.name, key=row["key"], value=row["value"], headers=headers)
