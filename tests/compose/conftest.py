"""The compose file as compose understands it, and its services running: one stack for all modules of this folder."""

import subprocess
from collections.abc import Generator, Iterator
from typing import Any, Final

import pytest

from tests.compose.stack import Stack, running_services
from tests.containers.sweeper import Watcher

# What tells most of a total that is not there.
_STATUS: Final = ("exec", "-T", "consumer", "onboarding", "status")
_LOGS: Final = ("logs", "--tail=30", "consumer", "totals", "totals-standby", "audit")


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the running stack says of itself: it is gone before anyone could ask."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack:
        report.sections += [(f"compose {' '.join(asked)}", _ask(stack, asked)) for asked in (_STATUS, _LOGS)]
    return report


def _ask(stack: Stack, asked: tuple[str, ...]) -> str:
    """Return what a command of compose prints, or why it does not."""
    try:
        return stack.run(*asked)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        return str(error)
