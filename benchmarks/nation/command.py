"""`python -m benchmarks nation`: the nation's history at 1 : 1, until the published figures are shown."""

import asyncio
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from benchmarks.nation.replay import Nation, Plan, ReplayError, Report, replay
from benchmarks.nation.room import NoRoomError, look_at_disk
from benchmarks.results import make_folder, write_results
from benchmarks.stage.servers import open_servers
from onboarding.cli._progress import show_progress

_CONSOLE: Final = Console(stderr=True, highlight=False)
_MINUTE: Final = 60


@click.command()
@click.option("--scale", default=1, show_default=True, help="Replay one event for so many that there were.")
@click.option("--processes", default=2, show_default=True, help="Consumer processes that share the partitions.")
@click.option("--result", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the result.")
def nation(scale: int, processes: int, result: Path | None) -> None:
    """Replay the nation's history: 153,190,000 events, generated into Kafka while they are recorded and shown.

    What is recorded is deleted from Kafka, so that 60 GB of disk are enough. Ends with 0 when the totals are the
    published figures and `recount` finds no difference, else with 1.
    """
    folder = make_folder("nation")
    try:
        plan = Plan(scale, processes, folder, look_at_disk(folder, scale))
        with open_servers(folder / "servers", _CONSOLE.print) as servers:
            found = asyncio.run(replay(servers, plan, _show))
    except (NoRoomError, ReplayError) as error:
        raise click.ClickException(str(error)) from None
    write_results(result or folder / "result.json", [found])
    _CONSOLE.print(_tabulate(found))
    sys.exit(0 if found.exact else 1)


def _show(what: str, total: int) -> AbstractContextManager[Report]:
    """Show how far something is."""
    return show_progress(what, total, _CONSOLE, time.monotonic)


def _tabulate(found: Nation) -> Table:
    """Return what was shown in the end, and how long it took."""
    caption = (
        f"{found.events:,} events in {found.seconds / _MINUTE:.1f} minutes, {found.events / found.seconds:,.0f}/s; the"
        f" generator alone makes {found.generator_rate:,.0f}/s; cells that differ: {found.drift_cells}, counted again"
        f" in {found.recount_seconds:.0f} s; at most {found.disk_gigabytes_max:.1f} GB of disk"
    )
    table = Table("total", "shown", "published", caption=caption)
    for name, expected in found.expected.items():
        table.add_row(name, f"{found.totals.get(name, 0):,}", f"{expected:,}")
    return table
