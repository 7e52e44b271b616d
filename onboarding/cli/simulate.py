"""`simulate`: publishes an invented national history with the published totals."""

import time
from collections.abc import Iterable
from typing import Final

import click
from rich.console import Console

from onboarding.cli._files import STANDARD_STREAM, open_to_write
from onboarding.cli._parameters import scale_option
from onboarding.cli._progress import Report, show_progress
from onboarding.cli._upstream import send
from upstream.publishing.outgoing import Outgoing
from upstream.simulation.figures import figures
from upstream.simulation.history import history

# 1,000 records between two looks at the clock: some 10 ms.
_REPORT_EVERY: Final = 1_000


@click.command()
@scale_option
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed gives the same events."
)
@click.option("--to-file", metavar="FILE|-", help="Write JSON lines to a file or standard output; needs no Kafka.")
def simulate(scale: int, seed: int, to_file: str | None) -> None:
    """Publish an invented national history with the published totals.

    75,160,000 identity records, 53,880,000 accounts activated and 150,000 logins a day over 161 days, to 9 June 2024,
    divided by the scale: growth over the months, provinces by population, the pattern of the week. Nobody in it is
    real. To publish the same seed and scale twice counts nothing twice.

    Kafka is found by KAFKA_BOOTSTRAP_SERVERS. Ends with 2 when the command failed.

    \b
    Examples:
      onboarding simulate --scale 1000
      onboarding simulate --scale 100000 --to-file history.jsonl
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    console = Console(stderr=True, highlight=False, markup=False)
    totals = figures(scale)
    outgoing = history(scale, seed)
    if to_file is None:
        send(outgoing, sum(totals.values()), console)
    else:
        _write(outgoing, to_file, sum(totals.values()), console)
    parts = ", ".join(f"{total:,} {name}" for name, total in totals.items())
    click.echo(f"simulated {sum(totals.values()):,} events: {parts}", err=to_file == STANDARD_STREAM)


def _write(outgoing: Iterable[Outgoing], path: str, total: int, console: Console) -> None:
    """Write records as JSON lines, showing how far it is."""
    with open_to_write(path) as file, show_progress("written", total, console, time.monotonic) as report:
        for count, record in enumerate(outgoing, 1):
            file.write(record.value + b"\n")
            _report_now_and_then(report, count, total)


def _report_now_and_then(report: Report, count: int, total: int) -> None:
    """Report a count every so often, and the last one."""
    if count % _REPORT_EVERY == 0 or count == total:
        report(count)
