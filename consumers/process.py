"""The consumer process on one page: what it is made of, how it starts, and how it stops."""

import asyncio
import gc
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Final, NoReturn

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from brokers.answers import answers
from brokers.claims import Claims
from brokers.connections import outlive_broken_connections
from brokers.fetches import SILENT
from brokers.next_batch import ask_leader
from brokers.timing import HEARTBEAT_SECONDS, METADATA_MILLISECONDS, REQUEST_MILLISECONDS, SESSION_SECONDS
from brokers.topic_creation import keep_topics
from brokers.whole_batches import read_whole_batches
from consumers.announcer import Announcer
from consumers.claimant import Claimant
from consumers.feed import Feed
from consumers.outbox import publish_forever
from consumers.preparation import ConsumerSettings, prepare, producing
from consumers.recorder import Recorder
from consumers.topic_watch import TopicWatch
from ledger.connection import Postgres
from ledger.session import Ledger
from models.topics import CLAIMS, CONSUMER_GROUP, INPUTS, REFUSED, TALLIES
from monitoring.metrics import ConsumerMetrics, TopicMetrics
from runtime.ending import StartError, close_all
from runtime.process import Process, running, unless_ended
from runtime.watchdog import raise_when_deaf

# 10 s: what lies about in cycles by then is small, and to look for it takes 20 ms.
_COLLECT_SECONDS: Final = 10.0
# 0.1 s: a client of Kafka that is just closing swallows a cancellation, so it is said again.
_CANCEL_SECONDS: Final = 0.1
# What follows SIGTERM. Where servers answer it takes 0.1 s; where they do not, none of it is needed: what is not
# committed is recorded by the next owner, who announces the same pages.
# 4 s for the batch in hand, which commits within one.
_LAST_BATCH_SECONDS_MAX: Final = 4.0
# 2 s for its pages, and 2 s to leave the group and to close connections, all at once.
_LAST_PAGES_SECONDS_MAX: Final = 2.0
_STOP_SECONDS_MAX: Final = 2.0


async def run_consumer(settings: ConsumerSettings) -> None:
    """Record until SIGTERM or SIGINT; waits for Kafka and Postgres as long as they are away."""
    read_whole_batches()
    outlive_broken_connections()
    claims = Claims()
    async with (
        running("consumer", settings.http_host, settings.http_port, "Kafka", "Postgres") as process,
        producing(settings.bootstrap) as producer,
    ):
        claimant = await unless_ended(process.end, prepare(settings, process.health, producer, claims))
        if claimant:
            await _consume(settings, process, producer, claimant)
        claims.stop()


async def _collect_forever() -> NoReturn:
    """Look for cycles by the clock: records make none, and to look for some among them takes a third of the time."""
    gc.freeze()
    gc.disable()
    while True:
        await asyncio.sleep(_COLLECT_SECONDS)
        gc.collect()


async def _consume(
    settings: ConsumerSettings, process: Process, producer: AIOKafkaProducer, claimant: Claimant
) -> None:
    """Put the parts together, run them until the end, and take them apart."""
    consumer = build_consumer(settings.bootstrap)
    postgres, outbox, keeper = (Postgres(settings.database_url) for _ in range(3))
    announcer, feed = Announcer(producer), Feed(consumer, partial(ask_leader, settings.bootstrap))
    topics = TopicWatch(settings.bootstrap, TopicMetrics(process.registry, settings.backup_seconds_max))
    recorder = Recorder(
        feed,
        Ledger(postgres),
        claimant=claimant,
        topics=topics,
        announcer=announcer,
        metrics=ConsumerMetrics(process.registry),
        health=process.health,
    )
    consumer.subscribe([topic.name for topic in INPUTS], listener=feed)
    try:
        await consumer.start()
        await _run_together(
            _record(recorder, process.end, postgres, outbox, keeper),
            claimant.keep(keeper),
            announcer.run(),
            _collect_forever(),
            publish_forever(outbox, producer, lambda: recorder.owned),
            topics.watch(),
            keep_topics(settings.bootstrap, [TALLIES, REFUSED, CLAIMS], settings.replication_factor),
            raise_when_deaf(process.health, "Kafka", lambda: answers(settings.bootstrap, CONSUMER_GROUP, INPUTS)),
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(announcer.flush(), _LAST_PAGES_SECONDS_MAX)
    finally:
        await close_all(_STOP_SECONDS_MAX, consumer.stop(), postgres.close(), outbox.close(), keeper.close())


async def _run_together(recording: Coroutine[Any, Any, None], *beside: Coroutine[Any, Any, None]) -> None:
    """Run the loops until recording has ended. Raises what a person has to mend as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            others = {group.create_task(loop) for loop in beside}
            await group.create_task(recording)
            while others:
                for task in others:
                    task.cancel()
                _, others = await asyncio.wait(others, timeout=_CANCEL_SECONDS)
    except ExceptionGroup as errors:
        if named := errors.subgroup(StartError):
            raise named.exceptions[0] from None
        raise


async def _record(recorder: Recorder, end: asyncio.Future[None], *connections: Postgres) -> None:
    """Record until the end; then finish the batch in hand, and leave it to the next owner if that takes long."""
    recording = asyncio.create_task(recorder.run())
    await asyncio.wait({recording, end}, return_when=asyncio.FIRST_COMPLETED)
    recorder.stop()
    await asyncio.wait({recording}, timeout=_LAST_BATCH_SECONDS_MAX)
    if recording.done():
        recording.result()
        return
    for connection in connections:
        connection.drop()  # else asyncpg waits for the server before it lets go
    recording.cancel()


def build_consumer(bootstrap: str) -> AIOKafkaConsumer:
    """Return a consumer that never decides by itself where to go on."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=CONSUMER_GROUP,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        session_timeout_ms=int(SESSION_SECONDS * 1000),
        heartbeat_interval_ms=int(HEARTBEAT_SECONDS * 1000),
        request_timeout_ms=REQUEST_MILLISECONDS,
        metadata_max_age_ms=METADATA_MILLISECONDS,
        fetch_min_bytes=SILENT.bytes_min,
        fetch_max_wait_ms=SILENT.milliseconds,
    )
