"""The bound on series that the reference states is what the real classes show when every label has every value."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge

from models.catalogue import KINDS, Kind
from models.tally import ALL, Opening, Total
from monitoring.metrics import ConsumerMetrics
from monitoring.totals import TotalsCollector
from onboarding.documents.reference import reference
from onboarding.documents.registries import consumer_registry
from onboarding.documents.series import LABELS, bounds, bounds_of
from tests.monitoring.boards import ROOT
from tests.monitoring.registries import NOON

# 5,000: ten consumers, two workers and the auditor at the bound are 65,000 series at most.
SERIES_MAX: Final = 5_000


def stated(process: str) -> Mapping[str, int]:
    """Return the stated bound of each metric of a process."""
    return {each.metric: each.series for each in bounds() if each.process == process}


def count(registry: CollectorRegistry) -> Counter[str]:
    """Count the series of each metric of a registry."""
    found = Counter[str]()
    for family in registry.collect():
        found[f"{family.name}_total" if family.type == "counter" else family.name] += len(family.samples)
    return found


def full_total(kind: Kind) -> Total:
    """Return a total in which every dimension has as many values as the bound is stated for."""
    counts = {ALL[0]: {ALL[1]: 1}} | {
        dimension: {str(value): 1 for value in range(LABELS[dimension])} for dimension in kind.counted
    }
    return Total(counts, {}, NOON, Opening(as_of=NOON.date(), facts=counts))


def test_totals_at_63_provinces_40_portals_and_100_sources_are_as_many_as_stated() -> None:
    """Shown by the real collector, counted one by one."""
    registry = CollectorRegistry()
    registry.register(TotalsCollector(lambda: {kind.name: full_total(kind) for kind in KINDS}, lambda: NOON))
    shown, bound = count(registry), stated("stream worker")
    assert {name: bound[name] for name in shown} == shown


def test_counters_of_100_sources_are_as_many_as_stated() -> None:
    """The product of labels that a consumer shows from its start on, with the sources that are to come."""
    registry = CollectorRegistry()
    metrics = ConsumerMetrics(registry)
    for counter in (metrics.accepted_from, metrics.refused_from):
        counter.clear()
        for kind in KINDS:
            for source in range(LABELS["source"]):
                counter.labels(kind.topic, source)
    for kind in KINDS:
        metrics.newest_from.note(kind.topic, {str(source): 1.0 for source in range(LABELS["source"])})
    for gauge in (metrics.lag, metrics.stopped, metrics.partitions):
        for kind in KINDS:
            for partition in range(LABELS["partition"]):
                gauge.labels(kind.topic, partition)
    shown, bound = count(registry), stated("consumer")
    assert {name: bound[name] for name in shown} == shown


def test_no_process_shows_too_many() -> None:
    """What Prometheus holds in memory is bounded, and said."""
    sums = Counter[str]()
    for each in bounds():
        sums[each.process] += each.series
    assert max(sums.values()) <= SERIES_MAX
    for process, series in sums.items():
        assert f"{process}: {series:,}" in reference()


def test_every_metric_is_in_the_reference() -> None:
    """A metric that has no value yet would be left out, and so would its bound."""
    told = (ROOT / "docs/reference.md").read_text("utf-8")
    assert [each.metric for each in bounds() if f"| `{each.metric}` |" not in told] == []
    assert [each.metric for each in bounds() if each.series == 0] == []


def test_a_label_that_has_no_bound_is_found() -> None:
    """A label of which nobody has said how many values it takes stops the documents."""
    registry = CollectorRegistry()
    Gauge("planted", "Planted.", ["subject"], registry=registry).labels("anyone")
    found: Any = None
    try:
        list(bounds_of("planted", registry))
    except KeyError as error:
        found = error.args
    assert found == ("subject",)


def test_the_registers_of_today_are_within_the_bound() -> None:
    """What is real must not be more than what is stated."""
    shown, bound = count(consumer_registry()), stated("consumer")
    assert [name for name in bound if shown[name] > bound[name]] == []
