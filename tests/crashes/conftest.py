"""Where the crashes take place, and whether every crash point is to be tried with a bug."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer
from tests.crashes.theatre import Theatre


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the long proof: about ten minutes."""
    parser.addoption("--every-planted-bug", action="store_true", help="plant a bug at every crash point, not at a few")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theatre(
    kafka_broker: KafkaBroker, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Theatre]:
    """Give the place that has a stage for each crash."""
    made = Theatre(kafka_broker, postgres_server, tmp_path_factory.mktemp("crashes"))
    yield made
    await made.close()
