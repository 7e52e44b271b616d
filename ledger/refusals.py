"""Refused records: kept in Postgres with their reason, personal ID numbers masked, until they are published."""

from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

import asyncpg
from aiokafka import ConsumerRecord, TopicPartition

from ledger.batch import Refusal
from models.calendar import moment_of
from models.personal_numbers import conceal_personal_numbers as conceal
from models.verdicts import judge

# 1 MiB: what a broker takes for one record by default. A compressed one may unpack to far more.
_KEPT_BYTES_MAX: Final = 1024 * 1024
# 8 bytes: what a header costs in Postgres beside its name and its value.
_HEADER_BYTES: Final = 8

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
    "source",
    "kept_bytes",
)
_SELECT_UNPUBLISHED: Final = f"""
SELECT id, {", ".join(_COLUMNS)} FROM refused
JOIN unnest($1::text[], $2::int[]) AS source (topic, kafka_partition) USING (topic, kafka_partition)
WHERE published_at IS NULL ORDER BY id LIMIT $3"""  # noqa: S608 - our own names
_MARK_PUBLISHED: Final = "UPDATE refused SET published_at = now() WHERE id = $1"


class Kept(NamedTuple):
    """What is kept of a record: personal ID numbers in the clear masked, nothing over 1 MiB."""

    key: bytes | None
    value: bytes | None
    header_names: list[bytes]
    header_values: list[bytes]
    masked: bool  # something is not as it was, so the record cannot be replayed from here

    @property
    def bytes(self) -> int:
        """How many bytes these are."""
        return sum(map(len, (self.key or b"", self.value or b"", *self.header_names, *self.header_values)))


_WITHHELD: Final = Kept(b"", b"", [], [], masked=True)


def keep(record: ConsumerRecord) -> Kept:
    """Return what may be stored of a refused record."""
    return judge(lambda: _keep(record), lambda _error: _WITHHELD)  # what cannot be looked through is not kept


def _keep(record: ConsumerRecord) -> Kept:
    """Return what may be stored. Raises whatever our program fails by."""
    names = [name.encode(errors="surrogateescape") for name, _ in record.headers]
    values = [value or b"" for _, value in record.headers]
    whole = (record.key, record.value, names, values)
    if Kept(*whole, masked=False).bytes + _HEADER_BYTES * len(names) > _KEPT_BYTES_MAX:
        return _WITHHELD
    kept = (_conceal(record.key), _conceal(record.value), [*map(conceal, names)], [*map(conceal, values)])
    return Kept(*kept, masked=kept != whole)


def _conceal(raw: bytes | None) -> bytes | None:
    return None if raw is None else conceal(raw)


async def record_refusals(connection: asyncpg.Connection, refusals: Iterable[Refusal]) -> None:
    """Store refused records inside the caller's transaction."""
    if rows := [_row(refusal) for refusal in refusals]:
        await connection.copy_records_to_table("refused", records=rows, columns=_COLUMNS)


def _row(refusal: Refusal) -> tuple[Any, ...]:
    record, outcome, source = refusal
    place = (record.topic, record.partition, record.offset)
    kept = keep(record)
    return (*place, *outcome, *kept, moment_of(record.timestamp), source, kept.bytes)


async def fetch_unpublished(
    connection: asyncpg.Connection, sources: Collection[TopicPartition], records_max: int
) -> list[asyncpg.Record]:
    """Return what was refused in source partitions and not published yet, oldest first."""
    topics, partitions = [source.topic for source in sources], [source.partition for source in sources]
    return list(await connection.fetch(_SELECT_UNPUBLISHED, topics, partitions, records_max))


async def mark_published(connection: asyncpg.Connection, refused_id: int) -> None:
    """Note that Kafka has a refused record."""
    await connection.execute(_MARK_PUBLISHED, refused_id)
