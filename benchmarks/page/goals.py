"""What was to be reached, beside what was."""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.candidates import BARE_LOOP, FAUST_TABLE, KAFKA_STREAMS, PRODUCT, Candidate
from benchmarks.page.compare import find_standing
from benchmarks.page.curve import find_ratio
from benchmarks.page.latency import find_percentile
from benchmarks.page.result import Results
from benchmarks.page.text import show, tabulate

_FULL: Final = (0, 50_000_000)
_HEAD: Final = ("goal", "at least / at most", "measured", "")


@dataclass(frozen=True)
class Goal:
    """A bound that was set before anything was measured.

    measure -- finds the figure in the results; None where it was not measured
    is_reached -- compares that figure with the bound
    """

    what: str
    bound: float
    unit: str
    measure: Callable[[Results], float | None]
    is_reached: Callable[[float, float], bool] = operator.ge


def _compare_with(peer: Candidate) -> Callable[[Results], float | None]:
    """Return what finds how many times as fast as a peer the product is."""

    def measure(results: Results) -> float | None:
        ours, theirs = find_standing(results, PRODUCT.name), find_standing(results, peer.name)
        return ours.times(theirs) if ours and theirs else None

    return measure


def _find_rate(results: Results) -> float | None:
    """Return the records a second of the product."""
    found = find_standing(results, PRODUCT.name)
    return found.rate if found else None


def _find_latency(rate: int) -> Callable[[Results], float | None]:
    """Return what finds the 99th percentile at a rate."""
    return lambda results: find_percentile(results, rate, "p99")


def _find_minutes(results: Results) -> float | None:
    """Return the minutes that the nation's history takes."""
    return results["nation"].measured[0]["seconds"] / 60 if "nation" in results else None


def _compare_on(
    axis: str, values: tuple[float, float], series: tuple[str, str] = ("", "")
) -> Callable[[Results], float | None]:
    """Return what finds how fast the product is at the second value, to the first."""
    return lambda results: find_ratio(results, axis, values, series)


GOALS: Final = (
    Goal("beside the bare loop", 0.8, "times", _compare_with(BARE_LOOP)),
    Goal("beside Kafka Streams", 1.5, "times", _compare_with(KAFKA_STREAMS)),
    Goal("beside a Faust agent with a table", 30, "times", _compare_with(FAUST_TABLE)),
    Goal("records a second (an aim)", 170_000, "records/s", _find_rate),
    Goal("50 million facts in the ledger, to none", 0.9, "times", _compare_on("ledger", _FULL, ("v7", "v7"))),
    Goal("the same with random ids, to none and ordered ids", 0.6, "times", _compare_on("ledger", _FULL, ("v7", "v4"))),
    Goal("one retry for 20 events, to one for 1,000", 0.6, "times", _compare_on("duplicates", (0.001, 0.05))),
    Goal("99 of 100 events shown, at 1,000 events/s", 250, "ms", _find_latency(1_000), operator.le),
    Goal("99 of 100 events shown, at 20,000 events/s", 1_000, "ms", _find_latency(20_000), operator.le),
    Goal("the nation's history (an aim)", 15, "minutes", _find_minutes, operator.le),
)


def tell_goals(results: Results) -> str:
    """Return the table of the goals that something was measured for; nothing where there is none."""
    rows = list(_rows(results))
    return f"## Goals\n\n{tabulate(_HEAD, rows)}" if rows else ""


def _rows(results: Results) -> Iterator[Sequence[str]]:
    for goal in GOALS:
        found = goal.measure(results)
        if found is not None:
            side = "at least" if goal.is_reached is operator.ge else "at most"
            verdict = "reached" if goal.is_reached(found, goal.bound) else "**not reached**"
            yield goal.what, f"{side} {goal.bound:,g} {goal.unit}", f"{show(found)} {goal.unit}", verdict
