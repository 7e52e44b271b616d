"""Reads what is announced on the tallies topic, so that a worker that takes over knows all that was ever shown."""

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from brokers.clients import open_consumer
from models.topics import TALLIES

_SOURCE: Final = TopicPartition(TALLIES.name, 0)
_WAIT_MILLISECONDS: Final = 200
# Five attempts a second apart: a broker that is restarted is back by then.
_ATTEMPTS_MAX: Final = 5
_RETRY_SECONDS: Final = 1.0
# How a page writes its version: behind topic, partition and number of partitions, which take less than 200 bytes.
_VERSION: Final = re.compile(rb'"epoch":(\d+),"revision":(\d+),')
_VERSION_BYTES_MAX: Final = 300

_log = logging.getLogger(__name__)


class Written(NamedTuple):
    """A record of the topic, and where it stands."""

    value: bytes
    offset: int


class Announced(NamedTuple):
    """What stands on the tallies topic: the newest page of each source partition, and the offset behind it all."""

    records: Sequence[Written]
    end: int


async def read_announced(bootstrap: str) -> Announced:
    """Return what stands on the tallies topic now.

    The newest by version, not by place: a page that came late may be older than one before it. Waits for Kafka a few
    seconds; raises aiokafka.errors.KafkaError when it stays away.
    """
    for _attempt in range(_ATTEMPTS_MAX - 1):
        try:
            return await _read(bootstrap)
        except KafkaError as error:
            _log.warning("the tallies topic is read again: %s", type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
    return await _read(bootstrap)


async def _read(bootstrap: str) -> Announced:
    """Read the topic from its first record to where it ends now."""
    newest = Newest()
    async with open_consumer(bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([_SOURCE])
        await consumer.seek_to_beginning(_SOURCE)
        end = (await consumer.end_offsets([_SOURCE]))[_SOURCE]
        while await consumer.position(_SOURCE) < end:
            for records in (await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS)).values():
                for record in records:
                    newest.take(record)
    return Announced(newest.records, end)


class Newest:
    """Of the records of each key the one with the newest version, read without decoding the page.

    Decoding takes eight times as long, and of a minute of pages (14,000, until they are compacted) 24 are needed.
    """

    def __init__(self) -> None:
        self._found: dict[bytes | int, tuple[tuple[int, ...], Written]] = {}

    def take(self, record: ConsumerRecord) -> None:
        """Keep a record if it is the newest; one whose version cannot be read is kept whatever it is."""
        if record.value is None:
            return
        match = _VERSION.search(record.value, 0, _VERSION_BYTES_MAX)
        key, version = (record.key, tuple(map(int, match.groups()))) if match else (record.offset, ())
        if key not in self._found or version >= self._found[key][0]:
            self._found[key] = (version, Written(record.value, record.offset))

    @property
    def records(self) -> list[Written]:
        """The records that were kept, of those of one version the last one."""
        return [record for _version, record in self._found.values()]
