"""Writes docs/reliability.md from the result files of fault runs.

`python -m tests.faults.report docs RESULT.json ...` puts the runs together into docs/reliability.json and writes the
page beside it; without result files it writes the page again.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Final

from tests.faults.fault_run import FaultRun, read_runs, write_runs
from tests.faults.outcome import Outcome

# 10 s: how soon totals move again once the cause of a fault is gone.
RECOVERY_SECONDS_MAX: Final = 10.0
# 20 rows show the shape of a curve.
_POINTS_MAX: Final = 20
_PREFACE: Final = """# Reliability

Written from `reliability.json` by `python -m tests.faults.report docs`; do not edit.

Real brokers, a real database and the real processes, while a publisher sends facts, retries, repeats, conflicts,
broken records and transactions. An independent checker then compares what was acknowledged with Kafka, Kafka with
ledger, tallies and progress, and all of it with what a stream worker shows.

*Outage* is the greatest age that an acknowledged fact had before it was shown. *Recovery* is the time from the kill,
or from the end of the cause, until every total moved again. A fault without any observed effect does not count.
"""
_FAULT_HEAD: Final = (
    "| no. | at (s) | fault | held (s) | in flight | owner | outage (s) | recovery (s) | effect |",
    "| --: | --: | --- | --: | --: | --- | --: | --: | --- |",
)
_KIND_HEAD: Final = (
    "| fault | struck | with effect | median recovery (s) | worst recovery (s) | worst outage (s) |",
    "| --- | --: | --: | --: | --: | --: |",
)
_SUM_HEAD: Final = (
    "| run | brokers | records | facts | lost | doubled | dips | shown twice | unmarked (s) | kinds | differences |",
    "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
)


def write_report(folder: Path, runs: Sequence[FaultRun]) -> None:
    """Write runs and the page about them into a folder."""
    write_runs(folder / "reliability.json", runs)
    (folder / "reliability.md").write_text(render(runs), encoding="utf-8")


def render(runs: Sequence[FaultRun]) -> str:
    """Return the page about runs."""
    parts = (_PREFACE.rstrip(), "", *_sum_up(runs), *chain.from_iterable(map(_tell, runs)))
    return "\n".join(parts).rstrip() + "\n"


def _sum_up(runs: Sequence[FaultRun]) -> Iterator[str]:
    yield "## Totals"
    yield ""
    yield from _SUM_HEAD
    for run in runs:
        kinds = len({outcome.fault for outcome in run.outcomes if outcome.effect})
        cells = (run.name, run.brokers, run.records, run.facts, run.lost, run.doubled, run.dips, run.doubles)
        wrong = "not looked at" if run.unmarked_seconds is None else f"{run.unmarked_seconds:.1f}"
        yield _row(*cells, wrong, kinds, len(run.discrepancies))
    yield ""


def _tell(run: FaultRun) -> Iterator[str]:
    """Yield the section about one run."""
    yield f"## {run.name[:1].upper()}{run.name[1:]}"
    yield ""
    brokers, minutes = _count(run.brokers, "broker"), f"{run.minutes:.3g} minutes"
    of = f"Commit {run.commit}, {run.day}. " if run.commit else ""
    yield f"{of}Seed {run.seed}, {brokers}, {minutes}, on {run.machine}. To repeat it:"
    yield from ("", "```", run.command, "```", "")
    broken = [f"* {line}" for line in run.discrepancies]
    if run.lost_by_kafka:
        broken.append(f"* Kafka lost {run.lost_by_kafka} acknowledged records.")
    if broken:
        yield from ("Not as promised:", "", *broken, "")
    if run.outcomes:
        yield from ("### By kind", "", *_KIND_HEAD, *_kinds(run.outcomes), "", "### Fault by fault", "", *_FAULT_HEAD)
        yield from (*map(_fault, run.outcomes), "")
    if run.memory:
        yield from (*_overload(run), "")


def _kinds(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a row for each kind of fault."""
    for fault in sorted({outcome.fault for outcome in outcomes}):
        struck = [outcome for outcome in outcomes if outcome.fault == fault]
        effective = [outcome for outcome in struck if outcome.effect]
        seconds = [outcome.recovery_seconds for outcome in effective if outcome.recovery_seconds is not None]
        outage = max((outcome.outage_seconds for outcome in effective), default=None)
        middle, worst = (median(seconds), max(seconds)) if seconds else (None, None)
        yield _row(fault, len(struck), len(effective), _seconds(middle), _seconds(worst), _seconds(outage))


def _fault(outcome: Outcome) -> str:
    """Return the row of one fault; a recovery that took too long stands out."""
    recovery = _seconds(outcome.recovery_seconds)
    late = outcome.recovery_seconds is not None and outcome.recovery_seconds > RECOVERY_SECONDS_MAX
    owner = (
        outcome.old_owner if outcome.old_owner == outcome.new_owner else f"{outcome.old_owner} → {outcome.new_owner}"
    )
    return _row(
        outcome.number,
        f"{outcome.at:.1f}",
        outcome.fault,
        f"{outcome.held_seconds:.1f}",
        outcome.in_flight,
        owner,
        _seconds(outcome.outage_seconds),
        f"**{recovery}**" if late else recovery,
        outcome.effect or "none",
    )


def _overload(run: FaultRun) -> Iterator[str]:
    """Yield the curves of memory and lag, thinned, with both of their peaks."""
    peak, lag = max(size for _, size in run.memory), max((records for _, records in run.lag), default=0.0)
    yield f"Memory stayed under {run.memory_megabytes_max:g} MB: at most {peak:.0f} MB. Lag: at most {lag:.0f} records."
    yield from ("", "| at (s) | memory (MB) | lag (records) |", "| --: | --: | --: |")
    step = -(-len(run.memory) // _POINTS_MAX)
    for moment, size in run.memory[::step]:
        behind = next((records for seen_at, records in reversed(run.lag) if seen_at <= moment), 0.0)
        yield _row(f"{moment:.0f}", f"{size:.0f}", f"{behind:.0f}")


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def main(arguments: Iterable[str]) -> None:
    """Write the report into the folder named first, from the result files named after it."""
    folder, *results = map(Path, arguments)
    sources = results or [folder / "reliability.json"]
    write_report(folder, [run for source in sources for run in read_runs(source)])


if __name__ == "__main__":
    main(sys.argv[1:])
