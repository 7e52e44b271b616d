"""The state of the system is judged by three rules, and shown on one screen."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from models.catalogue import IDENTITY_RECORDS
from operations.scrape import Answer
from operations.screen import describe_age, render_status
from operations.status import STANDSTILL_MAX, PartitionStatus, ProcessStatus, Status, TopicStatus, find_faults

NOW = datetime(2024, 6, 9, 12, tzinfo=UTC)
READY = ProcessStatus("totals", Answer(200, "working\n"))
WAITING = ProcessStatus("totals", Answer(503, "waiting for Kafka\n"))
AWAY = ProcessStatus("totals", None, "http://here does not answer")
LONG_AGO = NOW - STANDSTILL_MAX - timedelta(seconds=1)


def test_a_system_that_works_is_fine() -> None:
    """No fault, exit code 0, and the screen says so."""
    system = status(part())
    assert (find_faults(system), system.exit_code) == ([], 0)
    assert "all is fine" in draw(system)


@pytest.mark.parametrize(("process", "code"), [(WAITING, 1), (AWAY, 2)])
def test_a_process_that_is_not_ready_is_a_fault(process: ProcessStatus, code: int) -> None:
    """Who is away is told apart from who waits."""
    system = status(part(), process)
    assert (len(find_faults(system)), system.exit_code) == (1, code)
    assert find_faults(system)[0].startswith("totals ")


def test_a_stopped_partition_is_a_fault() -> None:
    """It goes on only after a person's word."""
    system = status(part(stopped=True))
    assert find_faults(system) == [f"{IDENTITY_RECORDS.topic}/0 is stopped at a gap: see `onboarding gaps`"]
    assert system.exit_code == 1


@pytest.mark.parametrize(
    ("lag", "updated_at", "faults"),
    [(7, LONG_AGO, 1), (0, LONG_AGO, 0), (None, LONG_AGO, 0), (7, NOW - STANDSTILL_MAX, 0)],
    ids=["records wait", "nothing to do", "lag not known", "busy"],
)
def test_records_that_wait_without_a_commit_are_a_fault(lag: int | None, updated_at: datetime, faults: int) -> None:
    """A lag alone is work, and silence alone is a quiet night."""
    assert len(find_faults(status(part(lag=lag, updated_at=updated_at)))) == faults


def test_the_screen_shows_progress_outcomes_and_reasons() -> None:
    """One look must do."""
    screen = draw(status(part(lag=7)))
    for shown in (IDENTITY_RECORDS.topic, "1,000", "1,007", "5 s ago", "not_json 4, tombstone 3, empty_value 2"):
        assert shown in screen
    assert "too_large" not in screen
    assert "totals: ready, working" in screen


def test_the_screen_says_what_is_not_known() -> None:
    """A lag that nobody told is not a lag of 0."""
    assert "unknown" in draw(status(part(lag=None), AWAY))


@pytest.mark.parametrize(
    ("seconds", "age"), [(-3, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 d")]
)
def test_an_age_has_the_unit_that_suits_it(seconds: float, age: str) -> None:
    """Nobody reads 604,800 s."""
    assert describe_age(seconds) == age


def part(
    *, lag: int | None = 0, stopped: bool = False, updated_at: datetime = NOW - timedelta(seconds=5)
) -> PartitionStatus:
    """Return a source partition that works, but for what is given."""
    return PartitionStatus(0, 1_000, lag, stopped, updated_at)


def status(partition: PartitionStatus, process: ProcessStatus = READY) -> Status:
    """Return a system of one topic and one process."""
    reasons = Counter(not_json=4, tombstone=3, empty_value=2, too_large=1)
    outcomes = Counter(consumed=1_000, accepted=990, refused=10)
    return Status(NOW, (TopicStatus(IDENTITY_RECORDS, (partition,), outcomes, reasons, NOW),), (process,))


def draw(system: Status) -> str:
    """Return the screen as it is printed."""
    console = Console(width=140)
    with console.capture() as captured:
        for part_of_screen in render_status(system):
            console.print(part_of_screen)
    return captured.get()
