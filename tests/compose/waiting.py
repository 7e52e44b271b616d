"""Waiting for what Prometheus has scraped."""

from typing import Final

from tests.compose.pages import ask_prometheus
from tests.compose.stack import Stack
from tests.containers.waiting import await_condition

# 60 s: a total shows within one second and is scraped within five; a loaded machine needs longer.
SHOWN_SECONDS_MAX: Final = 60


def await_answer(stack: Stack, query: str, expected: float) -> None:
    """Wait until Prometheus answers a query with one value, the expected one."""
    address = stack.address("PROMETHEUS_PORT")
    await_condition(lambda: ask_prometheus(address, query) == [expected], f"{query} is {expected}", SHOWN_SECONDS_MAX)
