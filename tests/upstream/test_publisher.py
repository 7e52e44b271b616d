"""The publisher against a double of aiokafka's producer: waiting, trying again, giving up, and bounded blocks."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NotLeaderForPartitionError,
    OutOfOrderSequenceNumber,
    TopicAuthorizationFailedError,
)

from upstream.publishing import publisher
from upstream.publishing.blocks import choose_as_java, choose_by_crc32, make_blocks, pack
from upstream.publishing.outgoing import Outgoing
from upstream.publishing.publisher import PublishError, publish

# murmur2 of a key as Apache Kafka's own test has it (UtilsTest.testMurmur2), made positive as its partitioner does.
JAVA_MURMUR2 = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
BATCH_RECORDS_MAX = 3


@dataclass
class Cluster:
    """What a double of Kafka took, and the errors that it will answer with, one for each call."""

    start_errors: list[KafkaError] = field(default_factory=list)
    send_errors: list[KafkaError] = field(default_factory=list)
    acknowledge_errors: list[KafkaError] = field(default_factory=list)
    taken: list[tuple[str, int, bytes]] = field(default_factory=list)
    unanswered: int = 0  # how many batches from now on are never acknowledged
    missing_topics: set[str] = field(default_factory=set)
    asked_topics: list[str] = field(default_factory=list)
    producers: int = 0
    stopped: int = 0


class Batch:
    """A double of aiokafka's batch; it is full after a few records."""

    def __init__(self) -> None:
        self.records: list[bytes] = []

    def append(self, *, timestamp: float | None, key: bytes, value: bytes) -> object | None:
        """Take a record, or answer None when full."""
        del timestamp, key
        if len(self.records) == BATCH_RECORDS_MAX:
            return None
        self.records.append(value)
        return object()


class Producer:
    """A double of aiokafka's producer."""

    def __init__(self, cluster: Cluster) -> None:
        cluster.producers += 1
        self._cluster = cluster

    async def start(self) -> None:
        """Connect, or fail as told."""
        raise_next(self._cluster.start_errors)

    async def stop(self) -> None:
        """Close."""
        self._cluster.stopped += 1

    async def partitions_for(self, topic: str) -> list[int]:
        """Return the partitions in no good order, as a set may; of a missing topic wait until time is up."""
        self._cluster.asked_topics.append(topic)
        if topic in self._cluster.missing_topics:
            raise TimeoutError
        return [5, 2, 7, 0, 1, 6, 3, 4]

    def create_batch(self) -> Batch:
        """Return an empty batch."""
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[None]:
        """Take a batch, or fail at once or in its acknowledgement as told."""
        raise_next(self._cluster.send_errors)
        acknowledgement = asyncio.get_running_loop().create_future()
        if self._cluster.unanswered:
            self._cluster.unanswered -= 1
        elif self._cluster.acknowledge_errors:
            acknowledgement.set_exception(self._cluster.acknowledge_errors.pop(0))
        else:
            self._cluster.taken.extend((topic, partition, value) for value in batch.records)
            acknowledgement.set_result(None)
        return acknowledgement


def raise_next(errors: list[KafkaError]) -> None:
    """Raise the next error of a list, if there is one."""
    if errors:
        raise errors.pop(0)


def records(count: int, value: bytes = b"") -> Iterator[Outgoing]:
    """Yield records with a key of their own each."""
    return (Outgoing("topic", b"key %d" % place, value or b"%d" % place) for place in range(count))


async def publish_to(cluster: Cluster, count: int) -> tuple[int, list[int], list[str]]:
    """Publish some records to a double; return how many were sent, what was reported and what was told."""
    reported: list[int] = []
    told: list[str] = []
    sent = await publish("broker:1", records(count), reported.append, told.append, lambda: Producer(cluster))
    return sent, reported, told


async def test_everything_is_delivered_and_reported() -> None:
    """Each record once, the report at the end complete, the producer closed."""
    cluster = Cluster()
    assert await publish_to(cluster, 20) == (20, [20], [])
    assert sorted(int(value) for _, _, value in cluster.taken) == list(range(20))
    assert (cluster.producers, cluster.stopped) == (1, 1)


async def test_nothing_to_send_needs_no_broker() -> None:
    """An empty input is no reason to wait for Kafka."""
    cluster = Cluster()
    assert await publish_to(cluster, 0) == (0, [], [])
    assert cluster.producers == 0


async def test_waits_for_kafka_and_says_which_setting_names_it() -> None:
    """A person who started the command too early sees why it waits."""
    cluster = Cluster(start_errors=[KafkaConnectionError()])
    sent, _, told = await publish_to(cluster, 2)
    assert sent == 2
    assert told == ["Kafka does not answer at broker:1 (KAFKA_BOOTSTRAP_SERVERS); trying again"]
    assert (cluster.producers, cluster.stopped) == (2, 2)


@pytest.mark.parametrize("error", [NotLeaderForPartitionError, OutOfOrderSequenceNumber])
async def test_a_batch_given_up_is_sent_again_by_a_new_producer(error: type[KafkaError]) -> None:
    """What Kafka lost once is not lost: the block is sent again, and said so."""
    cluster = Cluster(acknowledge_errors=[error()])
    sent, reported, told = await publish_to(cluster, 20)
    assert (sent, reported, len(told)) == (20, [20], 1)
    assert {int(value) for _, _, value in cluster.taken} == set(range(20))
    assert (cluster.producers, cluster.stopped) == (2, 2)
    assert cluster.asked_topics == ["topic", "topic"]  # it may have been deleted or have other partitions


async def test_a_client_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka may be well: a person who waits would wait for ever."""
    monkeypatch.setattr(publisher, "_TELL_SECONDS", 0.01)
    cluster = Cluster(unanswered=1)
    sent, reported, told = await publish_to(cluster, 20)
    assert (sent, reported, len(told)) == (20, [20], 7)
    assert {int(value) for _, _, value in cluster.taken} == set(range(20))
    assert (cluster.producers, cluster.stopped) == (2, 2)


async def test_a_full_queue_is_waited_for() -> None:
    """The client raises when a batch before has taken long: the batch is offered again, and only once taken."""
    cluster = Cluster(send_errors=[KafkaTimeoutError(), KafkaTimeoutError()])
    assert await publish_to(cluster, 5) == (5, [5], [])
    assert len(cluster.taken) == 5


async def test_what_kafka_refuses_for_good_is_raised() -> None:
    """An error at the very end is not swallowed, and the producer is closed."""
    cluster = Cluster(acknowledge_errors=[TopicAuthorizationFailedError("topic")])
    with pytest.raises(PublishError, match="refuses the records: TopicAuthorizationFailedError"):
        await publish_to(cluster, 5)
    assert cluster.stopped == 1


async def test_a_missing_topic_is_named_with_what_creates_it() -> None:
    """Waiting would be in vain: the person has to start something first."""
    cluster = Cluster(missing_topics={"topic"})
    with pytest.raises(PublishError, match="topic topic is not at broker:1: start a consumer first"):
        await publish_to(cluster, 5)
    assert cluster.stopped == 1


def test_blocks_are_bounded_in_records_and_in_bytes() -> None:
    """Memory does not grow with the input, nor with the size of its records."""
    assert [len(block) for block in make_blocks(records(45_000))] == [20_000, 20_000, 5_000]
    assert [len(block) for block in make_blocks(records(100, bytes(256 * 1024)))] == [62, 38]
    assert list(make_blocks(records(0))) == []


@pytest.mark.parametrize(("key", "murmur2"), JAVA_MURMUR2.items())
async def test_a_key_goes_to_the_partition_that_java_chooses(key: bytes, murmur2: int) -> None:
    """One citizen's events stay in one partition, whichever client an upstream system uses."""
    cluster = Cluster()
    await publish("broker:1", iter([Outgoing("topic", key, b"")]), print, print, lambda: Producer(cluster))
    assert cluster.taken == [("topic", (murmur2 & 0x7FFFFFFF) % 8, b"")]


def test_a_key_goes_to_the_partition_that_librdkafka_chooses() -> None:
    """The check value of CRC-32 is that of "123456789" (ITU-T V.42)."""
    assert choose_by_crc32(b"123456789", range(1000)) == 0xCBF43926 % 1000


def test_the_order_of_a_partition_is_kept_over_full_batches() -> None:
    """One key, one order."""
    batches: list[tuple[str, int, Any]] = list(pack(list(records(30)), {"topic": [0, 1]}, choose_as_java, Batch))
    assert {len(batch.records) for _, _, batch in batches} <= {1, 2, 3}
    for partition in (0, 1):
        values = [int(value) for _, place, batch in batches if place == partition for value in batch.records]
        assert values == sorted(values)
    assert sum(len(batch.records) for _, _, batch in batches) == 30
