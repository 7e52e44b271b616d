"""`python -m benchmarks.nation.generator SCALE`: publishes the history, never far ahead of what is recorded of it."""

import asyncio
import gc
import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Final

import uvloop

from benchmarks.nation.recorded import Recorded, open_recorded
from upstream.publishing.blocks import choose_by_crc32
from upstream.publishing.outgoing import Outgoing
from upstream.publishing.publisher import publish
from upstream.simulation.history import history

# 3,000,000 events wait in Kafka at most: half a minute's work, and less than a gigabyte.
AHEAD_EVENTS_MAX: Final = 3_000_000
_TURN_EVENTS: Final = 500_000
_LOOK_SECONDS: Final = 0.2
_SEED: Final = 6


async def run(bootstrap: str, database_url: str, scale: int) -> None:
    """Publish the whole history."""
    events, published = history(scale, _SEED), 0
    async with open_recorded(database_url) as recorded:
        while turn := await _publish_turn(bootstrap, events):
            published += turn
            await _wait(recorded, published - AHEAD_EVENTS_MAX + _TURN_EVENTS)


async def _publish_turn(bootstrap: str, events: Iterator[Outgoing]) -> int:
    """Publish the next events; return how many, 0 at the end."""
    turn = islice(events, _TURN_EVENTS)
    return await publish(bootstrap, turn, lambda _delivered: None, choose=choose_by_crc32)


async def _wait(recorded: Recorded, records: int) -> None:
    """Wait until so many records are recorded."""
    while await recorded.count() < records:  # noqa: ASYNC110 - Postgres tells nobody
        await asyncio.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)  # as in a consumer: records make no cycles
    uvloop.run(run(os.environ["KAFKA_BOOTSTRAP_SERVERS"], os.environ["DATABASE_URL"], int(sys.argv[1])))
