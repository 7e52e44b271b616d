"""The report says what result files say, and can be written again from what is committed beside it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.faults.fault_run import FaultRun, read_runs, today
from tests.faults.outcome import Outcome, read_outcomes, write_outcomes
from tests.faults.report import main, render, write_report

OUTCOME = Outcome(1, "consumer killed", "sequential", 3.0, 0.0, 12, "consumer 1", "consumer 2", 7.5, 6.5, "stood still")
OUTCOMES = (
    OUTCOME,
    replace(OUTCOME, number=2, recovery_seconds=12.0, outage_seconds=13.0),
    replace(OUTCOME, number=3, recovery_seconds=0.2, effect=""),
    replace(OUTCOME, number=4, fault="broker frozen", phase="overlapping", recovery_seconds=None),
)
RUN = FaultRun(
    name="one after the other",
    command="make faults MINUTES=20 SEED=4",
    seed=4,
    brokers=1,
    minutes=20.0,
    machine="2 cores",
    records=1_000,
    facts=900,
    lost=0,
    doubled=0,
    lost_by_kafka=0,
    dips=0,
    doubles=0,
    unmarked_seconds=0.0,
    outcomes=OUTCOMES,
    memory=[(float(second), 100.0 + second) for second in range(60)],
    memory_megabytes_max=400.0,
    lag=[(0.0, 0.0), (30.0, 5_000.0)],
    commit="0abc123",
    day="2026-11-27",
)


def test_the_page_counts_faults_with_an_effect_only() -> None:
    """A fault that nothing was seen of proves nothing."""
    page = render([RUN])
    assert "| consumer killed | 3 | 2 | 9.2 | 12.0 | 13.0 |" in page
    assert "| broker frozen | 1 | 1 |  |  | 7.5 |" in page
    assert "| one after the other | 1 | 1000 | 900 | 0 | 0 | 0 | 0 | 0.0 | 2 | 0 |" in page
    assert "consumer 1 → consumer 2 | 13.0 | **12.0** | stood still |" in page
    assert "make faults MINUTES=20 SEED=4" in page
    assert "Commit 0abc123, 2026-11-27. Seed 4, 1 broker" in page


def test_the_page_shows_the_curve_of_an_overload() -> None:
    """Peaks are named even where thinning drops them."""
    page = render([RUN])
    assert "Memory stayed under 400 MB: at most 159 MB. Lag: at most 5000 records." in page
    assert "| 30 | 130 | 5000 |" in page


def test_the_page_lists_discrepancies() -> None:
    """A failed run must not look like a good one."""
    assert "* something is lost" in render([replace(RUN, discrepancies=["something is lost"])])


def test_the_report_can_be_written_again(tmp_path: Path) -> None:
    """Whoever changes the wording needs no new run."""
    write_report(tmp_path, [RUN])
    page = (tmp_path / "reliability.md").read_text(encoding="utf-8")
    (tmp_path / "reliability.md").unlink()
    main([str(tmp_path)])
    assert (tmp_path / "reliability.md").read_text(encoding="utf-8") == page
    assert read_runs(tmp_path / "reliability.json")[0].outcomes == list(OUTCOMES)


def test_a_run_knows_its_day() -> None:
    """In the order in which days are written anywhere."""
    assert date.fromisoformat(today())


def test_outcomes_are_kept_as_they_come(tmp_path: Path) -> None:
    """A run that is ended early has told what came before."""
    path = tmp_path / "outcomes.jsonl"
    for outcome in OUTCOMES:
        write_outcomes(path, [outcome])
    assert read_outcomes(path) == list(OUTCOMES)
