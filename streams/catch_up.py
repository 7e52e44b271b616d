"""Reads what is announced on the tallies topic, so that a worker that takes over knows all that was ever shown."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from models.topics import TALLIES

_SOURCE: Final = TopicPartition(TALLIES.name, 0)
_WAIT_MILLISECONDS: Final = 200
# Five attempts a second apart: a broker that is restarted is back by then.
_ATTEMPTS_MAX: Final = 5
_RETRY_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


async def read_announced(bootstrap: str) -> Sequence[bytes]:
    """Return what stands on the tallies topic now, which compaction keeps near one page a source partition.

    Every record, not only the last of a key: a page that came late may be older than one before it. Waits for Kafka
    a few seconds; raises aiokafka.errors.KafkaError when it stays away.
    """
    for _attempt in range(_ATTEMPTS_MAX - 1):
        try:
            return await _read(bootstrap)
        except KafkaError as error:
            _log.warning("the tallies topic is read again: %s", type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
    return await _read(bootstrap)


async def _read(bootstrap: str) -> Sequence[bytes]:
    """Read the topic from its first record to where it ends now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    try:
        await consumer.start()
        consumer.assign([_SOURCE])
        await consumer.seek_to_beginning(_SOURCE)
        end = (await consumer.end_offsets([_SOURCE]))[_SOURCE]
        found: list[bytes] = []
        while await consumer.position(_SOURCE) < end:
            for records in (await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS)).values():
                found.extend(record.value for record in records if record.value is not None)
    finally:
        await consumer.stop()
    return found
