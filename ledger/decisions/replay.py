"""Puts refused records through the present code again, each in a transaction of its own, counted once however often."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from aiokafka import ConsumerRecord, TopicPartition

from brokers.whole_batches import Records
from ledger.batch import Slice, in_columns
from ledger.recording import record_replayed
from models.decoding.many_records import decode_all
from models.outcomes import EXPLANATIONS

ACCEPTED: Final = "accepted"
_MASKED: Final = "something of it was masked or withheld when it was kept: its upstream system must publish it again"

# Whoever else puts it through waits here, and then finds it resolved.
_LOCK: Final = """
SELECT topic, kafka_partition, kafka_offset, key, value, header_names, header_values, masked, appended_at, outcome
FROM refused WHERE id = $1 FOR UPDATE"""
_RESOLVE: Final = "UPDATE refused SET resolved_at = now(), resolved_by = $2, outcome = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a refused record.

    outcome -- "accepted" or how it repeats a fact (`Duplicate`); "" while it is refused
    obstacle -- why it is refused still; "" when it is not
    is_news -- whether this call has resolved it, not an earlier one
    """

    outcome: str = ""
    obstacle: str = ""
    is_news: bool = False


async def replay(connection: asyncpg.Connection, refused_id: int, by: str) -> Replayed:
    """Put one refused record through again, in the name of a person.

    Raises LookupError when no record has this id, LockNotAvailable when its source partition stays locked.
    """
    while True:
        with suppress(asyncpg.UniqueViolationError):  # by a fact that was recorded meanwhile: it is found now
            async with connection.transaction():
                return await _replay(connection, refused_id, by)


async def _replay(connection: asyncpg.Connection, refused_id: int, by: str) -> Replayed:
    row = await connection.fetchrow(_LOCK, refused_id)
    if row is None:
        raise LookupError(f"no refused record has the id {refused_id}")
    if row["outcome"] or row["masked"]:
        return Replayed(row["outcome"]) if row["outcome"] else Replayed(obstacle=_MASKED)
    record = _read_record(row)
    source = TopicPartition(record.topic, record.partition)
    decoded = decode_all(record.topic, in_columns([Records(source, [record])]))
    for _, refused in decoded.refused:
        return Replayed(obstacle=f"{refused.reason}: {EXPLANATIONS[refused.reason]}")
    part = Slice(source, record.offset, record.offset + 1, decoded.facts, [], None)
    outcome = (await record_replayed(connection, part)).duplicates.get(0, ACCEPTED)
    await connection.execute(_RESOLVE, refused_id, by, outcome)
    return Replayed(outcome, is_news=True)


def _read_record(row: Any) -> ConsumerRecord[bytes, bytes]:  # noqa: ANN401 - asyncpg is not typed
    """Return a record as it came, from what is kept of it."""
    names = (name.decode(errors="surrogateescape") for name in row["header_names"])
    headers = tuple(zip(names, row["header_values"], strict=True))
    timestamp = round(row["appended_at"].timestamp() * 1000)
    place = (row["topic"], row["kafka_partition"], row["kafka_offset"])
    return ConsumerRecord(*place, timestamp, 1, row["key"], row["value"], None, -1, -1, headers)
