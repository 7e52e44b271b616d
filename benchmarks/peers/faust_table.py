"""A plain Faust agent with a table: one count a kind of event, raised event by event, as Faust's introduction does it.

A table's keys must be parted as the records are, so a count is of one partition; `group_by`, which brings together what
belongs to one total, would write every event to Kafka once more. Who wants the total of all adds the counts up.

Its state is in memory with a changelog topic; at-least-once, as Faust commits offsets now and then. It keeps no ledger,
knows no duplicates, and a crash counts some events twice. Faust's "Settings" recommend a persistent store
(`rocksdb://`) for production: that costs a fifth to a third more for each event (measured), so it is left out in
Faust's favour. Its defaults for buffers and commits are kept; uvloop, which its command line offers, is used.
`python -m benchmarks.peers.faust_table -L uvloop worker --without-web` is one process; several share the partitions.
"""

import os

import faust

from brokers.timing import HEARTBEAT_SECONDS
from models.catalogue import KIND_BY_TOPIC, KINDS
from models.topics import PARTITIONS

app = faust.App(
    os.environ["BENCH_GROUP"],
    broker=f"kafka://{os.environ['KAFKA_BOOTSTRAP_SERVERS']}",
    # Several workers on one machine must not share a folder.
    datadir=f"{os.environ['BENCH_STATE']}/{os.getpid()}",
    store="memory://",
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    web_enabled=False,
    consumer_auto_offset_reset="earliest",
    broker_heartbeat_interval=HEARTBEAT_SECONDS,  # as the product: else a second worker waits for its share
    value_serializer="raw",
    autodiscover=False,
)
events = app.topic(*(kind.topic for kind in KINDS), key_type=bytes, value_type=bytes, key_serializer="raw")
totals = app.Table("totals", default=int, partitions=PARTITIONS)


@app.agent(events)
async def count(stream: faust.StreamT[bytes]) -> None:
    """Read every event and raise the total of its kind."""
    async for event in stream.events():
        kind = KIND_BY_TOPIC[event.message.topic]
        kind.event.__pydantic_validator__.validate_json(event.value)
        totals[f"{kind.name}/{event.message.partition}"] += 1


if __name__ == "__main__":
    faust.Worker(app, loglevel="warning").execute_from_commandline()
