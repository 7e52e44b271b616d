"""A process that stands still ends itself; one that was only frozen does not."""

from monitoring.health import Health
from monitoring.watchdog import _watch


class _Clock:
    """Seconds that a test moves on."""

    now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def test_a_process_that_stands_still_is_ended_at_the_second_look() -> None:
    """Not at the first: it may just have woken up."""
    clock, looks, ended = _Clock(), [], []
    health = Health(clock)

    def pause(seconds: float) -> None:
        clock.now += seconds
        looks.append(clock.now)

    _watch(health, pause, lambda: ended.append(clock.now))
    assert ended == [looks[-1]]
    assert ended[0] > 35.0


def test_a_process_that_was_frozen_and_goes_on_is_left_alone() -> None:
    """It shows progress before the second look."""
    clock, ended = _Clock(), []
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
    clock, looks = _Clock(), []
    health = Health(clock)

    def pause(seconds: float) -> None:
        clock.now += seconds
        looks.append(clock.now)
        if len(looks) < 100:
            health.wait_for("Postgres")

    _watch(health, pause, lambda: None)
    assert len(looks) > 100
