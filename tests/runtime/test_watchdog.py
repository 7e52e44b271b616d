"""A process that stands still ends itself; one that was only frozen does not."""

import pytest

from runtime.health import Health
from runtime.watchdog import DeafError, _watch, raise_when_deaf
from tests.doubles.clock import Clock


def test_a_process_that_stands_still_is_ended_at_the_second_look() -> None:
    """Not at the first: it may just have woken up."""
    clock, looks, ended = Clock(), [], []
    health = Health(clock)

    def pause(seconds: float) -> None:
        clock.now += seconds
        looks.append(clock.now)

    _watch(health, pause, lambda: ended.append(clock.now))
    assert ended == [looks[-1]]
    assert ended[0] > 35.0


def test_a_process_that_was_frozen_and_goes_on_is_left_alone() -> None:
    """It shows progress before the second look."""
    clock, ended = Clock(), []
    health = Health(clock)
    frozen_for = iter([1_000.0, 5.0, 5.0])

    def pause(_seconds: float) -> None:
        clock.now += next(frozen_for, 100.0)
        if clock.now < 1_006.0 and clock.now > 1_001.0:
            health.progress()

    _watch(health, pause, lambda: ended.append(clock.now))
    assert ended[0] > 1_100.0


def test_a_process_that_waits_for_a_server_is_left_alone() -> None:
    """Waiting visibly is alive, however long it takes."""
    clock, looks = Clock(), []
    health = Health(clock)

    def pause(seconds: float) -> None:
        clock.now += seconds
        looks.append(clock.now)
        if len(looks) < 100:
            health.wait_for("Postgres")

    _watch(health, pause, lambda: None)
    assert len(looks) > 100


class _Outage:
    """Lets time pass while a process waits for Kafka, which answers others or does not."""

    def __init__(self, answers: str) -> None:
        self.clock = Clock(0.0)
        self.health = Health(self.clock)
        self._answers = iter(answers)
        self.asked_at: list[float] = []

    async def pause(self, seconds: float) -> None:
        """Let time pass; the process goes on waiting."""
        self.clock.now += seconds
        self.health.wait_for("Kafka")

    async def ask(self) -> bool:
        """Answer as foreseen: y or n."""
        self.asked_at.append(self.clock.now)
        return next(self._answers) == "y"


async def test_a_process_that_waits_for_a_server_that_answers_others_is_deaf() -> None:
    """Not before it had 20 s to hear it, and three answers in a row: it may be about to."""
    outage = _Outage("yynyyy")
    with pytest.raises(DeafError, match="Kafka answers others, but this process is still waiting for Kafka"):
        await raise_when_deaf(outage.health, "Kafka", outage.ask, outage.pause)
    assert outage.asked_at == [20.0, 25.0, 30.0, 35.0, 40.0, 45.0]


async def test_a_process_that_waits_for_another_server_is_not_deaf() -> None:
    """Kafka is not even asked."""
    outage = _Outage("")
    looks = iter(range(100))

    async def pause(seconds: float) -> None:
        outage.clock.now += seconds
        outage.health.wait_for("Postgres")
        if next(looks, None) is None:
            raise _EnoughError

    with pytest.raises(_EnoughError):
        await raise_when_deaf(outage.health, "Kafka", outage.ask, pause)
    assert outage.asked_at == []


class _EnoughError(Exception):
    """The test has seen enough."""
