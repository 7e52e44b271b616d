"""Reads which refused records were published: by their headers, each at least once."""

from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

_TOPIC: Final = "onboarding.refused.v1"
_PLACE: Final = ("onboarding-topic", "onboarding-partition", "onboarding-offset")


async def read_refused(bootstrap: str) -> set[tuple[str, int, int]]:
    """Return topic, partition and offset of every record that was published as refused."""
    consumer = AIOKafkaConsumer(_TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        found: set[tuple[str, int, int]] = set()
        while not await _is_at(consumer, ends):
            for records in (await consumer.getmany(timeout_ms=100)).values():
                found.update(_read_place(dict(record.headers)) for record in records)
        return found
    finally:
        await consumer.stop()


async def _is_at(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    """Tell whether everything up to these offsets was read."""
    return all([await consumer.position(source) >= end for source, end in ends.items()])


def _read_place(headers: dict[str, bytes]) -> tuple[str, int, int]:
    """Return where a refused record came from."""
    topic, partition, offset = (headers[name].decode() for name in _PLACE)
    return topic, int(partition), int(offset)
