"""Where a benchmark runs: a real Kafka and a real Postgres on this machine, the topics filled, the database empty."""

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg
from rich.console import Console

from benchmarks.traffic import make_traffic
from brokers.topics import create_topics
from models.topics import TOPICS
from onboarding.embedded.cache import find_cache_dir
from onboarding.embedded.kafka import EmbeddedKafka
from onboarding.embedded.ports import ANY_FREE_PORT, find_free_port
from onboarding.embedded.postgres import EmbeddedPostgres
from upstream.progress import show_progress
from upstream.publisher import publish

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
    with ExitStack() as stack:
        postgres = stack.enter_context(EmbeddedPostgres(folder, find_free_port(ANY_FREE_PORT)).running(report))
        cache = find_cache_dir(os.environ, Path.home())
        kafka = stack.enter_context(EmbeddedKafka(folder, cache, find_free_port(ANY_FREE_PORT)).running(report))
        yield Servers(kafka.bootstrap, postgres.url, kafka.pid, postgres.pid)


async def fill(bootstrap: str, events: int, duplicates: float, *, ordered: bool) -> int:
    """Fill the topics; return how many records they hold."""
    await create_topics(bootstrap, TOPICS, 1)
    expected = events + int(events * duplicates)
    with show_progress("publishing", expected, _CONSOLE, time.monotonic) as report:
        return await publish(bootstrap, make_traffic(events, duplicates, ordered=ordered), report)


@asynccontextmanager
async def empty_database(url: str) -> AsyncIterator[str]:
    """Give the address of a new database, and drop it afterwards."""
    name = f"bench_{uuid4().hex}"
    server = await asyncpg.connect(url)
    await server.execute(f"CREATE DATABASE {name}")
    try:
        yield url.rsplit("/", 1)[0] + f"/{name}"
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()
