"""Whether a process is alive and ready, in each state it can be in."""

from collections.abc import Callable

import pytest

from runtime.health import STANDSTILL_SECONDS_MAX, Health
from tests.doubles.clock import Clock


def state(health: Health) -> tuple[bool, bool, str]:
    """Return what a supervisor and a person see."""
    return health.alive, health.ready, health.describe()


def test_who_starts_is_alive_and_not_ready(health: Health) -> None:
    """A supervisor must not send work to, nor end, a process that waits for its first assignment."""
    assert state(health) == (True, False, "waiting for its first assignment")


def test_who_makes_progress_is_ready(health: Health) -> None:
    """One sign of progress is enough."""
    health.progress()
    assert state(health) == (True, True, "working")


def test_who_waits_is_alive_and_says_for_what(health: Health) -> None:
    """Restarting a process does not bring a database back."""
    health.progress()
    health.wait_for("Postgres")
    assert state(health) == (True, False, "waiting for Postgres")


def test_who_waits_again_and_again_stays_alive(health: Health, clock: Clock) -> None:
    """Each attempt is a sign of life, however long the server is away."""
    for _attempt in range(10):
        clock.now += STANDSTILL_SECONDS_MAX
        health.wait_for("Kafka")
        assert health.alive


def test_who_has_waited_is_ready_again_with_the_next_progress(health: Health) -> None:
    """What was waited for is forgotten."""
    health.wait_for("Kafka")
    health.progress()
    assert state(health) == (True, True, "working")


@pytest.mark.parametrize("sign", [Health.progress, lambda health: health.wait_for("Kafka")])
def test_who_gives_no_sign_is_dead_after_the_limit_and_not_before(
    sign: Callable[[Health], None], health: Health, clock: Clock
) -> None:
    """Standing still is what a supervisor ends, whether the process last worked or waited."""
    sign(health)
    clock.now += STANDSTILL_SECONDS_MAX
    assert health.alive
    clock.now += 0.5
    assert state(health) == (False, False, "standing still for 30 s")
    health.progress()
    assert state(health) == (True, True, "working")


def test_what_must_be_done_first_is_no_sign_of_progress(health: Health, clock: Clock) -> None:
    """It is not ready before, and if it is never done the process is stuck."""
    health.progress()
    clock.now += STANDSTILL_SECONDS_MAX
    health.work_on("the announced pages to be read")
    assert state(health) == (True, False, "waiting for the announced pages to be read")
    clock.now += 0.5
    assert not health.alive


def test_how_long_it_has_waited_counts_from_when_it_last_worked(health: Health, clock: Clock) -> None:
    """Saying again what it waits for does not begin anew; waiting for another server does not count."""
    health.progress()
    assert health.waited_seconds("Kafka") == 0
    for _attempt in range(3):
        clock.now += 10
        health.wait_for("Kafka to confirm its membership")
    assert health.waited_seconds("Kafka") == 30
    assert health.waited_seconds("Postgres") == 0
    health.progress()
    assert health.waited_seconds("Kafka") == 0
