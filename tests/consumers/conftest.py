"""A feed that reads from a double of Kafka's client."""

import pytest

from consumers.feed import Feed
from tests.consumers.kafka_double import OTHER, SOURCE, Kafka


@pytest.fixture
async def kafka() -> Kafka:
    """Give a log of ten records."""
    made = Kafka()
    made.logs[SOURCE] = list(range(10))
    return made


@pytest.fixture
async def feed(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> Feed:
    """Give a feed that was just assigned both source partitions."""
    monkeypatch.setattr("consumers.stops.take_unreadable", kafka.take_unreadable)
    made = Feed(kafka, kafka.ask_leader)
    await made.on_partitions_assigned([SOURCE, OTHER])
    return made
