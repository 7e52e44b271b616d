"""The system of each integration test: clean topics, an empty database, no process yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers.reading import reading_whole_batches
from tests.integration.system import System


@pytest.fixture
def system(clean_kafka: str, database_url: str, tmp_path: Path) -> Iterator[System]:
    """Give a system without processes; end what the test started."""
    made = System(clean_kafka, database_url, tmp_path)
    yield made
    made.end_all()


@pytest.fixture
def whole_batches() -> Iterator[None]:
    """Read as a consumer process does."""
    with reading_whole_batches():
        yield
