"""The outbox of refused records: what the ledger keeps of them is published from there, so that a crash loses none."""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final, NoReturn

import asyncpg
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from consumers.outages import FAULTS, name_fault
from ledger.connection import Postgres
from ledger.refusals import fetch_unpublished, mark_published
from models.topics import REFUSED

_log = logging.getLogger(__name__)

# 50 records of at most 1 MiB with key and headers: what one round of publishing may hold in memory.
_PUBLISH_RECORDS_MAX: Final = 50
_PUBLISH_SECONDS: Final = 1.0
# 10 s: for all of a round; what Kafka has not taken by then is tried again in the next one.
_DELIVERY_SECONDS_MAX: Final = 10.0


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
    rows = await fetch_unpublished(connection, sources, _PUBLISH_RECORDS_MAX)
    for row in rows:
        await _publish(producer, row)
        await mark_published(connection, row["id"])
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
