"""`python -m benchmarks compare`: the product and its peers on the same full topics, in turn."""

import asyncio
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import truediv
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from benchmarks.candidates import ALL, BARE_LOOP, Candidate
from benchmarks.measure.trial import Measured, StandstillError, Trial
from benchmarks.peers.builds import UnavailableError
from benchmarks.results import make_folder, write_results
from benchmarks.stage.servers import Servers, empty_database, fill, open_servers
from onboarding.cli._progress import show_progress
from onboarding.local.embedded.cache import find_cache_dir

_CONSOLE: Final = Console(stderr=True, highlight=False)
_MICROSECONDS: Final = 1e6
_NAMES: Final = [candidate.name for candidate in ALL]
_HEAD: Final = (
    *("candidate", "records/s", "least", "most", "x bare loop"),
    *("CPU µs a record: own, Kafka, Postgres", "MB: largest, all"),
)


@dataclass(frozen=True)
class Plan:
    """How each candidate is measured.

    events, records -- that the topics hold
    seconds_max -- for which a slow candidate is measured
    folder -- for logs
    """

    events: int
    records: int
    rounds: int
    processes: int
    seconds_max: float
    folder: Path


@dataclass(frozen=True)
class Found:
    """What was measured, with the versions of what was built for it, what could not be had here and why, and faults."""

    measured: list[Measured] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@click.command()
@click.option("--only", multiple=True, type=click.Choice(_NAMES), help="Measure this one; may be repeated.")
@click.option("--events", default=2_000_000, show_default=True, help="Distinct events in the topics.")
@click.option("--duplicates", default=0.001, show_default=True, help="Retries for each event.")
@click.option("--ids", type=click.Choice(["v7", "v4"]), default="v7", show_default=True, help="Time-ordered or random.")
@click.option("--rounds", default=5, show_default=True, help="How often each is measured, in turn.")
@click.option("--processes", default=2, show_default=True, help="Processes of each that share the partitions.")
@click.option("--seconds-max", default=60.0, show_default=True, help="A slow one is measured no longer.")
@click.option("--result", type=click.Path(path_type=Path), help="Result file, if not in the run's own folder.")
def compare(  # noqa: PLR0913, PLR0917 - one argument an option
    only: Sequence[str],
    events: int,
    duplicates: float,
    ids: str,
    rounds: int,
    processes: int,
    seconds_max: float,
    result: Path | None,
) -> None:
    """Measure how fast events that are in Kafka already are recorded and counted, by the product and by others.

    A real Kafka and a real Postgres run on this machine beside them, with fsync and synchronous_commit on. Logs and the
    result go to a new folder in var/benchmarks. What others need is built at the first use, and kept in the cache.
    """
    folder = make_folder("compare")
    found = Found()
    candidates = _build([candidate for candidate in ALL if candidate.name in (only or _NAMES)], found)
    if not candidates:
        raise click.ClickException("none of these can be had here: there is nothing to measure")
    try:
        with open_servers(folder / "servers", _CONSOLE.print) as servers:
            records = asyncio.run(fill(servers.bootstrap, events, duplicates, ordered=ids == "v7"))
            plan = Plan(events, records, rounds, processes, seconds_max, folder)
            asyncio.run(_measure(servers, plan, candidates, found))
    finally:
        _write(found, folder / "compare.json")
        _CONSOLE.print(_tabulate(found))
        for remark in _remark(found):
            _CONSOLE.print(remark, soft_wrap=True)
    if found.faults:
        raise click.ClickException("\n".join(found.faults))
    if result:
        _write(found, result)


def _write(found: Found, path: Path) -> None:
    """Write what was measured to a file."""
    write_results(path, found.measured, found.versions, found.missing)


def _build(candidates: Sequence[Candidate], found: Found) -> list[Candidate]:
    """Build what is missing, before anything is measured; return the candidates that can be had."""
    cache, built = find_cache_dir(os.environ, Path.home()), []
    for candidate in candidates:
        try:
            candidate.launcher.build(cache, _CONSOLE.print)
        except UnavailableError as error:
            _CONSOLE.print(f"{candidate.name} cannot be had here: {error}")
            found.missing[candidate.name] = str(error)
        else:
            found.versions.update(candidate.launcher.read_versions())
            built.append(candidate)
    return built


async def _measure(servers: Servers, plan: Plan, candidates: Sequence[Candidate], found: Found) -> None:
    """Measure every candidate so often, in turn, so that what else the machine does meets all of them.

    One that does not come to its end is noted as a fault, and the others are measured all the same.
    """
    for number in range(1, plan.rounds + 1):
        for candidate in candidates:
            what = f"round {number} of {plan.rounds}: {candidate.name}"
            try:
                measured = await _try(servers, plan, candidate, what)
            except StandstillError as error:
                _CONSOLE.print(f"{what}: {error}", soft_wrap=True)
                found.faults.append(str(error))
            else:
                _CONSOLE.print(f"{what}, {measured.rate:,.0f} records/s")
                found.measured.append(measured)


async def _try(servers: Servers, plan: Plan, candidate: Candidate, what: str) -> Measured:
    """Measure one candidate once, showing how far it is. Raises StandstillError."""
    with show_progress(what, plan.records, _CONSOLE, time.monotonic) as report:
        async with empty_database(servers.url) as url:
            trial = Trial(servers, url, plan.records, plan.folder, plan.events, plan.seconds_max, report)
            return await trial.run(candidate, plan.processes)


def _tabulate(found: Found) -> Table:
    """Return medians, their spread, and the ratio to the bare loop in the same round."""
    table = Table(*_HEAD)
    runs: dict[str, list[Measured]] = defaultdict(list)
    for each in found.measured:
        runs[each.candidate].append(each)
    yardstick = [run.rate for run in runs.get(BARE_LOOP.name, ())]
    for name, measured in runs.items():
        table.add_row(name, *_describe(measured, yardstick))
    return table


def _remark(found: Found) -> Iterator[str]:
    """Yield what candidates do not do of the product's work, and which could not be had here."""
    lacking = {run.candidate: run.lacks for run in found.measured if run.lacks}
    yield "What they do not do of the product's work:" if lacking else ""
    yield from (f"  {name}: {lacks}" for name, lacks in lacking.items())
    yield from (f"{name} cannot be had here: {reason}" for name, reason in found.missing.items())


def _describe(runs: Sequence[Measured], yardstick: Sequence[float]) -> list[str]:
    """Return the cells of one candidate."""
    rates = [run.rate for run in runs]
    middle = statistics.median(rates)
    ratio = f"{statistics.median(map(truediv, rates, yardstick)):.2f}" if yardstick else ""
    spent = ", ".join(f"{_cost(runs, who):.1f}" for who in ("processes", "kafka", "postgres"))
    largest, whole = max(run.megabytes for run in runs), max(run.megabytes_all for run in runs)
    cells = (f"{cell:,.0f}" for cell in (middle, min(rates), max(rates)))
    return [*cells, ratio, spent, f"{largest:.0f}, {whole:.0f}"]


def _cost(runs: Sequence[Measured], who: str) -> float:
    """Return the median of the microseconds of processor that a record costs."""
    return statistics.median(run.cpu_seconds[who] / run.records for run in runs) * _MICROSECONDS
