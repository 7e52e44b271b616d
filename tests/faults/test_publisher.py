"""The publisher outlives its broker, and its log says what that broker acknowledged."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.containers.kafka import KafkaBroker
from tests.faults.contract import KINDS, LANES, PARTITIONS
from tests.faults.expectation import Expectation
from tests.faults.holdings import Holdings
from tests.faults.kafka_log import begin, find_ends, open_log, read_lane
from tests.faults.operation_log import OperationLog
from tests.faults.publisher import Publisher

RATE = 500.0
# 120 s: a broker is back within seconds; it only bounds a test that has failed.
SECONDS_MAX = 120
LOOK_SECONDS = 0.05


@pytest.mark.parametrize("harm", ["killed", "frozen"])
async def test_traffic_goes_on_after_the_broker_was_away(
    clean_kafka: str, kafka_broker: KafkaBroker, tmp_path: Path, harm: str
) -> None:
    """Everything is acknowledged in the end, Kafka holds all of it, and nothing that was not sent."""
    strike, mend = {
        "killed": (kafka_broker.sigkill, kafka_broker.restart),
        "frozen": (kafka_broker.freeze, kafka_broker.thaw),
    }[harm]
    with OperationLog(tmp_path / "operations.jsonl") as log:
        async with running(clean_kafka, log) as publisher:
            await until(lambda: log.acknowledged >= RATE)
            await asyncio.to_thread(strike)
            waiting = publisher.unsettled
            # 4 s of traffic: longer than a request may take.
            await until(lambda: publisher.unsettled >= waiting + 4 * RATE)
            await asyncio.to_thread(mend)
            known = log.acknowledged
            await until(lambda: log.acknowledged >= known + 4 * RATE)
        assert not log.open
        assert await list_discrepancies(clean_kafka, log) == []


async def test_transactions_end_as_they_are_told_to(clean_kafka: str, tmp_path: Path) -> None:
    """Only what was committed is acknowledged, and only a transaction left open holds readers up."""
    with OperationLog(tmp_path / "operations.jsonl") as log:
        async with running(clean_kafka, log, rate=0.0) as publisher:
            await publisher.transaction(30, "commit")
            assert (log.attempts, log.acknowledged, publisher.unsettled) == (30, 30, 0)
            await publisher.transaction(30, "abort")
            assert (log.attempts, log.acknowledged) == (60, 30)
            await publisher.settle()
            assert log.acknowledged == 60
            assert all(stable == end for stable, end in (await find_ends(clean_kafka, LANES)).values())
            await publisher.transaction(30, "open")
            assert any(stable < end for stable, end in (await find_ends(clean_kafka, LANES)).values())
        assert not log.open
        assert await list_discrepancies(clean_kafka, log) == []


class _HeldProducer:
    """A double of a producer that takes its time to be handed a record, and then acknowledges it at once."""

    def __init__(self) -> None:
        self.asked, self.let_go = asyncio.Event(), asyncio.Event()

    async def start(self) -> None:
        """Be there."""

    async def stop(self) -> None:
        """Be gone."""

    async def send(self, *_arguments: object, **_options: object) -> asyncio.Future[Any]:
        """Take a record when let go, as aiokafka does when its buffer is full or it has to ask for metadata."""
        self.asked.set()
        await self.let_go.wait()
        acknowledged: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        acknowledged.set_result(SimpleNamespace(offset=0))
        return acknowledged


async def test_a_record_that_waits_to_be_handed_over_is_not_settled(tmp_path: Path) -> None:
    """Steady traffic may hold it in hand while `settle` looks; a record overlooked was never acknowledged."""
    producer, stop = _HeldProducer(), asyncio.Event()
    with OperationLog(tmp_path / "operations.jsonl") as log:
        async with Publisher("", log, seed=1, rate=0.0, make_producer=lambda _bootstrap: producer) as publisher:
            await publisher.storm(2)
            records = publisher.unsettled
            running = asyncio.create_task(publisher.run(stop))
            await producer.asked.wait()
            assert publisher.unsettled == records
            settling = asyncio.create_task(publisher.settle())
            producer.let_go.set()
            await settling
            assert log.acknowledged == records
            stop.set()
            await running


@asynccontextmanager
async def running(bootstrap: str, log: OperationLog, rate: float = RATE) -> AsyncIterator[Publisher]:
    """Yield a publisher that sends steady traffic, and settle it."""
    await create_topics(bootstrap)
    stop = asyncio.Event()
    async with Publisher(bootstrap, log, seed=1, rate=rate) as publisher, asyncio.TaskGroup() as group:
        group.create_task(publisher.run(stop))
        try:
            yield publisher
        finally:
            stop.set()
        await publisher.settle()


async def create_topics(bootstrap: str) -> None:
    """Create the input topics, which the product would do."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    configs = {"message.timestamp.type": "LogAppendTime"}
    await admin.create_topics([NewTopic(kind.topic, PARTITIONS, 1, topic_configs=configs) for kind in KINDS])
    await admin.close()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(LOOK_SECONDS)


async def list_discrepancies(bootstrap: str, log: OperationLog) -> list[str]:
    """Compare the log with what Kafka shows."""
    found: list[str] = []
    async with open_log(bootstrap) as consumer:
        await begin(consumer, LANES)
        for lane in LANES:
            expected = Expectation(lane, log.reasons)
            async for record in read_lane(consumer, lane):
                expected.take(record)
            found += Holdings(expected, log).list_discrepancies()
    return found
