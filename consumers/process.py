"""The consumer process on one page: what it is made of, how it starts, and how it stops."""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final, NoReturn

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from brokers.timing import HEARTBEAT_SECONDS, METADATA_MILLISECONDS, REQUEST_MILLISECONDS, SESSION_SECONDS
from brokers.topics import create_topics
from consumers.announcer import Announcer
from consumers.feed import Feed
from consumers.migrations import migrate
from consumers.postgres import Postgres
from consumers.recorder import Recorder
from consumers.refusals import publish_forever
from consumers.retention import watch_retention
from models.topics import INPUTS, REFUSED_BYTES_MAX, TOPICS
from monitoring.exporter import serve
from monitoring.health import Health
from monitoring.metrics import ConsumerMetrics, RetentionMetrics, new_registry
from monitoring.watchdog import end_when_stuck

_log = logging.getLogger(__name__)

GROUP: Final = "onboarding-consumers"
_START_RETRY_SECONDS: Final = 1.0
# 3 s to leave the group and to close connections, for each of two clients.
_STOP_SECONDS_MAX: Final = 3.0
# 3 s: the next owner announces the same pages; a process that is to stop does not wait for Kafka to come back.
_LAST_PAGES_SECONDS_MAX: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings:
    """What a consumer process must be told."""

    bootstrap: str
    database_url: str
    replication_factor: int
    backup_seconds_max: float  # age of the oldest backup that may have to be restored
    http_host: str
    http_port: int


async def run_consumer(settings: ConsumerSettings) -> None:
    """Record until SIGTERM or SIGINT; waits for Kafka and Postgres as long as they are away."""
    health, registry = Health(), new_registry("consumer")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serve(registry, health, settings.http_host, settings.http_port))
        end_when_stuck(health)
        await _prepare(settings, health)
        producer = _build_producer(settings.bootstrap)
        await _start(stack, producer)
        announcer = Announcer(producer)
        postgres, outbox = Postgres(settings.database_url), Postgres(settings.database_url)
        stack.push_async_callback(postgres.close)
        stack.push_async_callback(outbox.close)
        consumer = _build_consumer(settings.bootstrap)
        feed = Feed(consumer)
        recorder = Recorder(feed, postgres, announcer, ConsumerMetrics(registry), health)
        consumer.subscribe([topic.name for topic in INPUTS], listener=feed)
        await _start(stack, consumer)
        _stop_on_signals(recorder)
        publishing = publish_forever(outbox, producer, lambda: recorder.owned)
        watching = watch_retention(settings.bootstrap, RetentionMetrics(registry, settings.backup_seconds_max))
        await _run_together(recorder, announcer, publishing, watching)


async def _run_together(recorder: Recorder, announcer: Announcer, *beside: Coroutine[None, None, NoReturn]) -> None:
    """Run the loops until the recorder has stopped; announce what it committed last."""
    async with asyncio.TaskGroup() as group:
        others = [group.create_task(loop) for loop in (announcer.run(), *beside)]
        await group.create_task(recorder.run())
        for task in others:
            task.cancel()
    with suppress(TimeoutError):
        await asyncio.wait_for(announcer.flush(), _LAST_PAGES_SECONDS_MAX)


async def _prepare(settings: ConsumerSettings, health: Health) -> None:
    """Bring schema and topics up to date, waiting for servers that are away."""
    while True:
        try:
            await migrate(settings.database_url)
            await create_topics(settings.bootstrap, TOPICS, settings.replication_factor)
        except (SQLAlchemyError, asyncpg.PostgresError, OSError, TimeoutError, KafkaError) as error:
            health.wait_for("Postgres and Kafka at the start")
            _log.warning("waiting for Postgres and Kafka: %s", str(error).partition("\n")[0])
            await asyncio.sleep(_START_RETRY_SECONDS)
        else:
            return


async def _start(stack: AsyncExitStack, client: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Start a Kafka client and leave it in good order at the end, as far as Kafka lets us within a few seconds."""
    await client.start()

    async def stop() -> None:
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(client.stop(), _STOP_SECONDS_MAX)

    stack.push_async_callback(stop)


def _build_consumer(bootstrap: str) -> AIOKafkaConsumer:
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
    )


def _build_producer(bootstrap: str) -> AIOKafkaProducer:
    """Return a producer for pages and refused records, which Kafka must have on every replica in sync."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_request_size=REFUSED_BYTES_MAX,
        request_timeout_ms=REQUEST_MILLISECONDS,
        metadata_max_age_ms=METADATA_MILLISECONDS,
    )


def _stop_on_signals(recorder: Recorder) -> None:
    """Finish the batch in hand when the supervisor, or a person, asks for the end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, recorder.stop)
