"""Sends a record that no Python client would: with a header name that is not UTF-8."""

import struct
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from upstream.outgoing import Outgoing

_NAME: Final = "name-to-be-spoilt"
# Where the checksum of a record batch is, and where what it covers begins (message format v2).
_CRC_AT: Final = 17
_COVERED_FROM: Final = 21
_TIMEOUT_MILLISECONDS: Final = 10_000


async def send_with_bad_header_name(bootstrap: str, records: list[Outgoing], spoilt: int) -> None:
    """Send records to partition 0 of their topic in one batch; the one at position `spoilt` has such a header."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        topics = [(records[0].topic, [(0, _build(records, spoilt))])]
        request = ProduceRequest(transactional_id=None, required_acks=-1, timeout=_TIMEOUT_MILLISECONDS, topics=topics)
        answer = await client.send(client.get_random_node(), request)
        assert [partition[1] for _topic, partitions in answer.topics for partition in partitions] == [0]
    finally:
        await client.close()


def _build(records: list[Outgoing], spoilt: int) -> bytes:
    """Return a record batch whose checksum is right and one header name of which is not UTF-8."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1_000_000)
    for position, record in enumerate(records):
        headers = [(_NAME, b"")] if position == spoilt else []
        builder.append(position, 1, record.key, record.value, headers)
    batch = bytearray(bytes(builder.build()).replace(_NAME.encode(), b"\xff" * len(_NAME)))
    struct.pack_into(">I", batch, _CRC_AT, calc_crc32c(bytes(batch[_COVERED_FROM:])))
    return bytes(batch)
