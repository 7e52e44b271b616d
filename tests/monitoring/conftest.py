"""What the tests of monitoring share: the checkers, ready to be called."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from tests.monitoring.tools import ALERTMANAGER, PROMETHEUS, Verdict, run

Checker = Callable[[str, Mapping[str, str]], Verdict]


@pytest.fixture
def promtool(docker_engine: Any) -> Checker:
    """Give a call that runs a line of shell where promtool is, among files."""
    return partial(run, docker_engine, PROMETHEUS)


@pytest.fixture
def amtool(docker_engine: Any) -> Checker:
    """Give a call that runs a line of shell where amtool is, among files."""
    return partial(run, docker_engine, ALERTMANAGER)
