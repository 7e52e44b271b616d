"""A process of ours that ends is started again: at once the first time, later each time when it ends at its start."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from onboarding.local.workers import Worker, restart_ended
from tests.doubles.clock import Clock


class Stage:
    """A worker whose process is told when to end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock, self.starts, self.said = Clock(), 0, list[str]()
        self.code: int | None = None
        monkeypatch.setattr("onboarding.local.workers.start_child", self._start)
        self.worker = Worker("the consumer", "consume", 1, Path("consumer.log"), {}, self.clock)
        self.worker.start()

    def _start(self, *_argv: object, **_options: object) -> SimpleNamespace:
        self.starts += 1
        self.code = None
        return SimpleNamespace(poll=lambda: self.code)

    def end_and_wait(self, seconds: float) -> int:
        """Let the process end, look twice so many seconds apart, and return how often it was started by then."""
        self.code = 70
        restart_ended([self.worker], self.said.append)
        self.clock.now += seconds
        restart_ended([self.worker], self.said.append)
        return self.starts


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Give a worker that was started."""
    return Stage(monkeypatch)


def test_who_ends_once_is_started_at_once(stage: Stage) -> None:
    """And it is said, with how it ended and where its log is."""
    assert stage.end_and_wait(0) == 2
    assert stage.said == ["the consumer ended with 70 and is started again now; its log is consumer.log"]


def test_who_ends_again_and_again_is_started_later_each_time(stage: Stage) -> None:
    """1 s, 2 s, 4 s, up to a minute; each end is said once, with how many there were."""
    stage.end_and_wait(0)
    for number, wait in enumerate((1, 2, 4, 8, 16, 32, 60, 60), 2):
        assert stage.end_and_wait(wait - 0.5) == number
        assert stage.end_and_wait(0.5) == number + 1
        assert f"ended with 70, {number} times in a row, and is started again in {wait} s" in stage.said[-1]
    assert len(stage.said) == 9


def test_who_has_run_for_a_minute_begins_anew(stage: Stage) -> None:
    """It met something else this time."""
    stage.end_and_wait(0)
    stage.end_and_wait(1)
    stage.clock.now += 60
    assert stage.end_and_wait(0) == 4
    assert "now" in stage.said[-1]
