"""`python -m benchmarks latency`: how long after it was to be published an event is part of the totals on /metrics."""

from pathlib import Path
from typing import Final

import click
from rich.console import Console

from benchmarks.latency.child import ChildError
from benchmarks.latency.figures import Latency
from benchmarks.latency.plan import Plan
from benchmarks.latency.table import tabulate
from benchmarks.latency.trial import NotShownError, Trial
from benchmarks.results import make_folder, write_results

_CONSOLE: Final = Console(stderr=True, highlight=False)
# 20 ms: to make a page takes 1.5 ms of the stream worker's one thread, so that a look every 5 ms would disturb it.
_PAUSE_MILLISECONDS: Final = 20.0
# 1,200 events: a dozen are beyond the 99th percentile.
_EVENTS_MIN: Final = 1_200


class Rates(click.ParamType):
    """Events a second, separated by commas."""

    name = "rates"

    def convert(
        self, value: str | tuple[int, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the rates."""
        if isinstance(value, tuple):
            return value
        parts = value.split(",")
        if not all(part.strip().isdecimal() and int(part) for part in parts):
            self.fail(f"{value!r} is no list of rates: write whole numbers above 0, as in 10,1000,20000", param, ctx)
        return tuple(map(int, parts))


@click.command()
@click.option("--rates", type=Rates(), default="10,1000,20000", show_default=True, help="Events a second.")
@click.option("--seconds", default=60.0, show_default=True, help="How long each rate is measured, at least.")
@click.option("--events-min", default=_EVENTS_MIN, show_default=True, help="Events measured at each rate, at least.")
@click.option("--warm-up", default=10.0, show_default=True, help="Seconds before that do not count.")
@click.option("--processes", default=2, show_default=True, help="Consumers that share the partitions.")
@click.option(
    "--pause",
    default=_PAUSE_MILLISECONDS,
    show_default=True,
    help="Milliseconds from one look at /metrics to the next.",
)
@click.option("--result", type=click.Path(path_type=Path), help="File for the figures; else in the folder of the logs.")
def latency(  # noqa: PLR0913, PLR0917 - each is an option of the command
    rates: tuple[int, ...],
    seconds: float,
    events_min: int,
    warm_up: float,
    processes: int,
    pause: float,
    result: Path | None,
) -> None:
    """Measure the latency from publishing to /metrics at fixed rates.

    Every rate has a Kafka, a Postgres, consumers and a stream worker of its own on this machine; the publisher and what
    reads /metrics are processes beside them. Logs go to a new folder in var/benchmarks.
    """
    folder = make_folder("latency")
    plans = [Plan(rate, warm_up, max(seconds, events_min / rate)) for rate in rates]
    measured: list[Latency] = []
    for plan in plans:
        measured.append(_measure(Trial(plan, processes, pause / 1000, folder / f"{plan.rate}")))
        write_results(result or folder / "latency.json", measured)  # each time: a later one may fail
    _CONSOLE.print(tabulate(measured))


def _measure(trial: Trial) -> Latency:
    """Measure one rate. Raises click.ClickException when it cannot be measured."""
    trial.folder.mkdir(parents=True)
    try:
        return trial.run()
    except (NotShownError, ChildError) as error:
        raise click.ClickException(f"{error}; the logs are in {trial.folder}") from error
