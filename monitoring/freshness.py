"""Whether what is shown is known to be current, as Prometheus sees it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from math import isfinite
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

# 6 s: every page is announced again every three, and may be some seconds old when it is heard; what is shown as current
# is what the ledger had in the last ten.
CURRENT_SECONDS_MAX: Final = 6.0
WHY_PASSED_OVER: Final = ("stranger", "older")


class FreshnessCollector(Collector):
    """Marks each total that is shown.

    read_ages -- returns by name of kind how many seconds ago, at most, the ledger had the oldest part of its total
    read_passed_over -- returns how many pages were not shown, by why
    now -- returns the moment of the scrape
    """

    def __init__(
        self,
        read_ages: Callable[[], Mapping[str, float]],
        read_passed_over: Callable[[], Mapping[str, int]],
        now: Callable[[], datetime],
    ) -> None:
        self._read_ages = read_ages
        self._read_passed_over = read_passed_over
        self._now = now

    def describe(self) -> list[Metric]:
        """Register without a first scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the marks of the totals that are shown."""
        ages = self._read_ages()
        current = GaugeMetricFamily(
            "onboarding_total_current",
            "1 while no part of a total that is shown is older than 6 s; 0 while it may not be the ledger's any more.",
            labels=["kind"],
        )
        as_of = GaugeMetricFamily(
            "onboarding_total_as_of_timestamp_seconds",
            "When the ledger had the oldest part of a total, at the earliest; absent while that is not known.",
            labels=["kind"],
        )
        for kind, age in ages.items():
            current.add_metric([kind], float(age <= CURRENT_SECONDS_MAX))
            if isfinite(age):
                as_of.add_metric([kind], self._now().timestamp() - age)
        yield from (current, as_of, self._count_passed_over())

    def _count_passed_over(self) -> Metric:
        """Return how many pages were announced that are not shown."""
        found, text = (
            self._read_passed_over(),
            "Pages that were announced and are not shown: a stranger's, or older ones.",
        )
        family = CounterMetricFamily("onboarding_pages_passed_over", text, labels=["why"])
        for why in WHY_PASSED_OVER:
            family.add_metric([why], found.get(why, 0))
        return family
