"""What a stream worker's page must show: totals, marginals, today, the newest record, and nothing else."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Final

from tests.faults.contract import KIND_BY_TOPIC, KINDS, NETS, Kind
from tests.faults.expectation import Expectation
from tests.faults.exposition import name_of, parse, write_series

# 1 ms: the resolution of the broker's timestamps.
_NEWEST_SECONDS: Final = 0.001
_RATIO: Final = "onboarding_activation_ratio"


class Totals:
    """The counts of every kind over all of its source partitions."""

    def __init__(self) -> None:
        self.series: Counter[str] = Counter(dict.fromkeys((kind.metric for kind in KINDS), 0))
        self.days: dict[str, Counter[date]] = {kind.name: Counter() for kind in KINDS}
        self.newest_at: dict[str, datetime] = {}

    def add(self, expected: Expectation) -> None:
        """Add one source partition."""
        kind = KIND_BY_TOPIC[expected.lane.topic]
        for cell, facts in expected.cells.items():
            if cell.dimension == "all":
                self.series[kind.metric] += facts
                self.days[kind.name][cell.day] += facts
            else:
                self.series[write_series(kind.metric_by(cell.dimension), cell.dimension, cell.value)] += facts
        newest = [moment for moment in (self.newest_at.get(kind.name), expected.newest_at) if moment]
        self.newest_at |= {kind.name: max(newest)} if newest else {}

    def compare(self, scrape_text: str, todays: Collection[date]) -> Iterator[str]:
        """Yield every difference between a page and these totals as one line.

        todays -- the days that may have been today when the page was read.
        """
        found = parse(scrape_text)
        names = {name_of(series) for series in self.series}
        shown = {series: number for series, number in found.items() if name_of(series) in names}
        for series in sorted(self.series.keys() | shown.keys()):
            if shown.get(series) != self.series[series]:
                yield f"{series} shows {_say(shown.get(series))}, not {self.series[series]}"
        for kind in KINDS:
            yield from self._compare_today(kind, found.get(f"onboarding_{kind.name}_today"), todays)
            yield from self._compare_newest(kind, found.get(f"onboarding_{kind.name}_newest_timestamp_seconds"))
        yield from self._compare_ratio(found.get(_RATIO))
        yield from self._compare_nets(found)

    def _compare_today(self, kind: Kind, shown: float | None, todays: Collection[date]) -> Iterator[str]:
        expected = sorted({self.days[kind.name][day] for day in todays})
        if shown not in expected:
            yield f"onboarding_{kind.name}_today shows {_say(shown)}, not {expected[-1]}"

    def _compare_newest(self, kind: Kind, shown: float | None) -> Iterator[str]:
        newest = self.newest_at.get(kind.name)
        expected = newest.timestamp() if newest else None
        if (shown is None) != (expected is None) or abs((shown or 0) - (expected or 0)) > _NEWEST_SECONDS:
            yield f"the newest of {kind.name} shows {_say(shown)}, not {_say(expected)}"

    def _compare_ratio(self, shown: float | None) -> Iterator[str]:
        records, accounts = (self.series[kind.metric] for kind in KINDS[:2])
        if records and not (shown and math.isclose(shown, accounts / records)):
            yield f"{_RATIO} shows {_say(shown)}, not {accounts / records}"

    def _compare_nets(self, found: Mapping[str, float]) -> Iterator[str]:
        """Yield the net figures that do not follow from the totals; a marginal that nothing was counted in is 0."""
        for net, terms in NETS.items():
            expected = sum(sign * self.series[series] for series, sign in terms.items())
            if found.get(net) != expected:
                yield f"{net} shows {_say(found.get(net))}, not {expected}"


def _say(number: float | None) -> str:
    return "nothing" if number is None else f"{number:.15g}"
