"""Publishes on a schedule that was fixed before: an open loop, in a process of its own.

However late the events before it were, an event is due when it was meant to be sent. What the publisher itself is late
belongs to the latency that a reader of the totals sees, and is told beside it.
"""

import asyncio
import gc
import time
from array import array
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple

import uvloop
from rich.console import Console

from benchmarks.latency.plan import Plan, place_of
from models.topics import PARTITIONS
from onboarding.cli._progress import show_progress
from upstream.publishing.blocks import choose_as_java
from upstream.publishing.outgoing import Outgoing
from upstream.publishing.publisher import build_producer

# 0.5 s from the word to the first event: whoever waits for the beginning knows it by then.
_BEGIN_SECONDS: Final = 0.5
# 1 ms: as finely as the event loop wakes up. 20,000 events/s are 20 each time.
_TICK_SECONDS: Final = 0.001
# 200 events, some 5 ms of work: even when it is late the producer gets its turn to send.
_TURN_EVENTS_MAX: Final = 200
_PARTITIONS: Final = range(PARTITIONS)


class Sent(NamedTuple):
    """What was published, in order: the place of its kind in the catalogue, when it was due, when it was handed over.

    Moments are those of time.monotonic, which all processes of a machine share.
    """

    places: bytes
    due_at: "array[float]"
    handed_at: "array[float]"


class Addressed(NamedTuple):
    """An event, and the partition that its key belongs to."""

    event: Outgoing
    partition: int


def publish_plan(pipe: "Connection[Any, Any]", bootstrap: str, plan: Plan) -> None:
    """Make the events, say so, and at a word publish them; say when they begin, and at the end what was sent."""
    with show_progress("making events", plan.all_events, Console(stderr=True), time.monotonic) as report:
        records = [Addressed(event, _choose(event)) for event in plan.make_events(report)]
    places = bytes(place_of(record.event) for record in records)
    gc.freeze()  # else they are looked through for cycles, for tens of milliseconds each time
    pipe.send(len(records))
    pipe.recv()
    pipe.send(Sent(places, *uvloop.run(_publish(pipe, bootstrap, records, plan.make_moments()))))
    pipe.recv()  # stay until the end, so that it can be read what this process used


def _choose(event: Outgoing) -> int:
    """Return the partition to which every client sends an event: worked out beforehand, it takes half of the time."""
    return choose_as_java(event.key, _PARTITIONS)


async def _publish(
    pipe: "Connection[Any, Any]", bootstrap: str, records: Sequence[Addressed], moments: Sequence[float]
) -> "tuple[array[float], array[float]]":
    """Send the records; return when each was due and when it was handed over."""
    producer = build_producer(bootstrap)  # it lets no record linger
    await producer.start()
    try:
        began_at = time.monotonic() + _BEGIN_SECONDS
        pipe.send(began_at)
        due_at = array("d", [began_at + moment for moment in moments])
        handed_at = await send_on_schedule(producer, records, due_at)
        await producer.flush()
    finally:
        await producer.stop()
    return due_at, handed_at


async def send_on_schedule(
    producer: Any,  # noqa: ANN401 - an AIOKafkaProducer, which has no types, or a double
    records: Sequence[Addressed],
    due_at: Sequence[float],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> "array[float]":
    """Hand every event to the producer as soon as it is due, those that are late at once; return when that was."""
    handed_at = array("d")
    while (sent := len(handed_at)) < len(records):
        due = bisect_right(due_at, clock(), sent, min(sent + _TURN_EVENTS_MAX, len(records)))
        for (topic, key, value), partition in records[sent:due]:
            await producer.send(topic, key=key, value=value, partition=partition)
            handed_at.append(clock())
        if due < len(records):
            wait = due_at[due] - clock()
            await sleep(max(wait, _TICK_SECONDS) if wait > 0 else 0)
    return handed_at
