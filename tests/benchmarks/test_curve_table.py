"""A table shows each point once, with the median of its rounds."""

from rich.console import Console

from benchmarks.curve.table import name_place, tabulate
from benchmarks.curve.trial import Visit


def visit(partitions: int, seconds: float, number: int, axis: str = "partitions") -> Visit:
    """Measure a thousand records."""
    return Visit(
        axis=axis,
        candidate="the product",
        processes=2,
        partitions=partitions,
        records=1_000,
        seconds=seconds,
        cpu_seconds={"processes": 0.01, "kafka": 0.002, "postgres": 0.003},
        megabytes=140.4,
        megabytes_all=400.0,
        lacks="",
        round=number,
        event_bytes=369.2,
        records_a_batch=None,
    )


def test_the_median_of_all_rounds_is_shown_beside_least_and_most() -> None:
    """One slow round does not decide, and is not hidden."""
    visits = [visit(1, 1.0, 1), visit(64, 2.0, 1), visit(1, 0.1, 2), visit(1, 0.5, 3), visit(8, 1.0, 1, "processes")]
    table = tabulate("partitions", visits)
    assert [list(column.cells) for column in table.columns[:4]] == [
        ["1", "64"],
        ["2,000", "500"],
        ["1,000", "500"],
        ["10,000", "500"],
    ]


def test_costs_are_microseconds_a_record() -> None:
    """Who spends them is told apart."""
    console = Console(width=200)
    with console.capture() as capture:
        console.print(tabulate("partitions", [visit(1, 1.0, 1)]))
    assert "10.0, 2.0, 3.0" in capture.get()


def test_a_point_is_named_by_what_is_varied() -> None:
    """A person sees what is measured just now."""
    assert name_place(visit(64, 1.0, 1)) == "partitions 64"
