"""A limit: aiokafka delivers every record of the topics, and nothing is done with them."""

import os

import uvloop
from aiokafka import AIOKafkaConsumer

from brokers.timing import HEARTBEAT_SECONDS, SESSION_SECONDS
from models.topics import INPUTS

_WAIT_MILLISECONDS = 200


async def run(bootstrap: str, group: str) -> None:
    """Fetch until stopped; commit what was fetched, so that it can be seen how far this is."""
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in INPUTS),
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=True,
        auto_commit_interval_ms=100,
        auto_offset_reset="earliest",
        # As the product: with aiokafka's own, a second consumer has to wait for its share.
        session_timeout_ms=int(SESSION_SECONDS * 1000),
        heartbeat_interval_ms=int(HEARTBEAT_SECONDS * 1000),
    )
    await consumer.start()
    while True:
        await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS)


if __name__ == "__main__":
    uvloop.run(run(os.environ["KAFKA_BOOTSTRAP_SERVERS"], os.environ["BENCH_GROUP"]))
