"""Folders for the embedded servers' tests."""

import os
from pathlib import Path

import pytest

from onboarding.local.embedded.cache import find_cache_dir


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """Return the user's own cache: the jars are downloaded once for tests and `make run` together."""
    return find_cache_dir(os.environ, Path.home())


@pytest.fixture(scope="session")
def shared_dir(open_dir: Path) -> Path:
    """Stand for /var/lib/onboarding."""
    return open_dir / "shared"


@pytest.fixture
def said() -> list[str]:
    """Return what was reported to a person: pass `said.append`."""
    return []
