"""What the tests of the runtime share: a process whose clock they set."""

import pytest

from runtime.health import Health
from tests.doubles.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """Give the clock that `health` reads."""
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    """Give the health of a process that has just started."""
    return Health(clock)
