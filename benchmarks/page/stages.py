"""The part of the page about what a record costs the processor, by stage."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from benchmarks.page.result import Result, Results
from benchmarks.page.text import fill, tabulate

_HEAD: Final = ("stage", "CPU µs a record", "part")
CONSUMER: Final = "consumer"


def tell_stages(results: Results) -> str:
    """Return the text about the stages."""
    result = results["stages"]
    sums = {process: sum(row["microseconds"] for row in rows) for process, rows in group(result).items()}
    others = ", ".join(f"{process} {spent:.1f}" for process, spent in sums.items() if process != CONSUMER)
    table = tabulate(_HEAD, _rows(group(result)[CONSUMER]))
    return fill("stages", conditions=result.describe(), table=table, others=others, consumer=f"{sums[CONSUMER]:.1f}")


def group(result: Result) -> dict[str, list[dict[str, Any]]]:
    """Return the stages of each process."""
    return {process: list(rows) for process, rows in groupby(result.measured, key=lambda row: str(row["process"]))}


def find_largest(results: Results) -> list[tuple[str, float]]:
    """Return the stages of a consumer with their microseconds, the largest first; none where they were not measured."""
    rows = group(results["stages"]).get(CONSUMER, []) if "stages" in results else []
    return sorted(((row["stage"], row["microseconds"]) for row in rows), key=lambda each: -each[1])


def _rows(stages: Sequence[dict[str, Any]]) -> Iterable[Sequence[str]]:
    whole = sum(row["microseconds"] for row in stages)
    for row in stages:
        yield row["stage"], f"{row['microseconds']:.2f}", f"{row['microseconds'] / whole:.0%}"
