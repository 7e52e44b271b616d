"""Sends records that no Python client would: with a header name that is not UTF-8, with neither key nor value."""

import sys
from collections.abc import Sequence
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from tests.brokers.raw_batches import NAME, spoil_names
from upstream.publishing.outgoing import Outgoing

_TIMEOUT_MILLISECONDS: Final = 10_000


async def send_with_bad_header_name(bootstrap: str, records: list[Outgoing], spoilt: int) -> None:
    """Send records to partition 0 of their topic in one batch; the one at position `spoilt` has such a header."""
    builder = _new_builder()
    for position, record in enumerate(records):
        builder.append(position, 1, record.key, record.value, [(NAME, b"")] if position == spoilt else [])
    await send_raw(bootstrap, records[0].topic, spoil_names(bytes(builder.build())))


async def send_batch(bootstrap: str, record: Outgoing, codec: int, headers: int = 0) -> None:
    """Send a record to partition 0 of its topic, packed with a codec (1 gzip, 2 snappy, 3 LZ4, 4 Zstandard).

    headers -- how many it has, each of them empty
    """
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, sys.maxsize)
    builder.append(0, 1, record.key, record.value, [("", b"")] * headers)
    await send_raw(bootstrap, record.topic, bytes(builder.build()))


async def send_nothing(bootstrap: str, topic: str) -> None:
    """Send a record with neither key nor value to partition 0 of a topic."""
    builder = _new_builder()
    builder.append(0, 1, None, None, [])
    await send_raw(bootstrap, topic, bytes(builder.build()))


def _new_builder() -> DefaultRecordBatchBuilder:
    """Return a builder of one batch, without compression, idempotence or transaction."""
    return DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1_000_000)


async def send_raw(bootstrap: str, topic: str, batch: bytes) -> None:
    """Send a batch to partition 0 of a topic as it is, and see that the broker has taken it."""
    assert await offer_raw(bootstrap, topic, [batch]) == [0]


async def offer_raw(bootstrap: str, topic: str, batches: Sequence[bytes]) -> list[int]:
    """Send a batch as it is to each partition of a topic from 0 on; return the broker's codes, 0 where it took it."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        return [await _offer(client, topic, partition, batch) for partition, batch in enumerate(batches)]
    finally:
        await client.close()


async def _offer(client: AIOKafkaClient, topic: str, partition: int, batch: bytes) -> int:
    topics = [(topic, [(partition, batch)])]
    request = ProduceRequest(transactional_id=None, required_acks=-1, timeout=_TIMEOUT_MILLISECONDS, topics=topics)
    answer = await client.send(client.get_random_node(), request)
    ((_topic, ((_partition, code, *_others),)),) = answer.topics
    return int(code)
