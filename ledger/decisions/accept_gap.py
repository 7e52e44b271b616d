"""A gap is accepted: the audited word of a person that recording goes on without what is missing."""

from typing import Final, NamedTuple

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from brokers.batches import end_of, examine
from brokers.clients import open_consumer, read_bounds
from ledger.decisions.writer import open_writer
from ledger.statements import ACCEPT_GAP, LOCK_GAP
from ledger.unavailable import UnavailableError
from models.gap_kinds import Break

# A stored offset that goes down belongs to another incarnation of the log.
_RESUME: Final = """
UPDATE progress SET next_offset = $3, incarnation = incarnation + (next_offset > $3)::int,
    mark_offset = NULL, mark_timestamp = NULL, mark_digest = NULL, takeovers = 0, tried = 0,
    others_go_on = false, updated_at = now()
WHERE topic = $1 AND kafka_partition = $2"""


class Resumed(NamedTuple):
    """Where a source partition goes on."""

    offset: int
    stopped_at: int  # offsets from here to `offset` are left out, if there are any
    is_mended: bool  # the batch that could not be read can be read by this program


# Nothing is known to be missing there: recording goes on at the same record.
_OF_THE_SAME_LOG: Final = frozenset({Break.PROGRAM_FAILS, Break.COMPACTED})


class NotAcceptedError(Exception):
    """The gap cannot be accepted so; the message says why and what would be right."""


async def accept_gap(
    database_url: str, bootstrap: str, source: TopicPartition, offset: int | None, signed: tuple[str, str]
) -> Resumed:
    """Let a stopped source partition go on from `offset`; return where it goes on.

    Without an offset it goes on where the log begins; where a batch cannot be read, at that batch if this program can
    read it, else behind it; where our program failed, or the topic was compacted, at the same record.

    signed -- who accepts what is missing, and why
    Raises NotAcceptedError when no gap is open there, the log does not hold the offset, or one must be said;
    UnavailableError when Postgres or Kafka is away. The consumer that owns the partition goes on within five seconds.
    """
    start, end = await _read_offsets(bootstrap, source)
    if offset is not None and not start <= offset <= end:
        raise NotAcceptedError(f"the log of {source.topic}/{source.partition} holds {start} to {end}, not {offset}")
    async with open_writer(database_url) as connection, connection.transaction():
        gap = await connection.fetchrow(LOCK_GAP, *source)
        if gap is None:
            raise NotAcceptedError(
                f"{source.topic}/{source.partition} has no open gap: `onboarding gaps` lists them all"
            )
        is_mended = gap["batch"] is not None and examine(gap["batch"], gap["next_offset"]) is None
        resumed = max(start, _choose(gap, start, is_mended=is_mended)) if offset is None else offset
        await connection.execute(ACCEPT_GAP, *source, *signed, resumed)
        await connection.execute(_RESUME, *source, resumed)
    return Resumed(resumed, gap["next_offset"], is_mended)


def _choose(gap: asyncpg.Record, start: int, *, is_mended: bool) -> int:
    """Return where to go on when nobody has said it. Raises NotAcceptedError when somebody must."""
    if gap["kind"] not in {Break.UNREADABLE, *_OF_THE_SAME_LOG}:
        return start
    if is_mended or gap["kind"] in _OF_THE_SAME_LOG:
        return int(gap["next_offset"])
    behind = end_of(gap["batch"] or b"")
    if behind is None or behind <= gap["next_offset"]:
        raise NotAcceptedError(
            "where the batch ends is not known: say with --offset where to go on (kafka-dump-log.sh)"
        )
    return behind


async def _read_offsets(bootstrap: str, source: TopicPartition) -> tuple[int, int]:
    """Return the first offset of a log and the one behind its last. Raises UnavailableError when Kafka is away."""
    try:
        async with open_consumer(bootstrap) as consumer:
            return await read_bounds(consumer, source)
    except (KafkaError, ValueError) as error:  # ValueError: the topic has no such partition
        raise UnavailableError(
            f"Kafka does not tell the offsets of {source.topic}/{source.partition}: {error}"
        ) from error
