"""The consumer process on one page: what it is made of, how it starts, and how it stops."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NoReturn, TypeVar

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import SQLAlchemyError

from brokers.answers import answers
from brokers.batches import read_every_batch
from brokers.claims import Claims, read_cluster_id
from brokers.timing import HEARTBEAT_SECONDS, METADATA_MILLISECONDS, REQUEST_MILLISECONDS, SESSION_SECONDS
from brokers.topics import create_topics, keep_topics
from consumers.announcer import Announcer
from consumers.claimant import Claimant, ClaimBusyError
from consumers.feed import Feed
from consumers.migrations import migrate
from consumers.postgres import Postgres
from consumers.readable import ask_leader
from consumers.recorder import Recorder
from consumers.refusals import publish_forever
from consumers.topic_watch import TopicWatch
from models.topics import CLAIMS, INPUTS, REFUSED, REFUSED_BYTES_MAX, TALLIES, TOPICS
from monitoring.ending import StartError, close_all, end_on_signals, end_swiftly
from monitoring.exporter import serve
from monitoring.health import Health
from monitoring.health_metrics import show_health
from monitoring.metrics import ConsumerMetrics, TopicMetrics, new_registry
from monitoring.watchdog import end_when_stuck, raise_when_deaf

_log = logging.getLogger(__name__)

_Prepared = TypeVar("_Prepared")

GROUP: Final = "onboarding-consumers"
_START_RETRY_SECONDS: Final = 1.0
# 10 s: what lies about in cycles by then is small, and to look for it takes 20 ms.
_COLLECT_SECONDS: Final = 10.0
# A broker answers a fetch when it has 1 MB, or after 50 ms: with little traffic records come together, some 20 times a
# second, and not one by one, each with its own transaction and pages; with much they are there already.
_FETCH_BYTES_MIN: Final = 1_000_000
_FETCH_WAIT_MILLISECONDS: Final = 50
# 0.1 s: a client of Kafka that is just closing swallows a cancellation, so it is said again.
_CANCEL_SECONDS: Final = 0.1
# What follows SIGTERM. Where servers answer it takes 0.1 s; where they do not, none of it is needed: what is not
# committed is recorded by the next owner, who announces the same pages.
# 4 s for the batch in hand, which commits within one.
_LAST_BATCH_SECONDS_MAX: Final = 4.0
# 2 s for its pages, and 2 s to leave the group and to close connections, all at once.
_LAST_PAGES_SECONDS_MAX: Final = 2.0
_STOP_SECONDS_MAX: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings:
    """What a consumer process must be told."""

    environment: str
    bootstrap: str
    database_url: str
    replication_factor: int
    backup_seconds_max: float  # age of the oldest backup that may have to be restored
    http_host: str
    http_port: int


async def run_consumer(settings: ConsumerSettings) -> None:
    """Record until SIGTERM or SIGINT; waits for Kafka and Postgres as long as they are away."""
    health, registry, end = Health(), new_registry("consumer"), end_on_signals()
    read_every_batch()
    show_health(registry, health, "Kafka", "Postgres")
    with end_swiftly():
        async with serve(registry, health, settings.http_host, settings.http_port), _producing(settings) as producer:
            end_when_stuck(health)
            claims = Claims()
            following = asyncio.create_task(claims.follow(settings.bootstrap))
            preparing = asyncio.create_task(_prepare(settings, health, producer, claims))
            await _await_any(end, preparing)
            if preparing.done():
                claimant = preparing.result()
                await _consume(
                    settings, health=health, registry=registry, end=end, producer=producer, claimant=claimant
                )
            preparing.cancel()
            following.cancel()


async def _await_any(*endings: asyncio.Future[Any]) -> None:
    """Wait until the first of them is done."""
    await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)


async def _collect_forever() -> NoReturn:
    """Look for cycles by the clock: records make none, and to look for some among them takes a third of the time."""
    gc.freeze()
    gc.disable()
    while True:
        await asyncio.sleep(_COLLECT_SECONDS)
        gc.collect()


async def _consume(  # noqa: PLR0913 - all that there is
    settings: ConsumerSettings,
    *,
    health: Health,
    registry: CollectorRegistry,
    end: asyncio.Future[None],
    producer: AIOKafkaProducer,
    claimant: Claimant,
) -> None:
    """Put the parts together, run them until the end, and take them apart."""
    consumer = build_consumer(settings.bootstrap)
    postgres, outbox, keeper = (Postgres(settings.database_url) for _ in range(3))
    announcer, feed = Announcer(producer), Feed(consumer, partial(ask_leader, settings.bootstrap))
    topics = TopicWatch(settings.bootstrap, TopicMetrics(registry, settings.backup_seconds_max))
    recorder = Recorder(
        feed,
        postgres,
        claimant=claimant,
        topics=topics,
        announcer=announcer,
        metrics=ConsumerMetrics(registry),
        health=health,
    )
    consumer.subscribe([topic.name for topic in INPUTS], listener=feed)
    try:
        await consumer.start()
        await _run_together(
            _record(recorder, end, postgres, outbox, keeper),
            claimant.keep(keeper),
            announcer.run(),
            _collect_forever(),
            publish_forever(outbox, producer, lambda: recorder.owned),
            topics.watch(),
            keep_topics(settings.bootstrap, [TALLIES, REFUSED, CLAIMS], settings.replication_factor),
            raise_when_deaf(health, "Kafka", lambda: answers(settings.bootstrap, GROUP, INPUTS)),
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


async def _prepare(settings: ConsumerSettings, health: Health, producer: AIOKafkaProducer, claims: Claims) -> Claimant:
    """Bring schema and topics up to date, and claim the Kafka cluster; waits for servers that are away."""
    await _insist("Postgres", health, lambda: migrate(settings.database_url))
    await _insist("Kafka", health, lambda: create_topics(settings.bootstrap, TOPICS, settings.replication_factor))
    await _insist("Kafka", health, producer.start)
    cluster = await _insist("Kafka", health, lambda: read_cluster_id(settings.bootstrap))
    claimant = Claimant(producer, claims, cluster, settings.environment)
    await _insist("Kafka or Postgres", health, lambda: _claim_once(claimant, settings.database_url))
    return claimant


async def _claim_once(claimant: Claimant, database_url: str) -> None:
    """Hold the claim before this process joins the group: who may not record must not be given source partitions."""
    postgres = Postgres(database_url)
    try:
        await claimant.hold(await postgres.connection())
    finally:
        postgres.drop()


async def _insist(server: str, health: Health, prepare: Callable[[], Awaitable[_Prepared]]) -> _Prepared:
    """Prepare a server, waiting for it as long as it is away."""
    while True:
        try:
            return await prepare()
        except (SQLAlchemyError, asyncpg.PostgresError, OSError, TimeoutError, KafkaError) as error:
            health.wait_for(f"{server} at the start")
            _log.warning("waiting for %s: %s", server, str(error).partition("\n")[0])
        except ClaimBusyError as error:
            health.wait_for(str(error))
            _log.warning("waiting for %s", error)
        await asyncio.sleep(_START_RETRY_SECONDS)


def build_consumer(bootstrap: str) -> AIOKafkaConsumer:
    """Return a consumer that never decides by itself where to go on."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=GROUP,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        session_timeout_ms=int(SESSION_SECONDS * 1000),
        heartbeat_interval_ms=int(HEARTBEAT_SECONDS * 1000),
        request_timeout_ms=REQUEST_MILLISECONDS,
        metadata_max_age_ms=METADATA_MILLISECONDS,
        fetch_min_bytes=_FETCH_BYTES_MIN,
        fetch_max_wait_ms=_FETCH_WAIT_MILLISECONDS,
    )


@asynccontextmanager
async def _producing(settings: ConsumerSettings) -> AsyncIterator[AIOKafkaProducer]:
    """Give a producer, not started, for pages and refused records, which Kafka must have on every replica in sync."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap,
        acks="all",
        compression_type="lz4",
        max_request_size=REFUSED_BYTES_MAX,
        request_timeout_ms=REQUEST_MILLISECONDS,
        metadata_max_age_ms=METADATA_MILLISECONDS,
    )
    try:
        yield producer
    finally:
        await close_all(_STOP_SECONDS_MAX, producer.stop())
