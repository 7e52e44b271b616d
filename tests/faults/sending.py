"""How a record is handed to a producer."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from tests.faults.record import Record


async def hand_over(producer: AIOKafkaProducer, record: Record) -> asyncio.Future[Any]:
    """Hand a record over and return the future of its acknowledgement. Raises KafkaError when it was not taken."""
    topic, partition = record.lane
    acknowledgement: asyncio.Future[Any] = await producer.send(
        topic, value=record.value, key=record.key, partition=partition, headers=list(record.headers)
    )
    return acknowledgement
