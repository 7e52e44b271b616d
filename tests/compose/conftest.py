"""The compose file as compose understands it, and its services running: one stack for all modules of this folder."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.compose.stack import Stack, running_services
from tests.containers.sweeper import Watcher


@pytest.fixture(scope="session")
def services() -> dict[str, Any]:
    """Give the services as the real compose understands them."""
    found: dict[str, Any] = Stack().config()["services"]
    return found


@pytest.fixture(scope="session")
def stack(docker_engine: Any, services: dict[str, Any]) -> Iterator[Stack]:
    """Give the running stack, with two consumers; afterwards nothing of it is left, not even when pytest is killed."""
    del docker_engine  # needed, not used: it says so when no engine answers
    stack = Stack()
    watcher = Watcher(stack.label)
    try:
        stack.run("build", "--quiet", "consumer")
        stack.start(
            "--detach",
            "--wait",
            "--wait-timeout=120",
            "--no-build",
            "--scale=consumer=2",
            *running_services(services),
        )
        yield stack
    finally:
        watcher.release()
