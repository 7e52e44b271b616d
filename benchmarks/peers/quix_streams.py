"""Quix Streams: every event marked as seen, by its identifier, in the state of its record's key.

State belongs to the key of a record: a retry, which has the key of its event, is found there, and totals would need
another trip through Kafka (`group_by`), so none are kept. The settings are those of Quix' documentation: "Processing
Guarantees" (exactly-once where correctness is critical, with a smaller interval between commits), "Checkpointing" and
"Stateful Applications" (RocksDB with changelog topics); all else are its defaults.

It runs in an environment of its own (`quix_streams.txt`): its dependencies are not the product's.
"""

import os
from typing import Any, Final

from quixstreams import Application, State  # type: ignore[import-not-found]  # not in the product's environment

# 1 s instead of 5 s, as the documentation advises for exactly-once.
_COMMIT_SECONDS: Final = 1.0
# 1 s instead of 3 s, as the product has it: so soon all processes have their partitions.
_HEARTBEAT_MILLISECONDS: Final = 1_000


def is_new(event: dict[str, Any], state: State) -> bool:
    """Tell whether an event is seen for the first time, and mark it as seen."""
    seen = state.exists(event["id"])
    if not seen:
        state.set(event["id"], 1)
    return not seen


def build(topics: list[str]) -> Application:
    """Return the application with a data frame for each topic."""
    application = Application(
        broker_address=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        consumer_group=os.environ["BENCH_GROUP"],
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=_COMMIT_SECONDS,
        state_dir=f"{os.environ['BENCH_STATE']}/{os.getpid()}",
        consumer_extra_config={"heartbeat.interval.ms": _HEARTBEAT_MILLISECONDS},
    )
    for name in topics:
        topic = application.topic(name, value_deserializer="json", key_deserializer="bytes")
        application.dataframe(topic).filter(is_new, stateful=True)
    return application


if __name__ == "__main__":
    build(os.environ["BENCH_TOPICS"].split(",")).run()
