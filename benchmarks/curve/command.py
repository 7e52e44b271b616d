"""`python -m benchmarks curve`: what the speed depends on, one thing varied at a time."""

import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from benchmarks.curve.ledgers import DiskShortError, fill_ledgers, open_ledger
from benchmarks.curve.points import VARIED, Point, make_points
from benchmarks.curve.table import name_place, tabulate
from benchmarks.curve.topics import Filled, TopicStore, open_topics
from benchmarks.curve.trial import Turn, Visit, visit
from benchmarks.measure.trial import StandstillError, Trial
from benchmarks.results import make_folder, write_results
from benchmarks.stage.servers import Servers, open_postgres
from onboarding.cli._progress import Report, show_progress
from onboarding.local.embedded.postgres import EmbeddedPostgres

# 140 columns where the output is no terminal: nothing wraps.
_CONSOLE: Final = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else 140)
_MILLION: Final = 1_000_000
_ROWS: Final = (0.0, 10.0, 50.0)
_ROWS_HELP: Final = "Millions of facts in the ledger before, for the axis of that name; may be repeated."


@dataclass(frozen=True)
class Tour:
    """Everything that points are measured with, and what was measured.

    result -- the file that is written after every point, so that a long tour may be broken off
    events -- distinct events in the topics
    """

    folder: Path
    result: Path
    events: int
    rounds: int
    postgres: EmbeddedPostgres
    visits: list[Visit] = field(default_factory=list)

    def go(self, points: Sequence[Point]) -> None:
        """Measure every point of an axis so often, in turn, so that what else the machine does meets all of them."""
        fillings = list(dict.fromkeys(point.filling for point in points))
        data = (self.folder / "servers" / "postgres").resolve()
        asyncio.run(fill_ledgers(self.postgres.url, fillings, data, _CONSOLE))
        with open_topics(self.folder, self.events, _CONSOLE.print) as topics:
            for point in points:
                topics.fill(point.traffic)
            for number in range(1, self.rounds + 1):
                for point in points:
                    self.visits.append(self._measure(topics, point, number))
                    write_results(self.result, self.visits)

    def _measure(self, topics: TopicStore, point: Point, number: int) -> Visit:
        """Measure one point with a broker that was just started."""
        what = f"{point.axis}, round {number} of {self.rounds}: {name_place(point)}"
        with topics.open(point.traffic) as (kafka, filled):
            servers = Servers(kafka.bootstrap, self.postgres.url, kafka.pid, self.postgres.pid)
            with show_progress(what, filled.records, _CONSOLE, time.monotonic) as report:
                found = asyncio.run(self._visit(servers, filled, Turn(point, number), report))
        _CONSOLE.print(f"{what}, {found.rate:,.0f} records/s")
        return found

    async def _visit(self, servers: Servers, filled: Filled, turn: Turn, report: Report) -> Visit:
        """Measure one point with a ledger of its own."""
        async with open_ledger(self.postgres.url, turn.point.filling, _CONSOLE.print) as url:
            facts = self.events + turn.point.ledger_rows
            trial = Trial(servers, url, filled.records, self.folder, facts, report=report)
            return await visit(turn, filled.event_bytes, trial)


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(VARIED)), help="Vary this alone; may be repeated.")
@click.option("--events", default=2_000_000, show_default=True, help="Distinct events in the topics.")
@click.option("--rounds", default=3, show_default=True, help="How often each point is measured, in turn.")
@click.option("--rows", multiple=True, type=float, default=_ROWS, show_default=True, help=_ROWS_HELP)
@click.option("--result", type=click.Path(path_type=Path), help="Result file, if not in the run's own folder.")
def curve(only: Sequence[str], events: int, rounds: int, rows: Sequence[float], result: Path | None) -> None:
    """Measure what the speed of the product depends on, one thing varied at a time.

    A real Kafka and a real Postgres run on this machine beside it, with fsync and synchronous_commit on. The result
    file is written after every point. 120 million facts, as by default, take 28 GB of disk, and 12 GB more in a trial.
    """
    folder = make_folder("curve")
    # A topic just made has no leader for a moment; the producer tries again by itself.
    logging.getLogger("aiokafka.producer").setLevel(logging.CRITICAL)
    ledger_rows = [int(millions * _MILLION) for millions in rows]
    with open_postgres(folder / "servers", _CONSOLE.print) as postgres:
        tour = Tour(folder, result or folder / "curve.json", events, rounds, postgres)
        try:
            for axis in only or VARIED:
                tour.go(make_points(axis, ledger_rows))
        except (DiskShortError, StandstillError) as error:
            raise click.ClickException(str(error)) from None
        finally:
            for axis in dict.fromkeys(each.axis for each in tour.visits):
                _CONSOLE.print(tabulate(axis, tour.visits))
