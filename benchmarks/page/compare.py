"""The part of the page about the product beside its peers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import truediv
from statistics import median
from typing import Any, Final

from benchmarks.candidates import BARE_LOOP
from benchmarks.page.result import Result, Results
from benchmarks.page.text import fill, show, tabulate

_MICROSECONDS: Final = 1e6
_HEAD: Final = (
    *("who", "records/s", "slowest to fastest run", "times the bare loop"),
    *("CPU µs a record: own, Kafka, Postgres", "MB: largest, all", "what it does not do"),
)


@dataclass(frozen=True)
class Standing:
    """What the runs of one candidate come to.

    rates -- records a second, in the order of the rounds
    microseconds -- of processor a record, the median, by who spent it
    megabytes -- the most that its largest process had in memory; megabytes_all: all of them together
    """

    name: str
    rates: Sequence[float]
    microseconds: dict[str, float]
    megabytes: float
    megabytes_all: float
    lacks: str

    @property
    def rate(self) -> float:
        """The median of all rounds."""
        return median(self.rates)

    def times(self, other: "Standing") -> float:
        """Return how many times as fast as another it is: the median of the rounds, each compared in itself."""
        return float(median(map(truediv, self.rates, other.rates)))


def rank(result: Result) -> list[Standing]:
    """Return the candidates, the fastest first."""
    names = dict.fromkeys(run["candidate"] for run in result.measured)
    found = [_sum_up(name, [run for run in result.measured if run["candidate"] == name]) for name in names]
    return sorted(found, key=lambda standing: -standing.rate)


def find_standing(results: Results, name: str) -> Standing | None:
    """Return what the runs of one candidate come to, None where it was not measured."""
    standings = rank(results["compare"]) if "compare" in results else []
    return next((standing for standing in standings if standing.name == name), None)


def tell_compare(results: Results) -> str:
    """Return the text about the comparison."""
    result = results["compare"]
    standings = rank(result)
    runs = len(result.measured) // len(standings)
    missing = ([name, *[""] * (len(_HEAD) - 2), f"cannot be had here: {why}"] for name, why in result.missing.items())
    table = tabulate(_HEAD, [*_rows(standings), *missing])
    return fill("compare", conditions=result.describe(), table=table, runs=runs, records=show(_count(result)))


def _rows(standings: Sequence[Standing]) -> Iterable[Sequence[str]]:
    yardstick = next((each for each in standings if each.name == BARE_LOOP.name), None)
    for each in standings:
        ratio = f"{each.times(yardstick):.2f}" if yardstick else ""
        spent = ", ".join(f"{microseconds:.1f}" for microseconds in each.microseconds.values())
        size = f"{show(each.megabytes)}, {show(each.megabytes_all)}"
        spread = f"{show(min(each.rates))} to {show(max(each.rates))}"
        yield each.name, show(each.rate), spread, ratio, spent, size, each.lacks


def _count(result: Result) -> int:
    return max(int(run["records"]) for run in result.measured)


def _sum_up(name: str, runs: Sequence[dict[str, Any]]) -> Standing:
    rates = [run["records"] / run["seconds"] for run in runs]
    spent = {
        who: median(run["cpu_seconds"][who] / run["records"] for run in runs) * _MICROSECONDS
        for who in runs[0]["cpu_seconds"]
    }
    largest, whole = (max(run[size] for run in runs) for size in ("megabytes", "megabytes_all"))
    return Standing(name, rates, spent, largest, whole, runs[0]["lacks"])
