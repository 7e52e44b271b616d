"""The publisher against a real broker."""

from collections import Counter
from itertools import islice

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.partitioner import murmur2

from brokers.topic_creation import create_topics
from models.catalogue import KIND_BY_NAME, KIND_BY_TOPIC
from models.topics import PARTITIONS, TOPICS
from upstream.publishing.outgoing import Outgoing
from upstream.publishing.publisher import publish
from upstream.simulation.figures import PUBLISHED
from upstream.simulation.history import history

EVENTS = 2000
SCALE = 75_000  # 2,042 events, of all three kinds


async def test_every_event_arrives_once_where_every_client_would_put_it(clean_kafka: str) -> None:
    """Acknowledged is arrived: 2,000 events, none lost, none doubled, each key in the partition of its murmur2."""
    await create_topics(clean_kafka, TOPICS, 1)
    outgoing = list(islice(history(SCALE, seed=1), EVENTS))
    reported: list[int] = []
    assert await publish(clean_kafka, iter(outgoing), reported.append) == EVENTS
    assert reported[-1] == EVENTS

    arrived = await read_all(clean_kafka)
    assert Counter(Outgoing(record.topic, record.key, record.value) for record in arrived) == Counter(outgoing)
    assert {record.topic for record in arrived} == {KIND_BY_NAME[name].topic for name in PUBLISHED}
    for record in arrived:
        assert record.partition == (murmur2(record.key) & 0x7FFFFFFF) % PARTITIONS


async def read_all(bootstrap: str) -> list[ConsumerRecord]:
    """Read every input topic from its beginning to its present end."""
    places = [TopicPartition(topic, partition) for topic in KIND_BY_TOPIC for partition in range(PARTITIONS)]
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        records: list[ConsumerRecord] = []
        while len(records) < sum(ends.values()):
            for fetched in (await consumer.getmany(timeout_ms=1000)).values():
                records.extend(fetched)
        return records
