"""Sets a record aside: the audited word of a person that what our program ends over is refused, so that it goes on."""

import asyncio
from typing import Final

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from brokers.batches import take_unreadable
from brokers.clients import open_consumer
from brokers.whole_batches import read_whole_batches
from ledger.batch import Refusal
from ledger.continuity import Mark, Start, mark_of
from ledger.progress import read_stored
from ledger.recording import record_set_aside
from ledger.statements import ACCEPT_GAP, LOCK_GAP, LOCK_PROGRESS
from models.gap_kinds import MEANINGS, Break, explain
from models.outcomes import Reason, Refused

# 10 s: a broker sends a record within one; where none comes there is none, or a batch that cannot be read.
_RECORD_SECONDS_MAX: Final = 10.0
# A consumer that dies too often at it to say so has left no gap: what was decided is kept in the same place.
_ENTER_GAP: Final = """
INSERT INTO gap (topic, kafka_partition, kind, next_offset, log_start, log_end)
VALUES ($1, $2, $3, $4::bigint, $4, $4 + 1)
ON CONFLICT (topic, kafka_partition) WHERE accepted_at IS NULL DO NOTHING"""
_GO_BEHIND: Final = """
UPDATE progress SET next_offset = $3, takeovers = 0, tried = 0, others_go_on = false
WHERE topic = $1 AND kafka_partition = $2"""


class NotSetAsideError(Exception):
    """The record cannot be set aside; the message says why, and what is right."""


async def set_aside(
    connection: asyncpg.Connection, bootstrap: str, source: TopicPartition, offset: int, signed: tuple[str, str]
) -> None:
    """Refuse the one record that recording of a source partition stands at, without decoding it.

    It is kept like every refused record, and whoever records the partition goes on behind it within five seconds.

    signed -- who says so, and why
    Raises NotSetAsideError when recording does not stand at this record, or for another reason; KafkaError.
    """
    stands = await _read_start(connection, source)
    if stands is None or offset < stands.next_offset:
        raise NotSetAsideError(_say_where(source, offset, stands))
    record = await _read_next(bootstrap, source, stands)
    if record.offset != offset:
        raise NotSetAsideError(f"{_name(source)} stands at the record of offset {record.offset}, not {offset}")
    async with connection.transaction():
        await connection.execute(LOCK_PROGRESS, *source)
        again = await _read_start(connection, source)
        if again is None or again.next_offset != stands.next_offset:
            raise NotSetAsideError(f"{_name(source)} has just gone on behind {stands.next_offset}: look again")
        await _accept(connection, source, offset, signed)
        await record_set_aside(connection, Refusal(record, Refused(Reason.SET_ASIDE), ""))
        await connection.execute(_GO_BEHIND, *source, offset + 1)


async def _read_start(connection: asyncpg.Connection, source: TopicPartition) -> Start | None:
    """Return where recording goes on; None where it never began."""
    return next((row.start for row in await read_stored(connection, [source])), None)


async def _accept(connection: asyncpg.Connection, source: TopicPartition, offset: int, signed: tuple[str, str]) -> None:
    """Accept the gap that our program left at its failure. Raises NotSetAsideError when it is one of the log."""
    gap = await connection.fetchrow(LOCK_GAP, *source)
    if gap and gap["kind"] != Break.PROGRAM_FAILS:
        what = explain(gap["kind"], gap["flaw"], gap["detail"])
        raise NotSetAsideError(f"{_name(source)} is stopped because {what}: that is for `onboarding accept-gap`")
    await connection.execute(_ENTER_GAP, *source, Break.PROGRAM_FAILS, offset)
    await connection.execute(ACCEPT_GAP, *source, *signed, offset + 1)


async def _read_next(bootstrap: str, source: TopicPartition, stands: Start) -> ConsumerRecord[bytes, bytes]:
    """Return the first record of a log from where recording stands. Raises as `set_aside` does."""
    read_whole_batches()
    try:
        async with open_consumer(bootstrap, isolation_level="read_committed", auto_offset_reset="none") as consumer:
            if (await consumer.end_offsets([source]))[source] <= stands.next_offset:
                raise NotSetAsideError(_say_no_record(source, stands.next_offset))
            consumer.assign([source])
            await _recognise(consumer, source, stands.mark)
            consumer.seek(source, stands.next_offset)
            return await asyncio.wait_for(consumer.getone(source), _RECORD_SECONDS_MAX)
    except TimeoutError:
        raise NotSetAsideError(_say_no_record(source, stands.next_offset)) from None


async def _recognise(consumer: AIOKafkaConsumer, source: TopicPartition, mark: Mark | None) -> None:
    """See that a log has the last recorded record, if it still reaches back so far. Raises NotSetAsideError."""
    if mark is None or (await consumer.beginning_offsets([source]))[source] > mark.offset:
        return
    consumer.seek(source, mark.offset)
    if mark_of(await asyncio.wait_for(consumer.getone(source), _RECORD_SECONDS_MAX)) != mark:
        raise NotSetAsideError(f"{_name(source)}: {MEANINGS[Break.OTHER_RECORD]}; that is for `onboarding accept-gap`")


def _say_no_record(source: TopicPartition, offset: int) -> str:
    """Say why no record came."""
    unreadable = take_unreadable().get(source)
    if unreadable:
        what = explain(Break.UNREADABLE, unreadable.flaw, unreadable.detail)
        return f"{_name(source)} cannot be read from offset {offset}: {what}; that is for `onboarding accept-gap`"
    return f"the log of {_name(source)} has sent no record from offset {offset} on: all it holds is recorded"


def _say_where(source: TopicPartition, offset: int, stands: Start | None) -> str:
    """Say why an offset is not the one that recording stands at."""
    if stands is None:
        return f"nothing of {_name(source)} was ever recorded: there is no such partition, or no consumer ran"
    return f"{_name(source)} stands at offset {stands.next_offset}: the record of offset {offset} is recorded already"


def _name(source: TopicPartition) -> str:
    return f"{source.topic}/{source.partition}"
