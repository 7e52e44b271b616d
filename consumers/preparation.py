"""What comes before a consumer joins its group: servers that answer, schema, topics, and the claim of its ledger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from brokers.claims import Claims, read_cluster_id
from brokers.sessions import find_session_fault
from brokers.timing import METADATA_MILLISECONDS, REQUEST_MILLISECONDS
from brokers.topic_creation import create_topics
from consumers.claimant import Claimant, ClaimBusyError
from ledger.connection import STATEMENT_SECONDS_MAX, Postgres, connect
from ledger.migrations.apply import migrate
from ledger.sqlstates import AWAY, ERRORS, name_wait
from models.topics import REFUSED_BYTES_MAX, TOPICS
from runtime.ending import close_all
from runtime.health import Health
from runtime.start import insist, require

_APPLICATION: Final = "onboarding-preparation"
_AWAY: Final = (SQLAlchemyError, KafkaError, ClaimBusyError, *ERRORS)
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
    """Bring schema and topics up to date, and claim the Kafka cluster; waits for servers that are away.

    Raises StartError for what a person has to mend.
    """
    wait_for = partial(insist, health, away=_AWAY, name=_name_wait)
    database_url, bootstrap = settings.database_url, settings.bootstrap
    await wait_for("Postgres", lambda: require(_find_encoding_fault(database_url)))
    await wait_for("Postgres", lambda: migrate(database_url))
    await wait_for("Kafka", lambda: require(find_session_fault(bootstrap)))
    await wait_for("Kafka", lambda: create_topics(bootstrap, TOPICS, settings.replication_factor))
    claims.start(bootstrap)
    await wait_for("Kafka", producer.start)
    cluster = await wait_for("Kafka", lambda: read_cluster_id(bootstrap))
    claimant = Claimant(producer, claims, cluster, settings.environment)
    await wait_for("Kafka or Postgres", lambda: _claim_once(claimant, database_url))
    return claimant


async def _find_encoding_fault(database_url: str) -> str:
    """Say what a person has to do where a database cannot hold every text that an event may have; else ""."""
    connection = await connect(database_url, _APPLICATION, {}, statement_seconds=STATEMENT_SECONDS_MAX)
    try:
        encoding = await connection.fetchval("SHOW server_encoding")
    finally:
        connection.terminate()
    if encoding == "UTF8":
        return ""
    return (
        f"the database of DATABASE_URL is encoded in {encoding}, which cannot hold every name: make another one "
        "with createdb --encoding=UTF8 --template=template0"
    )


async def _claim_once(claimant: Claimant, database_url: str) -> None:
    """Hold the claim before this process joins the group: who may not record must not be given source partitions."""
    postgres = Postgres(database_url)
    try:
        await claimant.hold(await postgres.connection())
    finally:
        postgres.drop()


def _name_wait(error: Exception) -> str:
    """Say what is waited for: what a person has to mend, or another one's claim, where it is that."""
    what = str(error) if isinstance(error, ClaimBusyError) else name_wait(error)
    return "" if what == AWAY else what


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
