"""What each process shows, every metric present: made from the real classes, with one value where they know none."""

from datetime import UTC, date, datetime
from typing import Final

from prometheus_client import CollectorRegistry

from models.catalogue import KINDS, Kind
from models.tally import ALL, Opening, Total
from monitoring.freshness import FreshnessCollector
from monitoring.metrics import UNKNOWN_SOURCE, AuditMetrics, ConsumerMetrics, RefusedMetrics, TopicMetrics
from monitoring.totals import TotalsCollector
from runtime.health import Health
from runtime.health_metrics import show_health
from runtime.registry import new_registry

_MOMENT: Final = datetime(2024, 6, 10, tzinfo=UTC)


def consumer_registry() -> CollectorRegistry:
    """Return the registry of a consumer that owns one partition of each topic."""
    registry = new_registry("consumer")
    show_health(registry, Health(), "Kafka", "Postgres")
    metrics = ConsumerMetrics(registry)
    for kind in KINDS:
        metrics.newest_from.note(kind.topic, {UNKNOWN_SOURCE: _MOMENT.timestamp()})
        metrics.lag.labels(kind.topic, 0).set(0)
        metrics.stopped.labels(kind.topic, 0).set(0)
        metrics.partitions.labels(kind.topic, 0).set(1)
    topics = TopicMetrics(registry, backup_seconds_max=14 * 86_400)
    for kind in KINDS:
        topics.retention.labels(kind.topic).set(30 * 86_400)
        topics.wrong.labels(kind.topic, "cleanup.policy").set(1)
        topics.begins.labels(kind.topic, 0).set(_MOMENT.timestamp())
    return registry


def audit_registry() -> CollectorRegistry:
    """Return the registry of an auditor that has looked at every kind."""
    registry = new_registry("audit")
    show_health(registry, Health())
    metrics = AuditMetrics(registry)
    for kind in KINDS:
        metrics.drift_cells.labels(kind.name).set(0)
        metrics.strays.labels(kind.name).set(0)
        metrics.unmatched.labels(kind.name).set(0)
        metrics.closed_until.labels(kind.topic).set(_MOMENT.timestamp())
        metrics.closed_facts.labels(kind.name).set(100)
        metrics.usual_facts.labels(kind.name).set(100)
    metrics.belongs_to.labels("01", "01").set(1)
    metrics.inhabitants.labels("01", _MOMENT.date()).set(1)
    RefusedMetrics(registry, bytes_max=1)
    return registry


def totals_registry() -> CollectorRegistry:
    """Return the registry of a stream worker that shows every total, each with an opening balance."""
    registry = new_registry("totals")
    show_health(registry, Health(), "Kafka")
    totals = {kind.name: _one_fact(kind) for kind in KINDS}
    registry.register(TotalsCollector(lambda: totals, lambda: _MOMENT))
    registry.register(FreshnessCollector(lambda: dict.fromkeys(totals, 0.0), dict, lambda: _MOMENT))
    return registry


def _one_fact(kind: Kind) -> Total:
    """Return the total of one fact, with an opening balance that is known by every dimension."""
    counts = {ALL[0]: {ALL[1]: 1}} | {dimension: {"any": 1} for dimension in kind.counted}
    return Total(counts, {}, _MOMENT, Opening(as_of=date(2024, 6, 9), facts=counts))
