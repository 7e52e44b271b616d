"""Counts what committed transactions made of records, for Prometheus."""

from collections.abc import Iterable

from consumers.batch import Judged, Written
from monitoring.metrics import ConsumerMetrics


def count_outcomes(metrics: ConsumerMetrics, written: Iterable[Written]) -> None:
    """Raise the counters by what was committed."""
    records = 0
    for part in written:
        _count(metrics, part.judged)
        records += part.judged.slice.records
    metrics.batch_records.observe(records)


def _count(metrics: ConsumerMetrics, judged: Judged) -> None:
    """Raise the counters of one source partition."""
    topic = judged.slice.source.topic
    metrics.consumed.labels(topic).inc(judged.slice.records)
    metrics.accepted.labels(topic).inc(len(judged.new_facts))
    for duplicate, records in judged.duplicates_by_kind.items():
        metrics.duplicates.labels(topic, duplicate).inc(records)
    for entry in judged.slice.refusals:
        metrics.refused.labels(topic, entry.outcome.reason).inc()
