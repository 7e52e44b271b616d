"""How many series each metric may have: its labels are closed sets, so their product is the bound."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from models.catalogue import KINDS
from models.outcomes import Duplicate, Reason
from models.places import PLACES
from models.topic_rules import CLEANUP
from models.topics import INPUTS, TOPICS
from monitoring.freshness import WHY_PASSED_OVER
from onboarding.documents.registries import audit_registry, consumer_registry, totals_registry

# What the bound is stated for: the provinces until and since 1 July 2025, and more portals and sources than there are.
LABELS: Final[Mapping[str, int]] = {
    "province": len(PLACES),
    "portal": 40,
    "source": 100 + 1,  # and "unknown"
    "topic": len(INPUTS),
    "partition": max(topic.partitions for topic in INPUTS),
    "kind": len(KINDS),
    "reason": len(Reason),
    "duplicate": len(Duplicate),
    "dependency": 2,  # Kafka and Postgres
    "setting": 1 + len({name for topic in TOPICS for name in topic.config} | {CLEANUP}),
    "why": len(WHY_PASSED_OVER),
    "channel": 4,
    "level": 2,
    "cause": 4,
    "state_before": 3,
    # One value of each at a time, or for each province.
    **dict.fromkeys(("process", "version", "python", "as_of", "today"), 1),
}


class Bound(NamedTuple):
    """A metric, and how many series one process shows of it at most."""

    process: str
    metric: str
    labels: tuple[str, ...]
    meaning: str
    series: int


def bounds() -> Iterator[Bound]:
    """Yield every metric of every process."""
    registries = {"consumer": consumer_registry(), "stream worker": totals_registry(), "auditor": audit_registry()}
    for process, registry in registries.items():
        yield from bounds_of(process, registry)


def bounds_of(process: str, registry: CollectorRegistry) -> Iterator[Bound]:
    """Yield the metrics of a registry in which each has a value; of the operating system's, nothing."""
    for family in registry.collect():
        if not family.name.startswith("process_"):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            yield Bound(process, name, _labels_of(family), family.documentation, _count(family))


def _labels_of(family: Metric) -> tuple[str, ...]:
    """Return the labels of a metric; "le" belongs to the histogram itself."""
    names = dict.fromkeys(label for sample in family.samples for label in sample.labels)
    return tuple(name for name in names if name != "le")


def _count(family: Metric) -> int:
    """Return how many series a metric has when every label has taken every value."""
    steps = {(sample.name, sample.labels.get("le")) for sample in family.samples}
    return len(steps) * prod(LABELS[label] for label in _labels_of(family))
