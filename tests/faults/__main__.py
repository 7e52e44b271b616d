"""The long fault run: `make faults MINUTES=20 SEED=1`, or `python -m tests.faults --help`."""

import asyncio
import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from tests.containers.session import open_session
from tests.faults.bugs import Bug
from tests.faults.fault_run import FaultRun, write_runs
from tests.faults.faults import ALL
from tests.faults.run import Order, run
from tests.faults.schedule import Kinds, choose_kinds

# 20 lines tell what is wrong; all of them are in the result file.
_LINES_MAX: Final = 20


@click.command()
@click.option("--minutes", default=20.0, show_default=True, help="How long faults fall on top of each other.")
@click.option("--faults", default=60, show_default=True, help="How many are done before that, one after the other.")
@click.option("--seed", default=1, show_default=True, help="Chooses faults, victims and traffic.")
@click.option("--brokers", type=click.Choice(["1", "3"]), default="1", show_default=True, help="Size of the cluster.")
@click.option("--only", multiple=True, metavar="WORDS", help="Only faults whose name holds these words; repeatable.")
@click.option("--plant", type=click.Choice([*map(str, Bug)]), help="Run the processes with a bug: must be found.")
def main(  # noqa: PLR0913, PLR0917 - an argument an option
    minutes: float, faults: int, seed: int, brokers: str, only: tuple[str, ...], plant: str | None
) -> None:
    """Do faults to the whole system, and judge whether anything was lost or counted twice.

    Logs, the operation log and the result go to a new folder in var/faults.
    """
    kinds = _choose(only, int(brokers))
    folder = Path("var/faults") / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    folder.mkdir(parents=True)
    logging.basicConfig(filename=folder / "run.log", level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    order = Order(
        name=f"faults on {brokers} broker{'s' if brokers == '3' else ''}, seed {seed}",
        command=f"make faults MINUTES={minutes:g} SEED={seed} FAULTS={faults} BROKERS={brokers}",
        seed=seed,
        brokers=int(brokers),
        kinds=kinds,
        faults=faults,
        overlap_seconds=minutes * 60,
        bug=Bug(plant) if plant else None,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as by Ctrl-C, so that no process outlives the run
    with open_session():
        result = asyncio.run(run(order, folder.absolute(), click.echo))
    write_runs(folder / "result.json", [result])
    sys.exit(_tell(result, folder))


def _choose(only: tuple[str, ...], brokers: int) -> Kinds:
    """Return the kinds to choose from. Raises UsageError when there are none."""
    kinds = choose_kinds(ALL, brokers)
    chosen = [kind for kind in kinds if not only or any(words in kind.name for words in only)]
    if not chosen:
        names = "\n  ".join(kind.name for kind in kinds)
        raise click.UsageError(f"--only fits none of these faults:\n  {names}")
    return chosen


def _tell(result: FaultRun, folder: Path) -> int:
    """Say what came of a run; return the exit code, 0 when every promise was kept."""
    effective = {outcome.fault for outcome in result.outcomes if outcome.effect}
    click.echo(
        f"{result.records} records, {result.facts} facts: {result.lost} lost, {result.doubled} doubled, "
        f"{result.dips} dips, shown twice {result.doubles} times, wrong without a mark for "
        f"{result.unmarked_seconds or 0:.1f} s; {len(effective)} kinds of faults had an effect"
    )
    for line in [*result.discrepancies, *result.unmarked][:_LINES_MAX]:
        click.echo(f"  {line}")
    click.echo(f"for docs/reliability.md: python -m tests.faults.report docs {folder / 'result.json'}")
    broken = (
        result.lost,
        result.doubled,
        result.lost_by_kafka,
        result.dips,
        result.doubles,
        result.unmarked,
        result.discrepancies,
    )
    return int(any(broken))


if __name__ == "__main__":
    main()
