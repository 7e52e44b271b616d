"""`python -m benchmarks compare`: the product and its peers on the same full topics, in turn."""

import asyncio
import statistics
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from benchmarks.candidates import ALL, BARE_LOOP
from benchmarks.measure import Measured, Trial
from benchmarks.results import write_results
from benchmarks.stage import Servers, empty_database, fill, open_servers

_CONSOLE: Final = Console(stderr=True, highlight=False)
_MICROSECONDS: Final = 1e6


@click.command()
@click.option("--events", default=2_000_000, show_default=True, help="Distinct events in the topics.")
@click.option("--duplicates", default=0.001, show_default=True, help="Retries for each event.")
@click.option("--ids", type=click.Choice(["v7", "v4"]), default="v7", show_default=True, help="Time-ordered or random.")
@click.option("--rounds", default=5, show_default=True, help="How often each is measured, in turn.")
@click.option("--processes", default=2, show_default=True, help="Processes of each that share the partitions.")
def compare(events: int, duplicates: float, ids: str, rounds: int, processes: int) -> None:
    """Measure how fast events that are in Kafka already are recorded and counted.

    A real Kafka and a real Postgres run on this machine beside them, with fsync and synchronous_commit on. Logs and the
    result go to a new folder in var/benchmarks.
    """
    folder = Path("var/benchmarks").absolute() / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    folder.mkdir(parents=True)
    with open_servers(folder / "servers", _CONSOLE.print) as servers:
        records = asyncio.run(fill(servers.bootstrap, events, duplicates, ordered=ids == "v7"))
        measured = asyncio.run(_measure(servers, records, folder, rounds, processes))
    write_results(folder / "result.json", measured)
    _CONSOLE.print(_tabulate(measured))


async def _measure(servers: Servers, records: int, folder: Path, rounds: int, processes: int) -> list[Measured]:
    """Measure every candidate so often, in turn, so that what else the machine does meets all of them."""
    measured: list[Measured] = []
    for number in range(1, rounds + 1):
        for candidate in ALL:
            async with empty_database(servers.url) as url:
                found = await Trial(servers, url, records, folder).run(candidate, processes)
            _CONSOLE.print(f"round {number} of {rounds}: {found.candidate}, {found.rate:,.0f} records/s")
            measured.append(found)
    return measured


def _tabulate(measured: Sequence[Measured]) -> Table:
    """Return medians, their spread, and the ratio to the bare loop."""
    table = Table(
        "candidate", "records/s", "least", "most", "x bare loop", "CPU µs a record (Python, Kafka, Postgres)", "MB"
    )
    runs: dict[str, list[Measured]] = defaultdict(list)
    for each in measured:
        runs[each.candidate].append(each)
    yardstick = statistics.median(run.rate for run in runs[BARE_LOOP.name])
    for name, found in runs.items():
        rates = [run.rate for run in found]
        middle = statistics.median(rates)
        cells = (middle, min(rates), max(rates))
        spent = ", ".join(f"{_cost(found, who):.1f}" for who in ("python", "kafka", "postgres"))
        size = max(run.megabytes for run in found)
        table.add_row(name, *(f"{cell:,.0f}" for cell in cells), f"{middle / yardstick:.2f}", spent, f"{size:.0f}")
    return table


def _cost(runs: Sequence[Measured], who: str) -> float:
    """Return the median of the microseconds of processor that a record costs."""
    return statistics.median(run.cpu_seconds[who] / run.records for run in runs) * _MICROSECONDS
