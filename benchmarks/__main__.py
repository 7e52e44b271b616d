"""`python -m benchmarks`: every measurement is one command; `--help` lists them."""

from typing import Final

import click

from benchmarks.compare import compare
from benchmarks.curve.command import curve
from benchmarks.latency.command import latency
from benchmarks.nation.command import nation
from benchmarks.page.command import page
from benchmarks.stages.command import stages

_COMMANDS: Final = (compare, latency, curve, stages, nation, page)


@click.group()
def main() -> None:
    """Measure how fast the system is, on a real Kafka and a real Postgres that are started for it."""


for _command in _COMMANDS:
    main.add_command(_command)

if __name__ == "__main__":
    main()
