"""SIGTERM: the batch in hand is finished and announced, and the process ends within ten seconds whatever is away."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from models.catalogue import KINDS
from models.tally import Page
from models.topics import TALLIES
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer
from tests.integration.events import make_record
from tests.integration.system import Process, System, wait_until

# 30 s: ten are promised and measured in the fault runs; what waits for a server that is away waits for ever.
_END_SECONDS_MAX = 30.0
_RECORDS = 30_000
_SOURCE = TopicPartition(TALLIES.name, 0)


@pytest.fixture
def servers(kafka_broker: KafkaBroker, postgres_server: PostgresServer) -> dict[str, KafkaBroker | PostgresServer]:
    """Give the servers that can be frozen, by name."""
    return {"kafka": kafka_broker, "postgres": postgres_server}


@contextmanager
def _frozen(server: KafkaBroker | PostgresServer) -> Iterator[None]:
    """Freeze a server while the block runs."""
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


@pytest.mark.parametrize("away", ["kafka", "postgres"])
async def test_processes_end_within_ten_seconds_while_a_server_is_frozen(
    system: System,
    servers: dict[str, KafkaBroker | PostgresServer],
    away: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Right after it froze, with records in hand; then their supervisor need not kill them."""
    consumer, worker = system.start("consume"), system.start("total")
    await system.publish(make_record(KINDS[n % 3]) for n in range(_RECORDS))
    with _frozen(servers[away]):
        took = await asyncio.gather(*(asyncio.to_thread(_end, process) for process in (consumer, worker)))
    with capsys.disabled():
        print(f"\n{away} frozen: the consumer ended after {took[0]:.1f} s, the stream worker after {took[1]:.1f} s")  # noqa: T201 - figures of every run
    assert max(took) < _END_SECONDS_MAX


@pytest.mark.parametrize("verb", ["consume", "total"])
async def test_a_process_that_waits_for_kafka_at_its_start_ends_in_good_order(
    system: System, kafka_broker: KafkaBroker, verb: str
) -> None:
    """It has nothing to finish."""
    with _frozen(kafka_broker):
        starting = asyncio.create_task(asyncio.to_thread(system.start, verb))
        await asyncio.to_thread(wait_until, lambda: _answers(system), f"{verb} answers")
        assert await asyncio.to_thread(_end, system.processes[0]) < _END_SECONDS_MAX
        with pytest.raises(AssertionError, match=re.escape(f"{verb} ended with 0")):
            await starting


async def test_sigterm_drains_a_consumer(system: System) -> None:
    """What Postgres has recorded is announced before the end: the pages on the topic are the tallies of Postgres."""
    system.start("consume").end()  # makes the topics
    await system.publish(make_record(KINDS[n % 3]) for n in range(_RECORDS))
    consumer = await asyncio.to_thread(system.start, "consume")  # batch follows batch now
    assert await asyncio.to_thread(_end, consumer) < _END_SECONDS_MAX
    rows = await system.fetch("SELECT topic, kafka_partition, epoch, revision, accepted FROM progress")
    recorded = {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}
    assert sum(facts for _epoch, _revision, facts in recorded.values()) > 0
    assert await _read_pages(system.bootstrap) == recorded


def _answers(system: System) -> bool:
    """Tell whether the first process serves its pages."""
    return bool(system.processes) and system.processes[0].read("healthz")[0] != 0


def _end(process: Process) -> float:
    """End a process in good order; return the seconds that took."""
    begun_at = time.monotonic()
    assert process.end() == 0
    return time.monotonic() - begun_at


async def _read_pages(bootstrap: str) -> dict[tuple[str, int], tuple[int, int, int]]:
    """Return epoch, revision and facts of the newest page of each source partition on the tallies topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([_SOURCE])
        end = (await consumer.end_offsets([_SOURCE]))[_SOURCE]
        pages = []
        while await consumer.position(_SOURCE) < end:
            pages.append(Page.model_validate_json((await consumer.getone()).value or b""))
    finally:
        await consumer.stop()
    newest = {(page.topic, page.partition): page for page in sorted(pages, key=lambda page: page.version)}
    return {place: (*page.version, page.totals.get("all", {}).get("", 0)) for place, page in newest.items()}
