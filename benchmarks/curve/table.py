"""The points of one axis side by side: the median of all rounds, and how far they lie apart."""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table

from benchmarks.curve.points import VARIED, Point
from benchmarks.curve.trial import Visit

_SPENT_BY: Final = ("processes", "kafka", "postgres")
_MEASURED: Final = (
    *("records/s", "least", "most", "CPU µs a record: own, Kafka, Postgres", "MB: largest, all"),
    *("bytes an event", "records a batch"),
)
_MICROSECONDS: Final = 1e6


def name_place(point: Point) -> str:
    """Say which point of its axis this is."""
    return ", ".join(f"{name} {_show(getattr(point, name))}" for name in VARIED[point.axis])


def tabulate(axis: str, visits: Sequence[Visit]) -> Table:
    """Return one row a point of the axis."""
    table = Table(*VARIED[axis], *_MEASURED, title=axis)
    by_point: dict[tuple[object, ...], list[Visit]] = defaultdict(list)
    for each in visits:
        if each.axis == axis:
            by_point[tuple(getattr(each, name) for name in VARIED[axis])].append(each)
    for place, found in by_point.items():
        table.add_row(*map(_show, place), *_describe(found))
    return table


def _show(value: object) -> str:
    """Return a value of a point as it is read."""
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _describe(visits: Sequence[Visit]) -> Iterator[str]:
    """Yield the cells of one point."""
    rates = [each.rate for each in visits]
    for rate in (statistics.median(rates), min(rates), max(rates)):
        yield f"{rate:,.0f}"
    yield ", ".join(f"{_cost(visits, who):.1f}" for who in _SPENT_BY)
    yield ", ".join(f"{max(getattr(each, name) for each in visits):.0f}" for name in ("megabytes", "megabytes_all"))
    yield f"{visits[0].event_bytes:,.0f}"
    batches = [each.records_a_batch for each in visits if each.records_a_batch]
    yield f"{statistics.median(batches):,.0f}" if batches else ""


def _cost(visits: Sequence[Visit], who: str) -> float:
    """Return the median of the microseconds of processor that a record costs."""
    return statistics.median(each.cpu_seconds[who] / each.records for each in visits) * _MICROSECONDS
