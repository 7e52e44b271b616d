"""`python -m benchmarks latency`: its options and its table."""

from dataclasses import replace
from io import StringIO

import pytest
from click.testing import CliRunner
from rich.console import Console

from benchmarks.latency.command import latency
from benchmarks.latency.figures import Latency
from benchmarks.latency.table import judge_schedule, tabulate

MEASURED = Latency(
    rate=1_000,
    seconds=60,
    processes=2,
    events=60_000,
    sent=70_000,
    milliseconds={"p50": 100.4, "p99": 251.5},
    late_milliseconds={"p50": 0.5, "p99": 1.5},
    behind_seconds=0.002,
    reading_milliseconds={"p50": 20.1, "p99": 22.5},
    processor_shares={"consumers": 0.25, "Kafka": 0.125},
    machine_shares={"idle": 0.5, "stolen": 0.0625},
    megabytes={"consumers": 191.0, "Kafka": 416.0},
    histogram="",
    late_histogram="",
)


@pytest.mark.parametrize("rates", ["", "10,", "ten", "0", "-1", "1.5"])
def test_rates_that_are_none_are_refused_with_an_example(rates: str) -> None:
    """Before any server is started."""
    result = CliRunner().invoke(latency, ["--rates", rates])
    assert result.exit_code == 2
    assert "write whole numbers above 0, as in 10,1000,20000" in " ".join(result.output.split())


def test_the_table_tells_the_goal_the_lateness_and_the_rule() -> None:
    """A percentile means nothing without them."""
    text = render(MEASURED, replace(MEASURED, rate=10))
    for cell in ("250", "0.5 / 1.5", "20.1 / 22.5", "25%, 191", "50%, 6%", "6% ", "was due to be published"):
        assert cell in text


def test_a_schedule_that_was_not_kept_is_said() -> None:
    """The rate was another one than the table's head says."""
    assert judge_schedule(MEASURED) == "kept"
    assert judge_schedule(replace(MEASURED, behind_seconds=12.34)) == "not kept: 12.3 s behind at the end"


def render(*measured: Latency) -> str:
    """Return the table as text on few lines."""
    text = StringIO()
    Console(file=text, width=200).print(tabulate(measured))
    return text.getvalue()
