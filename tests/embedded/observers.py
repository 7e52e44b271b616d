"""What the tests see from outside: processes by their folder, data by the clients' own means."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

TOPIC = "kept"
# 30 s: only an end to waiting for what has gone wrong; no test's result depends on it.
PATIENCE_SECONDS = 30.0


def wait_for(is_met: Callable[[], bool]) -> None:
    """Return as soon as the condition is met."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_met():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


def find_processes_under(folder: Path) -> list[str]:
    """Return the names of all living processes that work in a folder: both servers do, sessions included."""
    names = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                names.append((process / "comm").read_text().strip())
        except OSError:  # ended meanwhile, or a zombie, which has no folder any more
            continue
    return names


def keep_record(bootstrap: str, value: bytes) -> None:
    """Make the topic with one record."""
    asyncio.run(_keep_record(bootstrap, value))


async def _keep_record(bootstrap: str, value: bytes) -> None:
    """Make the topic, then publish and wait for the broker's word."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(TOPIC, value)


def read_record(bootstrap: str) -> bytes | None:
    """Return the value of the topic's first record."""
    return asyncio.run(_read_record(bootstrap))


async def _read_record(bootstrap: str) -> bytes | None:
    """Read from the beginning of the topic."""
    async with AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        record = await asyncio.wait_for(consumer.getone(), PATIENCE_SECONDS)
        value: bytes | None = record.value
        return value


def ask(url: str, *statements: str) -> str:
    """Run statements and return the last one's single value as text."""
    return asyncio.run(_ask(url, statements))


async def _ask(url: str, statements: tuple[str, ...]) -> str:
    """Run statements on a connection of their own."""
    connection = await asyncpg.connect(url)
    try:
        values = [await connection.fetchval(statement) for statement in statements]
    finally:
        await connection.close()
    return str(values[-1])
