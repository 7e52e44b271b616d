"""Refused records: kept in Postgres with their reason, personal ID numbers masked, and published from there."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, NamedTuple, NoReturn

import asyncpg
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from consumers.batch import Refusal
from consumers.faults import FAULTS, name_fault
from consumers.postgres import Postgres
from models.calendar import moment_of
from models.personal_numbers import conceal_personal_numbers as conceal
from models.topics import REFUSED
from models.verdicts import judge

_log = logging.getLogger(__name__)

# 1 MiB: what a broker takes for one record by default. A compressed one may unpack to far more.
_KEPT_BYTES_MAX: Final = 1024 * 1024
# 8 bytes: what a header costs in Postgres beside its name and its value.
_HEADER_BYTES: Final = 8
# 50 records of at most 1 MiB with key and headers: what one round of publishing may hold in memory.
_PUBLISH_RECORDS_MAX: Final = 50
_PUBLISH_SECONDS: Final = 1.0
# 10 s: for all of a round; what Kafka has not taken by then is tried again in the next one.
_DELIVERY_SECONDS_MAX: Final = 10.0

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
WHERE published_at IS NULL ORDER BY id LIMIT {_PUBLISH_RECORDS_MAX}"""  # noqa: S608 - our own names
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


async def publish_forever(
    postgres: Postgres, producer: AIOKafkaProducer, read_owned: Callable[[], Collection[TopicPartition]]
) -> NoReturn:
    """Publish what was refused in our source partitions, once a second; waits for servers that are away."""
    while True:
        published = 0
        try:
            async with asyncio.timeout(_DELIVERY_SECONDS_MAX):
                published = await publish_refusals(await postgres.connection(), producer, read_owned())
        except FAULTS as error:
            what = name_fault(error)
            postgres.drop()
            _log.warning("refused records wait for %s to be published: %s", what, type(error).__name__)
        if published < _PUBLISH_RECORDS_MAX:
            await asyncio.sleep(_PUBLISH_SECONDS)


async def publish_refusals(
    connection: asyncpg.Connection, producer: AIOKafkaProducer, sources: Collection[TopicPartition]
) -> int:
    """Publish what was refused in source partitions and not published yet, oldest first; return how many that were.

    Each is marked as published after Kafka has it: a crash in between publishes it again, with the same headers.
    """
    topics, partitions = [source.topic for source in sources], [source.partition for source in sources]
    rows = await connection.fetch(_SELECT_UNPUBLISHED, topics, partitions)
    for row in rows:
        await _publish(producer, row)
        await connection.execute(_MARK_PUBLISHED, row["id"])
    return len(rows)


async def _publish(producer: AIOKafkaProducer, row: asyncpg.Record) -> None:
    """Publish one refused record as it was kept; where Kafka does not take it, only where it is and why."""
    own = _describe(row)
    names = [name.decode(errors="replace") for name in row["header_names"]]
    headers = [*zip(names, row["header_values"], strict=True), *own]
    # A client of Kafka takes no record that has neither key nor value.
    key = b"" if row["key"] is None and row["value"] is None else row["key"]
    try:
        await producer.send_and_wait(REFUSED.name, key=key, value=row["value"], headers=headers)
    except MessageSizeTooLargeError:
        withheld = [*own, ("onboarding-withheld", b"too large")]
        await producer.send_and_wait(REFUSED.name, key=b"", value=b"", headers=withheld)


def _describe(row: asyncpg.Record) -> list[tuple[str, bytes]]:
    """Return the headers that say where a refused record came from and why it was refused."""
    return [
        ("onboarding-reason", row["reason"].encode()),
        ("onboarding-field", row["field"].encode()),
        ("onboarding-topic", row["topic"].encode()),
        ("onboarding-partition", str(row["kafka_partition"]).encode()),
        ("onboarding-offset", str(row["kafka_offset"]).encode()),
    ]
