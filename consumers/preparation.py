"""What comes before a consumer joins its group: servers that answer, schema, topics, and the claim of its ledger."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from brokers.claims import Claims, read_cluster_id
from brokers.sessions import find_session_fault
from brokers.timing import METADATA_MILLISECONDS, REQUEST_MILLISECONDS
from brokers.topics import create_topics
from consumers.claimant import Claimant, ClaimBusyError
from ledger.connect import connect
from ledger.connection import STATEMENT_SECONDS_MAX, Postgres
from ledger.migrations.apply import migrate
from ledger.sqlstates import AWAY, ERRORS, name_wait
from models.topics import REFUSED_BYTES_MAX, TOPICS
from runtime.ending import StartError, close_all
from runtime.health import Health

_log = logging.getLogger(__name__)

_Prepared = TypeVar("_Prepared")

_APPLICATION: Final = "onboarding-preparation"
_START_RETRY_SECONDS: Final = 1.0
# 2 s: who leaves Kafka in good order needs a tenth of it.
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


async def prepare(settings: ConsumerSettings, health: Health, producer: AIOKafkaProducer, claims: Claims) -> Claimant:
    """Bring schema and topics up to date, and claim the Kafka cluster; waits for servers that are away."""
    await _insist("Postgres", health, lambda: _check_encoding(settings.database_url))
    await _insist("Postgres", health, lambda: migrate(settings.database_url))
    await _insist("Kafka", health, lambda: _check_sessions(settings.bootstrap))
    await _insist("Kafka", health, lambda: create_topics(settings.bootstrap, TOPICS, settings.replication_factor))
    claims.start(settings.bootstrap)
    await _insist("Kafka", health, producer.start)
    cluster = await _insist("Kafka", health, lambda: read_cluster_id(settings.bootstrap))
    claimant = Claimant(producer, claims, cluster, settings.environment)
    await _insist("Kafka or Postgres", health, lambda: _claim_once(claimant, settings.database_url))
    return claimant


async def _check_encoding(database_url: str) -> None:
    """Raise StartError for a database that cannot hold every text that an event may have."""
    connection = await connect(database_url, _APPLICATION, {}, statement_seconds=STATEMENT_SECONDS_MAX)
    try:
        encoding = await connection.fetchval("SHOW server_encoding")
    finally:
        connection.terminate()
    if encoding != "UTF8":
        raise StartError(
            f"the database of DATABASE_URL is encoded in {encoding}, which cannot hold every name: make another one "
            "with createdb --encoding=UTF8 --template=template0"
        )


async def _check_sessions(bootstrap: str) -> None:
    """Raise StartError where brokers would not take us into a group."""
    if fault := await find_session_fault(bootstrap):
        raise StartError(fault)


async def _claim_once(claimant: Claimant, database_url: str) -> None:
    """Hold the claim before this process joins the group: who may not record must not be given source partitions."""
    postgres = Postgres(database_url)
    try:
        await claimant.hold(await postgres.connection())
    finally:
        postgres.drop()


async def _insist(server: str, health: Health, prepare: Callable[[], Awaitable[_Prepared]]) -> _Prepared:
    """Prepare a server, waiting for it as long as it is away or does not answer."""
    while True:
        try:
            return await say_meanwhile(health, f"{server} at the start", prepare())
        except (SQLAlchemyError, KafkaError, *ERRORS) as error:
            health.wait_for(_name_wait(server, error))
            _log.warning("waiting for %s: %s", server, str(error).partition("\n")[0])
        except ClaimBusyError as error:
            health.wait_for(str(error))
            _log.warning("waiting for %s", error)
        await asyncio.sleep(_START_RETRY_SECONDS)


def _name_wait(server: str, error: Exception) -> str:
    """Say what is waited for: what a person has to mend, where it is that."""
    what = name_wait(error)
    return what if what not in {"", AWAY} else f"{server} at the start"


async def say_meanwhile(health: Health, what: str, preparing: Awaitable[_Prepared]) -> _Prepared:
    """Say what is waited for until it is there: a schema may take minutes, and a lock as long as others want."""
    task = asyncio.ensure_future(preparing)
    try:
        while not (await asyncio.wait({task}, timeout=_START_RETRY_SECONDS))[0]:
            health.wait_for(what)
    finally:
        task.cancel()
    return task.result()


@asynccontextmanager
async def producing(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """Give a producer, not started, for pages and refused records, which Kafka must have on every replica in sync."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
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
