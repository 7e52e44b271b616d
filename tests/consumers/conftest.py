"""A feed that reads from a double of Kafka's client."""

import pytest

from consumers.feed import Feed
from tests.doubles.kafka import OTHER, SOURCE, Kafka
from tests.doubles.log import Log


@pytest.fixture
async def kafka() -> Kafka:
    """Give a log of ten records."""
    made = Kafka()
    made.logs[SOURCE] = Log(10)
    return made


@pytest.fixture
async def feed(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> Feed:
    """Give a feed that was just assigned both source partitions, by the clock of the double."""
    for module in ("feed", "stops", "recorder"):
        monkeypatch.setattr(f"consumers.{module}.time", kafka.clock)
    monkeypatch.setattr("consumers.stops.take_unreadable", kafka.take_unreadable)
    made = Feed(kafka, kafka.ask_leader)
    await made.on_partitions_assigned([SOURCE, OTHER])
    return made
