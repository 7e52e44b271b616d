"""Fixtures that give tests a real broker and a real database: one server a session, one clean slate a test."""

from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
import pytest_asyncio

from tests.containers.cleaner import clean
from tests.containers.disk import Disk
from tests.containers.kafka import DATA, IMAGE, KafkaBroker
from tests.containers.postgres import PostgresServer, fresh_database
from tests.containers.session import open_session
from tests.containers.sweeper import tell_person


@pytest.fixture(scope="session")
def docker_engine(pytestconfig: pytest.Config) -> Iterator[Any]:
    """Give the Docker engine, started where none answers, with our images; leave nothing of this session on it."""
    capturing = pytestconfig.pluginmanager.getplugin("capturemanager")

    def show(line: str) -> None:
        with capturing.global_and_fixture_disabled() if capturing else nullcontext():
            tell_person(line)

    with open_session(show) as client:
        yield client


@pytest.fixture(scope="session")
def kafka_broker(docker_engine: Any) -> Iterator[KafkaBroker]:
    """Give the session's broker, for tests that do it harm.

    In memory: each test makes and deletes eighty partitions, and on a disk that takes twice the processor time.
    """
    del docker_engine  # needed, not used: it sets the sweeping up
    with Disk(IMAGE) as disk, KafkaBroker().with_volume_mapping(disk.name, DATA, "rw") as broker:
        yield broker


@pytest.fixture(scope="session")
def postgres_server(docker_engine: Any) -> Iterator[PostgresServer]:
    """Give the session's database server, for tests that do it harm."""
    del docker_engine  # needed, not used: it sets the sweeping up
    with PostgresServer() as server:
        yield server


@pytest.fixture
def kafka(kafka_broker: KafkaBroker) -> str:
    """Give the address of a broker that runs, whatever the test before did to it."""
    return kafka_broker.recover().bootstrap


@pytest_asyncio.fixture
async def clean_kafka(kafka: str) -> str:
    """Give the address of a broker without topics and consumer groups."""
    await clean(kafka)
    return kafka


@pytest_asyncio.fixture
async def database_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """Give the address of a new, empty database."""
    async with fresh_database(postgres_server.recover()) as url:
        yield url
