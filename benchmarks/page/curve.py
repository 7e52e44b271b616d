"""The part of the page about what changes the cost: one axis at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Any, Final

from benchmarks.page.result import Result, Results
from benchmarks.page.text import fill, show, tabulate

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Axis:
    """What is varied.

    title -- what its values are, counted in units
    field -- of a row, that holds the value
    series -- the field that tells several curves of one axis apart; "" where there is one
    """

    name: str
    title: str
    field: str
    series: str = ""
    unit: float = 1.0

    def show(self, value: float) -> str:
        """Return a value in its unit."""
        return show(value / self.unit)


@dataclass(frozen=True)
class Point:
    """What the runs at one value come to: medians, and the slowest and the fastest run."""

    value: float
    rate: float
    least: float
    most: float
    megabytes: float


AXES: Final = (
    Axis("processes", "processes", "processes", "candidate"),
    Axis("partitions", "partitions of a topic", "partitions"),
    Axis("batch", "records in a batch, at most", "batch_records_max"),
    Axis("size", "bytes of an event", "event_bytes"),
    Axis("ledger", "million facts in the ledger before", "ledger_rows", "ids", 1e6),
    Axis("duplicates", "retries for 100 events", "duplicates", unit=0.01),
)
_THOUSAND: Final = 1_000
_HEAD: Final = ("what is varied", "values", "thousand records/s", "MB of the largest process")


def tell_curve(results: Results) -> str:
    """Return the text about the axes."""
    result = results["curve"]
    runs = max(row["round"] for row in result.measured)
    return fill("curve", conditions=result.describe(), table=tabulate(_HEAD, _rows(result)), runs=runs)


def find_axes(result: Result) -> list[Axis]:
    """Return the axes that were measured."""
    measured = {row["axis"] for row in result.measured}
    return [axis for axis in AXES if axis.name in measured]


def find_series(result: Result, axis: Axis) -> dict[str, list[Point]]:
    """Return the curves of an axis by their name, "" where there is one, in the order of their values."""
    rows = [row for row in result.measured if row["axis"] == axis.name]
    names = dict.fromkeys(str(row[axis.series]) if axis.series else "" for row in rows)
    return {name: _read_points(axis, [row for row in rows if not name or row[axis.series] == name]) for name in names}


def find_ratio(results: Results, axis: str, values: tuple[float, float], series: tuple[str, str]) -> float | None:
    """Return how the rate at the second value is to that at the first, None where one was not measured."""
    found = next((each for each in AXES if each.name == axis), None)
    if "curve" not in results or found is None:
        return None
    curves = find_series(results["curve"], found)
    rates = [_find_rate(curves.get(name, []), value) for name, value in zip(series, values, strict=True)]
    first, second = rates
    return second / first if first and second else None


def _find_rate(points: Iterable[Point], value: float) -> float | None:
    return next((point.rate for point in points if point.value == value), None)


def _read_points(axis: Axis, rows: Iterable[Row]) -> list[Point]:
    ordered = sorted(rows, key=lambda row: float(row[axis.field]))
    return [_sum_up(value, list(runs)) for value, runs in groupby(ordered, key=lambda row: float(row[axis.field]))]


def _sum_up(value: float, runs: Sequence[Row]) -> Point:
    rates = [run["records"] / run["seconds"] for run in runs]
    return Point(value, median(rates), min(rates), max(rates), max(run["megabytes"] for run in runs))


def _rows(result: Result) -> Iterable[Sequence[str]]:
    """Yield a row for each curve."""
    for axis in find_axes(result):
        for name, points in find_series(result, axis).items():
            what = f"{axis.title}, {name}" if name else axis.title
            values = [axis.show(point.value) for point in points]
            rates = [show(point.rate / _THOUSAND) for point in points]
            sizes = [show(point.megabytes) for point in points]
            yield what, *map(" / ".join, (values, rates, sizes))
