"""A batch that cannot be read stops its own partition, not the consumer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NoOffsetForPartitionError

from brokers.next_batch import ask_leader
from brokers.topic_creation import create_topics
from consumers.feed import Feed
from consumers.process import build_consumer
from ledger.continuity import Start
from models.catalogue import ACCOUNTS, LOGINS
from models.topics import INPUTS, PARTITIONS
from tests.brokers.raw_batches import build, in_other_byte_order, of_two_streams, with_zeros_behind
from tests.containers.kafka import KafkaBroker
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.gaps import accept_gap, await_stopped, find_place
from tests.integration.raw_records import send_raw
from tests.integration.system import SECONDS_MAX, Process, System

SUBJECT = "5d" * 32  # of every login here: all of them are in one source partition
_LOG = "/var/lib/kafka/data/{}-{}/00000000000000000000.log"
_READ_KINDS = "SELECT kind FROM gap ORDER BY id"


async def test_a_batch_with_a_wrong_checksum_stops_its_partition_until_it_is_accepted(
    system: System, kafka_broker: KafkaBroker
) -> None:
    """One byte of the log is spoilt on disk; the other partitions go on, and the records behind it after a word."""
    source = await _record_two(system)
    size = await _read_size(kafka_broker, source)
    await system.publish([make_record(LOGINS, subject=SUBJECT)])
    await _overwrite(kafka_broker, source, size + 80, "\\252")
    await system.publish([make_record(LOGINS, subject=SUBJECT) for _ in range(4)])

    consumer = await _see_others_go_on(system, source)
    answer = await accept_gap(system, source, "--why", "one bad disk block", "--offset", "3")
    assert answer.exit_code == 0
    await system.await_consumed(26)
    await await_stopped(consumer, source, 0)


async def test_a_batch_that_the_broker_itself_cannot_read_stops_its_partition(
    system: System, kafka_broker: KafkaBroker
) -> None:
    """Its length is -7: the broker refuses every fetch of it, which Kafka's client writes to its log and nowhere else.

    What lies behind it in its file cannot be found either: after a word the partition is stopped once more.
    """
    source = await _record_two(system)
    size = await _read_size(kafka_broker, source)
    await system.publish([make_record(LOGINS, subject=SUBJECT)])
    await _overwrite(kafka_broker, source, size + 8, "\\377\\377\\377\\371")

    consumer = await _see_others_go_on(system, source)
    answer = await accept_gap(system, source, "--why", "one bad disk block", "--offset", "2")
    assert answer.exit_code == 0
    await system.await_rows(_READ_KINDS, 2)
    await await_stopped(consumer, source, 1)


@pytest.mark.usefixtures("whole_batches")
async def test_to_doubt_sound_partitions_stops_none_of_them(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was held up for ten seconds asks leaders what is wrong: of empty logs, of their ends, and of what waits."""
    monkeypatch.setattr("consumers.feed._SILENCE_SECONDS_MAX", -1)
    monkeypatch.setattr("consumers.stops._DOUBT_AGAIN_SECONDS", -1)
    await create_topics(system.bootstrap, INPUTS, 1)
    await system.publish(make_record(LOGINS, subject=SUBJECT) for _ in range(3))
    consumer = build_consumer(system.bootstrap)
    feed = Feed(consumer, partial(ask_leader, system.bootstrap))
    consumer.subscribe([LOGINS.topic], listener=feed)
    await consumer.start()
    try:
        async with asyncio.timeout(SECONDS_MAX):
            assert await _fetch(feed, records=3, rounds=5) == 3
            await system.publish(make_record(LOGINS, subject=SUBJECT) for _ in range(2))
            assert await _fetch(feed, records=2, rounds=5) == 2
        assert len(feed.listening) == PARTITIONS
        assert feed.take_gaps() == []
    finally:
        await consumer.stop()


@pytest.mark.parametrize("spoil", [in_other_byte_order, with_zeros_behind], ids=["snappy-java", "gzip"])
async def test_what_clients_in_java_read_is_read(system: System, spoil: Callable[[bytes], bytes]) -> None:
    """Though another program wrote it strangely; what is with it is counted, too."""
    consumer = system.start("consume")
    values = [make_record(LOGINS, subject=SUBJECT).value for _ in range(3)]
    await send_raw(system.bootstrap, LOGINS.topic, spoil(build(0, *values, key=SUBJECT.encode())))
    await system.await_consumed(3)
    (row,) = await system.fetch("SELECT sum(accepted) FROM progress")
    assert row[0] == 3
    assert not any(consumer.scrape("onboarding_partition_stopped").values())


async def test_a_batch_that_no_program_unpacks_stops_its_partition_alone(system: System) -> None:
    """It is kept, named by `gaps`, and left out after a word; a program that can read it leaves nothing out."""
    consumer, source = system.start("consume"), TopicPartition(LOGINS.topic, 0)
    batch = of_two_streams(build(0, b"a", b"b"))  # Java alone reads it
    await send_raw(system.bootstrap, LOGINS.topic, batch)
    await await_stopped(consumer, source, 1)
    await system.publish([make_record(ACCOUNTS) for _ in range(20)])
    await system.await_consumed(20)
    told = await asyncio.to_thread(onboarding, system, "gaps")
    assert "it is packed in a way that this program does not read (snappy: a block of" in told.stdout
    await system.fetch("UPDATE gap SET batch = $1", build(0, b"a", b"b"))
    answer = await accept_gap(system, source, "--why", "as if this were a later version")
    assert "goes on at offset 0, within 5 seconds: this version can read the batch" in answer.output
    await system.await_rows(_READ_KINDS, 2)
    answer = await accept_gap(system, source, "--why", "nobody reads it")
    assert "goes on at offset 2, within 5 seconds; offsets 0 to 1 are left out" in answer.output
    await await_stopped(consumer, source, 0)


async def _fetch(feed: Feed, *, records: int, rounds: int) -> int:
    """Fetch until so many records and rounds have come; return how many records there were."""
    found = 0
    while found < records or rounds > 0:
        if not feed.current:
            feed.begin(feed.assignment, {source: Start(0, None, stopped=False) for source in feed.sources})
        with suppress(NoOffsetForPartitionError):
            found += sum(part.records for part in await feed.fetch())
            rounds -= feed.current and bool(feed.sources)
    return found


async def _record_two(system: System) -> TopicPartition:
    """Record two logins, end the consumer, and return where they are."""
    consumer = system.start("consume")
    await system.publish([make_record(LOGINS, subject=SUBJECT) for _ in range(2)])
    await system.await_consumed(2)
    assert consumer.end() == 0
    return await find_place(system, LOGINS)


async def _see_others_go_on(system: System, source: TopicPartition) -> Process:
    """Start a consumer, and see that it stops the one source partition and records what comes to others."""
    consumer = system.start("consume")
    await await_stopped(consumer, source, 1)
    await system.publish([make_record(ACCOUNTS) for _ in range(20)])
    await system.await_consumed(22)
    assert [row[0] for row in await system.fetch(_READ_KINDS)] == ["unreadable"]
    return consumer


async def _read_size(broker: KafkaBroker, source: TopicPartition) -> int:
    """Return the size of a partition's log in bytes."""
    return int(await _run(broker, f"wc -c < {_LOG.format(*source)}"))


async def _overwrite(broker: KafkaBroker, source: TopicPartition, place: int, octets: str) -> None:
    """Write bytes, each an octal escape, over a partition's log."""
    await _run(broker, f"printf '{octets}' | dd of={_LOG.format(*source)} bs=1 seek={place} conv=notrunc")


async def _run(broker: KafkaBroker, command: str) -> str:
    """Run a command in the broker's container and return what it says."""
    container: Any = broker.get_wrapped_container()
    code, output = await asyncio.to_thread(container.exec_run, ["sh", "-c", command])
    assert code == 0, output.decode()
    return str(output.decode())
