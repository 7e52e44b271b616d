"""The double of Kafka is held to the same statements as aiokafka with a broker."""

import pytest
from aiokafka import TopicPartition

from tests.doubles.kafka import Kafka
from tests.doubles.kafka_contract import KafkaContract


class Side:
    """The double, and who writes to its logs."""

    def __init__(self) -> None:
        self.client = Kafka()

    async def write(self, source: TopicPartition, records: int) -> None:
        """Append records."""
        self.client.logs[source].write(records)

    async def commit(self, source: TopicPartition, records: int) -> None:
        """Append a transaction that is committed."""
        self.client.logs[source].commit(records)

    async def abort(self, source: TopicPartition, records: int) -> None:
        """Append a transaction that is aborted."""
        self.client.logs[source].abort(records)

    async def leave_open(self, source: TopicPartition, records: int) -> None:
        """Append a transaction that does not end."""
        self.client.logs[source].leave_open(records)

    async def delete_before(self, source: TopicPartition, offset: int) -> None:
        """Cut what is older off a log."""
        self.client.logs[source].delete_before(offset)

    def silence(self) -> None:
        """Let brokers answer nothing more."""
        self.client.silent = set(self.client.logs)

    def now(self) -> float:
        """Return the time of the double."""
        return self.client.clock.time()


class TestDouble(KafkaContract):
    """The double alone, in no time."""

    @pytest.fixture
    async def side(self) -> Side:
        """Give two empty logs."""
        return Side()
