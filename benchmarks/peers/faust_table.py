"""A plain Faust agent with a table: one count a kind of event, raised event by event, as Faust's introduction does it.

Its state is in memory with a changelog topic; at-least-once, as Faust commits offsets now and then. It keeps no ledger,
knows no duplicates, and a crash counts some events twice.
"""

import os

import faust

from models.catalogue import KIND_BY_TOPIC, KINDS
from models.topics import PARTITIONS

app = faust.App(
    os.environ["BENCH_GROUP"],
    broker=f"kafka://{os.environ['KAFKA_BOOTSTRAP_SERVERS']}",
    store="memory://",
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    web_enabled=False,
    consumer_auto_offset_reset="earliest",
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
        totals[kind.name] += 1


if __name__ == "__main__":
    faust.Worker(app, loglevel="warning").execute_from_commandline()
