"""Reads what is announced on the tallies topic, so that a worker that takes over knows all that was ever shown."""

from collections.abc import Iterable
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from models.topics import TALLIES

_SOURCE: Final = TopicPartition(TALLIES.name, 0)
_WAIT_MILLISECONDS: Final = 200


async def read_newest_pages(bootstrap: str) -> Iterable[bytes]:
    """Return the newest record of every key on the tallies topic, as of now.

    The compacted topic holds little more than one page a source partition; older ones are passed over unread.
    Raises aiokafka.errors.KafkaError when Kafka cannot be reached.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([_SOURCE])
        await consumer.seek_to_beginning(_SOURCE)
        end = (await consumer.end_offsets([_SOURCE]))[_SOURCE]
        newest: dict[bytes, bytes] = {}
        while await consumer.position(_SOURCE) < end:
            for records in (await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS)).values():
                newest.update((record.key, record.value) for record in records)
    finally:
        await consumer.stop()
    return newest.values()
