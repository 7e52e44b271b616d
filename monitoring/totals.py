"""The totals as Prometheus sees them: one unlabelled total a kind, and one metric a dimension.

A cross product of labels would let `sum()` count a fact twice; a dimension with a metric of its own cannot.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.calendar import VIETNAM, day_of
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, Kind
from models.net_figures import NETS
from models.tally import ALL, Opening, Total


class TotalsCollector(Collector):
    """Asks for the totals at each scrape, so that "today" is the clock's today.

    read -- returns the complete totals by name of kind; a kind that is not complete, or a standby's, is left out.
    now -- returns the moment of the scrape.
    """

    def __init__(self, read: Callable[[], Mapping[str, Total]], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now

    def describe(self) -> list[Metric]:
        """Register without a first scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric of the kinds whose totals are complete."""
        totals = self._read()
        for kind in KINDS:
            if kind.name in totals:
                yield from self._show(kind, totals[kind.name])
        yield from _show_activation(totals)
        yield from _show_nets(totals)

    def _show(self, kind: Kind, total: Total) -> Iterator[Metric]:
        """Yield the metrics of one kind."""
        yield CounterMetricFamily(kind.metric, kind.definition, total.facts)
        for dimension in kind.counted:
            yield _divide(kind.metric_by(dimension), kind.definition, dimension, total.totals.get(dimension, {}))
        today = total.days.get(day_of(self._now()), 0)
        yield GaugeMetricFamily(
            f"onboarding_{kind.name}_today", f"{kind.definition} Those of today in Vietnam only.", today
        )
        if total.newest_at is not None:
            yield _newest(kind, total.newest_at)
        if total.opening is not None:
            yield from _show_opening(kind, total, total.opening)


def _divide(name: str, definition: str, dimension: str, counts: Mapping[str, int]) -> Metric:
    """Return a total split by one dimension."""
    family = CounterMetricFamily(name, f"{definition} By {dimension}.", labels=[dimension])
    for value in sorted(counts):
        family.add_metric([value], counts[value])
    return family


def _show_opening(kind: Kind, total: Total, opening: Opening) -> Iterator[Metric]:
    """Yield what was counted before the stream began, apart and in the sum."""
    day = f"onboarding_{kind.name}_opening_day_timestamp_seconds"
    text = f"{kind.definition} Counted before the stream began, up to the day of {day}."
    yield GaugeMetricFamily(kind.metric_opening, text, opening.facts[ALL[0]][ALL[1]])
    midnight = datetime.combine(opening.as_of, time(), VIETNAM)
    yield GaugeMetricFamily(day, "First moment of the last day that the opening balance holds.", midnight.timestamp())
    both = f"{kind.definition} The opening balance, and facts of the stream on later days."
    yield CounterMetricFamily(kind.metric_with_opening, both, total.with_opening(ALL[0])[ALL[1]])
    for dimension in filter(opening.facts.__contains__, kind.counted):
        yield _divide(kind.metric_with_opening_by(dimension), both, dimension, total.with_opening(dimension))


def _newest(kind: Kind, newest_at: datetime) -> Metric:
    """Return the append time of the newest record counted; its age is the freshness of the total."""
    return GaugeMetricFamily(
        f"onboarding_{kind.name}_newest_timestamp_seconds",
        "When the broker appended the newest record that is counted in the total.",
        newest_at.timestamp(),
    )


def _show_activation(totals: Mapping[str, Total]) -> Iterator[Metric]:
    """Yield the activation rate once both of its totals are complete."""
    records, accounts = totals.get(IDENTITY_RECORDS.name), totals.get(ACCOUNTS.name)
    if records and accounts and records.facts:
        yield GaugeMetricFamily(
            "onboarding_activation_ratio",
            "Accounts activated for each identity record received.",
            accounts.facts / records.facts,
        )


def _show_nets(totals: Mapping[str, Total]) -> Iterator[Metric]:
    """Yield the net figures of which every count is known."""
    for net in NETS:
        figure = net.compute(totals)
        if figure is not None:
            yield GaugeMetricFamily(net.metric, net.definition, figure)
