"""Whatever holds up a start, the process says what it waits for, and lives."""

import asyncio

import pytest

from consumers import preparation
from runtime.health import Health
from tests.doubles.clock import Clock


class Hurrying(Clock):
    """Seconds that pass with each look."""

    def __call__(self) -> float:
        """Return the seconds, seven later each time."""
        self.advance(7.0)
        return self.now


async def test_who_waits_long_for_a_server_that_does_not_answer_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen Postgres and a lock of others hold up one statement for minutes."""
    monkeypatch.setattr(preparation, "_START_RETRY_SECONDS", 0.01)
    health = Health(Hurrying())
    answered = asyncio.Event()
    preparing = asyncio.create_task(preparation.say_meanwhile(health, "Postgres at the start", answered.wait()))
    while not health.waits_for("Postgres"):  # noqa: ASYNC110 - health tells nobody
        await asyncio.sleep(0.01)
    assert (health.ready, health.alive) == (False, True)
    answered.set()
    assert await preparing


async def test_what_prepares_is_given_up_with_its_waiting() -> None:
    """SIGTERM ends a start that waits."""
    never = asyncio.get_running_loop().create_future()
    preparing = asyncio.create_task(preparation.say_meanwhile(Health(), "Postgres at the start", never))
    await asyncio.sleep(0)
    preparing.cancel()
    await asyncio.wait({preparing})
    assert never.cancelled()
