"""A transaction of its own producer, which ends as it is told to, or not at all."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Final, Literal

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.faults.operation_log import Operation, OperationLog
from tests.faults.record import Record
from tests.faults.sending import hand_over

# 10 s: the shortest that is sure to outlast the sending; one left open blocks its lanes for 10 to 20 s.
TIMEOUT_MILLISECONDS: Final = 10_000
_REQUEST_MILLISECONDS: Final = 3_000
# 20 s for all of it: then the broker has aborted what is not committed, and the rest is in doubt.
_SECONDS_MAX: Final = 20.0

Ending = Literal["commit", "abort", "open"]


def make_transactional(bootstrap: str) -> AIOKafkaProducer:
    """Return a producer for one transaction."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        transactional_id=f"faults-{uuid.uuid4()}",
        transaction_timeout_ms=TIMEOUT_MILLISECONDS,
        request_timeout_ms=_REQUEST_MILLISECONDS,
    )


async def publish_in_transaction(
    producer: AIOKafkaProducer, records: Sequence[Record], ending: Ending, log: OperationLog
) -> Sequence[Record]:
    """Send records in one transaction; return those that are to be published again, because they were not committed.

    Stopping the producer is left to the caller: a transaction that is open then stays open.
    """
    operations = [log.send(record) for record in records]
    try:
        async with asyncio.timeout(_SECONDS_MAX):
            offsets = await _send(producer, records)
            await _end(producer, ending)
    except (KafkaError, TimeoutError) as error:
        _note_failure(log, operations, ending, error)
        return records
    _note_end(log, operations, offsets, ending)
    return records if ending == "abort" else ()


async def _send(producer: AIOKafkaProducer, records: Sequence[Record]) -> list[int]:
    """Send records in a new transaction and return their offsets."""
    await producer.start()
    await producer.begin_transaction()
    sent = [await hand_over(producer, record) for record in records]
    return [answer.offset for answer in await asyncio.gather(*sent)]


async def _end(producer: AIOKafkaProducer, ending: Ending) -> None:
    if ending == "commit":
        await producer.commit_transaction()
    elif ending == "abort":
        await producer.abort_transaction()


def _note_end(log: OperationLog, operations: Sequence[Operation], offsets: Sequence[int], ending: Ending) -> None:
    for operation, offset in zip(operations, offsets, strict=True):
        if ending == "commit":
            log.acknowledge(operation, offset)
        else:
            log.discard(operation, ending)


def _note_failure(log: OperationLog, operations: Sequence[Operation], ending: Ending, error: BaseException) -> None:
    """Note that a commit is in doubt; whatever was to be aborted or left open is never committed."""
    for operation in operations:
        if ending == "commit":
            log.fail(operation, error)
        else:
            log.discard(operation, type(error).__name__)
