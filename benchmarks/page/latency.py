"""The part of the page about how soon an event is shown."""

from collections.abc import Iterable, Sequence
from typing import Final

from benchmarks.page.result import Result, Results
from benchmarks.page.text import fill, show, show_share, tabulate

_HEAD: Final = (
    "events/s",
    "events",
    "p50 (ms)",
    "p90",
    "p99",
    "p99.9",
    "max",
    "processors in use",
    "publisher late at most",
)


def tell_latency(results: Results) -> str:
    """Return the text about latencies."""
    result = results["latency"]
    return fill("latency", conditions=result.describe(), table=tabulate(_HEAD, _rows(result)))


def find_percentile(results: Results, rate: int, percentile: str) -> float | None:
    """Return a latency in milliseconds at a rate, None where it was not measured."""
    measured = results["latency"].measured if "latency" in results else []
    return next((float(row["milliseconds"][percentile]) for row in measured if row["rate"] == rate), None)


def _rows(result: Result) -> Iterable[Sequence[str]]:
    for row in result.measured:
        milliseconds = [show(figure) for figure in row["milliseconds"].values()]
        used = show_share(sum(row["processor_shares"].values()))
        late = f"{show(row['late_milliseconds']['max'])} ms"
        yield f"{row['rate']:,}", show(row["events"]), *milliseconds, used, late
