"""aiokafka with a broker does what a consumer relies on, and what its double does: after an update this tells."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic, RecordsToDelete

from brokers.clients import open_admin
from consumers.process import build_consumer
from tests.containers.kafka import KafkaBroker
from tests.doubles.kafka import OTHER, SOURCE
from tests.doubles.kafka_contract import SECONDS_MAX, KafkaContract

# Each transaction has a producer of its own, and each of those a name.
_NUMBERS = count()


class Side:
    """The client of a consumer process, and producers that write to a broker."""

    def __init__(self, broker: KafkaBroker, client: AIOKafkaConsumer, producers: AsyncExitStack) -> None:
        self.client = client
        self._broker = broker
        self._producers = producers

    async def write(self, source: TopicPartition, records: int) -> None:
        """Append records, if any."""
        await self._send(await self._open_producer(), source, records)

    async def commit(self, source: TopicPartition, records: int) -> None:
        """Append a transaction that is committed."""
        await (await self.leave_open(source, records)).commit_transaction()

    async def abort(self, source: TopicPartition, records: int) -> None:
        """Append a transaction that is aborted."""
        await (await self.leave_open(source, records)).abort_transaction()

    async def leave_open(self, source: TopicPartition, records: int) -> AIOKafkaProducer:
        """Append a transaction that has not ended."""
        producer = await self._open_producer(transactional_id=f"contract-{next(_NUMBERS)}")
        await producer.begin_transaction()
        await self._send(producer, source, records)
        return producer

    async def delete_before(self, source: TopicPartition, offset: int) -> None:
        """Cut what is older off a log."""
        async with open_admin(self._broker.bootstrap) as admin:
            await admin.delete_records({source: RecordsToDelete(offset)})

    def silence(self) -> None:
        """Freeze the broker."""
        self._broker.freeze()

    def now(self) -> float:
        """Return the time of this machine."""
        return time.time()

    async def _open_producer(self, **settings: str) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(bootstrap_servers=self._broker.bootstrap, **settings)
        await producer.start()
        self._producers.push_async_callback(producer.stop)
        return producer

    async def _send(self, producer: AIOKafkaProducer, source: TopicPartition, records: int) -> None:
        for _record in range(records):
            await producer.send_and_wait(source.topic, b"v", b"k", source.partition)


@pytest.mark.usefixtures("whole_batches")
class TestAiokafka(KafkaContract):
    """The client of a consumer process, alone in its group, and a broker with one topic."""

    @pytest_asyncio.fixture
    async def side(self, clean_kafka: str, kafka_broker: KafkaBroker) -> AsyncIterator[Side]:
        """Give a client that has just been assigned two empty partitions."""
        async with open_admin(clean_kafka) as admin:
            await admin.create_topics([NewTopic(SOURCE.topic, 2, 1)])
        client = build_consumer(clean_kafka)
        client.subscribe([SOURCE.topic])
        try:
            async with AsyncExitStack() as producers, asyncio.timeout(SECONDS_MAX):
                await client.start()
                while client.assignment() != {SOURCE, OTHER}:  # noqa: ASYNC110 - of another task
                    await asyncio.sleep(0.01)
                producers.callback(kafka_broker.recover)
                yield Side(kafka_broker, client, producers)
        finally:
            await client.stop()
