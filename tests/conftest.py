"""What every test may use."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["pytester", "tests.lanes", "tests.containers.fixtures"]

settings.register_profile("untimed", deadline=None)  # timing never decides a test
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def open_dir() -> Iterator[Path]:
    """Provide a folder that every account can enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()
