"""Where a benchmark runs: a real Kafka and a real Postgres on this machine, the topics filled, the database empty."""

import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg
from rich.console import Console

from benchmarks.stage.traffic import make_traffic
from brokers.topic_creation import create_topics
from models.topics import TOPICS, Topic
from onboarding.cli._progress import show_progress
from onboarding.local.embedded.cache import find_cache_dir
from onboarding.local.embedded.kafka import EmbeddedKafka
from onboarding.local.embedded.ports import ANY_FREE_PORT, find_free_port
from onboarding.local.embedded.postgres import EmbeddedPostgres
from upstream.publishing.outgoing import Outgoing
from upstream.publishing.publisher import publish

Report = Callable[[str], None]
_CONSOLE: Final = Console(stderr=True)


@dataclass(frozen=True)
class Servers:
    """A broker and a database server."""

    bootstrap: str
    url: str
    kafka_pid: int
    postgres_pid: int


@contextmanager
def open_servers(folder: Path, report: Report) -> Iterator[Servers]:
    """Start both, with the settings of `onboarding run`: fsync and synchronous_commit are on."""
    with open_postgres(folder, report) as postgres, open_kafka(folder, report) as kafka:
        yield Servers(kafka.bootstrap, postgres.url, kafka.pid, postgres.pid)


@contextmanager
def open_postgres(folder: Path, report: Report) -> Iterator[EmbeddedPostgres]:
    """Start a database server; when it has stopped, all data in the folder is removed."""
    with removed_data(folder), EmbeddedPostgres(folder, find_free_port(ANY_FREE_PORT)).running(report) as postgres:
        yield postgres


@contextmanager
def open_kafka(folder: Path, report: Report) -> Iterator[EmbeddedKafka]:
    """Start a broker; its data stays, so that it can be started again with the same topics."""
    cache = find_cache_dir(os.environ, Path.home())
    with EmbeddedKafka(folder, cache, find_free_port(ANY_FREE_PORT)).running(report) as kafka:
        yield kafka


@contextmanager
def removed_data(folder: Path) -> Iterator[None]:
    """Remove what the servers of a folder have stored, after the block; their logs stay."""
    try:
        yield
    finally:
        # Postgres may live elsewhere, behind a link: root's folders are closed to its account.
        for data in ((folder / "postgres").resolve() / "cluster", folder / "kafka" / "data"):
            shutil.rmtree(data, ignore_errors=True)


async def fill(bootstrap: str, events: int, duplicates: float, *, ordered: bool) -> int:
    """Fill the topics; return how many records they hold."""
    traffic = make_traffic(events, duplicates, ordered=ordered)
    return await fill_topics(bootstrap, TOPICS, traffic, events + int(events * duplicates))


async def fill_topics(bootstrap: str, topics: Iterable[Topic], traffic: Iterator[Outgoing], expected: int) -> int:
    """Create topics and publish to them; return how many records they hold.

    expected -- how many that will be, for the progress that is shown
    """
    await create_topics(bootstrap, topics, 1)
    with show_progress("publishing", expected, _CONSOLE, time.monotonic) as report:
        return await publish(bootstrap, traffic, report)


@asynccontextmanager
async def empty_database(url: str) -> AsyncIterator[str]:
    """Give the address of a new database, and drop it afterwards."""
    async with new_database(url, "TEMPLATE template1") as new:
        yield new


@asynccontextmanager
async def new_database(url: str, options: str) -> AsyncIterator[str]:
    """Give the address of a database made with options of CREATE DATABASE, and drop it afterwards."""
    name = f"bench_{uuid4().hex}"
    server = await asyncpg.connect(url)
    await server.execute(f"CREATE DATABASE {name} {options}")
    try:
        yield url.rsplit("/", 1)[0] + f"/{name}"
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()
