"""Whatever holds up a start, the process says what it waits for, and lives."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from runtime import start
from runtime.ending import StartError
from runtime.health import Health
from runtime.start import insist, require
from tests.doubles.clock import Clock


class Hurrying(Clock):
    """Seconds that pass with each look."""

    def __call__(self) -> float:
        """Return the seconds, seven later each time."""
        self.advance(7.0)
        return self.now


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again after a hundredth of a second."""
    monkeypatch.setattr(start, "_RETRY_SECONDS", 0.01)


def failing(*errors: Exception) -> Callable[[], Awaitable[str]]:
    """Return what prepares a server that is away for a few times."""
    left = list(errors)

    async def prepare() -> str:
        if left:
            raise left.pop(0)
        return "prepared"

    return prepare


async def test_a_server_that_is_away_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """Each time it is said, in one line; what comes of it is given on."""
    health = Health()
    prepare = failing(OSError("no route\nto the host"), TimeoutError())
    assert await insist(health, "Kafka", prepare, away=(OSError, TimeoutError)) == "prepared"
    assert health.describe() == "waiting for Kafka at the start"
    assert [record.getMessage() for record in caplog.records] == ["waiting for Kafka: no route", "waiting for Kafka: "]


async def test_what_a_person_has_to_mend_is_named() -> None:
    """Instead of a server that answers very well."""
    health = Health()
    await insist(health, "Postgres", failing(OSError("x")), away=(OSError,), name=lambda error: f"somebody's {error}")
    assert health.describe() == "waiting for somebody's x"


async def test_a_bug_is_not_waited_out() -> None:
    """It would be for ever."""
    with pytest.raises(ZeroDivisionError):
        await insist(Health(), "Kafka", failing(ZeroDivisionError()), away=(OSError,))


async def test_what_is_found_ends_a_start() -> None:
    """With the line that says what to do; nothing found is nothing."""

    async def find(fault: str) -> str:
        return fault

    await require(find(""))
    with pytest.raises(StartError, match="set it to 3"):
        await require(find("set it to 3"))


async def test_who_waits_long_for_a_server_that_does_not_answer_is_alive() -> None:
    """A frozen Postgres and a lock of others hold up one statement for minutes."""
    health = Health(Hurrying())
    answered = asyncio.Event()
    preparing = asyncio.create_task(insist(health, "Postgres", answered.wait, away=()))
    while not health.waits_for("Postgres"):  # noqa: ASYNC110 - health tells nobody
        await asyncio.sleep(0.01)
    assert (health.ready, health.alive) == (False, True)
    answered.set()
    assert await preparing


async def test_what_prepares_is_given_up_with_its_waiting() -> None:
    """SIGTERM ends a start that waits."""
    never = asyncio.get_running_loop().create_future()
    preparing = asyncio.create_task(insist(Health(), "Postgres", lambda: never, away=()))
    await asyncio.sleep(0)
    preparing.cancel()
    await asyncio.wait({preparing})
    assert never.cancelled()
