"""`python -m benchmarks stages`: what a record costs the processor, by stage, from a profile of real processes."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Column, Table

from benchmarks.candidates import PRODUCT
from benchmarks.measure.trial import StandstillError, Trial
from benchmarks.results import make_folder, write_results
from benchmarks.stage.servers import Servers, empty_database, fill, open_servers
from benchmarks.stages.costs import Cost, split_servers
from benchmarks.stages.profiler import profiling
from benchmarks.stages.spy import SpyError
from onboarding.cli._progress import show_progress

_CONSOLE: Final = Console(stderr=True, highlight=False)
# One in a thousand, as in the comparison.
_DUPLICATES: Final = 0.001


@click.command()
@click.option("--events", default=2_000_000, show_default=True, help="Distinct events in the topics.")
@click.option("--rate", default=250, show_default=True, help="Samples a second.")
@click.option("--result", type=click.Path(path_type=Path), help="Result file, if not in the run's own folder.")
def stages(events: int, rate: int, result: Path | None) -> None:
    """Measure what a record costs the processor, stage by stage.

    One consumer process and one stream worker empty full topics and are profiled meanwhile, with a real Kafka and a
    real Postgres beside them. Logs, profiles and the result go to a new folder in var/benchmarks. Needs root on most
    machines: py-spy reads the memory of the processes.
    """
    folder = make_folder("stages")
    try:
        with open_servers(folder / "servers", _CONSOLE.print) as servers:
            costs = asyncio.run(_measure(servers, events, rate, folder))
    except (SpyError, StandstillError) as error:
        raise click.ClickException(str(error)) from None
    write_results(result or folder / "stages.json", costs)
    _CONSOLE.print(_tabulate(costs))


async def _measure(servers: Servers, events: int, rate: int, folder: Path) -> list[Cost]:
    """Let the product empty the topics while it is profiled."""
    records = await fill(servers.bootstrap, events, _DUPLICATES, ordered=True)
    async with empty_database(servers.url) as url:
        with (
            show_progress("recording", records, _CONSOLE, time.monotonic) as report,
            profiling(records, rate, folder, report) as profiler,
        ):
            measured = await Trial(servers, url, records, folder, events, report=profiler.follow).run(PRODUCT, 1)
    return [*profiler.split(), *split_servers(measured)]


def _tabulate(costs: Sequence[Cost]) -> Table:
    """Return what was measured, with the places that fit no stage."""
    table = Table("process", "stage", "CPU µs a record", Column("where, if it fits no stage", overflow="fold"))
    for cost in costs:
        places = "\n".join(f"{microseconds:.2f} {place}" for place, microseconds in cost.places.items())
        table.add_row(cost.process, cost.stage or "all", f"{cost.microseconds:.2f}", places)
    return table
