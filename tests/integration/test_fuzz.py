"""Anything that Kafka takes, put through the whole consumer: every record has one outcome, and nothing ever stops."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brokers.topic_creation import create_topics
from models.catalogue import KINDS
from models.decoding.modes import Headers
from models.outcomes import Reason
from models.topics import TOPICS
from tests.fuzz.process import FoundError, hunt
from tests.integration.laws import find_drifts
from tests.integration.system import System, wait_until
from tests.models.strategies import records
from tests.models.test_fuzz import fragments, headers, json_values, keys, topics

# 25 examples of up to 40 records: each is published, recorded and checked in a tenth of a second.
EXAMPLES: Final = 25
RECORDS_MAX: Final = 40
MEGABYTES_MAX: Final = 350


class Sent(NamedTuple):
    """A record as it is sent."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


@st.composite
def damaged(draw: st.DrawFn) -> Sent:
    """Draw a valid event in either mode, and perhaps spoil some bytes of it, or its key."""
    record = draw(records())
    value, sent = draw(st.sampled_from([record.structured(), record.binary()]))
    start = draw(st.integers(0, len(value)))
    inserted = draw(st.just(b"") | fragments)
    key = draw(st.just(record.key) | keys)
    return Sent(record.kind.topic, key, value[:start] + inserted + value[start:], sent)


anything = st.builds(Sent, topics, keys, st.none() | st.binary() | json_values.map(json.dumps).map(str.encode), headers)


async def test_batches_that_no_ordinary_client_writes_end_nothing(
    system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few rounds of what `make fuzz` does for minutes; and a consumer that has ended is seen."""
    monkeypatch.chdir(tmp_path)
    await create_topics(system.bootstrap, TOPICS, 1)
    party = await hunt(system, minutes=0.05, seed=4)
    assert "taken" in capsys.readouterr().out
    party.consumer.end()
    with pytest.raises(FoundError, match="the consumer has ended with 0"):
        await party.send([])


async def send(system: System, batch: list[Sent]) -> int:
    """Publish what a client of Kafka takes; return how many records these are."""
    sent = [each for each in batch if each.key is not None or each.value is not None]
    async with AIOKafkaProducer(bootstrap_servers=system.bootstrap, acks="all") as producer:
        waiting = [
            await producer.send(each.topic, each.value, each.key, headers=[(n, v or b"") for n, v in each.headers])
            for each in sent
        ]
        await asyncio.gather(*waiting)
    return len(sent)


async def test_whatever_is_published_has_one_outcome_and_nothing_stops(system: System) -> None:
    """One consumer for all examples: what one of them breaks, the next one shows."""
    consumer, worker = system.start("consume"), system.start("total")
    loop, published = asyncio.get_running_loop(), 0

    def publish(batch: list[Sent]) -> None:
        nonlocal published
        published += asyncio.run_coroutine_threadsafe(send(system, batch), loop).result()
        asyncio.run_coroutine_threadsafe(system.await_consumed(published), loop).result()

    check = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))(
        given(st.lists(damaged() | anything, min_size=1, max_size=RECORDS_MAX))(publish)
    )
    await asyncio.to_thread(check)

    assert consumer.popen.poll() is None
    assert consumer.read("readyz")[0] == 200
    assert [*consumer.scrape("onboarding_partition_stopped").values()] == [0] * 8 * len(KINDS)
    reasons = {row[0] for row in await system.fetch("SELECT DISTINCT reason FROM refused")}
    assert reasons <= {*Reason} - {Reason.PROGRAM_FAULT}
    outcomes = "sum(accepted), sum(retries + repeats + conflicts), sum(refused)"
    (row,) = await system.fetch(f"SELECT sum(consumed), {outcomes} FROM progress")
    consumed, *parts = map(int, row)
    assert consumed == sum(parts) == published
    assert min(consumed, parts[0], parts[2]) > 0
    memory: Any = consumer.value("process_resident_memory_bytes")
    assert memory < MEGABYTES_MAX * 2**20
    wait_until(lambda: all(worker.value(kind.metric) is not None for kind in KINDS), "totals are shown")
    assert await find_drifts(system, worker) == []
