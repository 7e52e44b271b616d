"""Shows in Prometheus what committed transactions made of records, and how far each source partition is."""

import time
from collections.abc import Iterable, Mapping

from aiokafka import TopicPartition
from prometheus_client import Gauge

from consumers.feed import Feed
from ledger.batch import Judged, Slice, Written
from models.calendar import APPENDED_AHEAD_MAX
from models.catalogue import SOURCE
from monitoring.metrics import UNKNOWN_SOURCE, ConsumerMetrics


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
    metrics.accepted.labels(topic).inc(judged.accepted)
    for duplicate, records in judged.duplicates_by_kind.items():
        metrics.duplicates.labels(topic, duplicate).inc(records)
    metrics.newest_from.note(topic, _find_newest(judged.slice))
    for cell, facts in judged.cells.items():
        if cell.dimension == SOURCE:
            metrics.accepted_from.labels(topic, cell.value).inc(facts)
    for refusal in judged.slice.refusals:
        metrics.refused.labels(topic, refusal.outcome.reason).inc()
        metrics.refused_from.labels(topic, refusal.source or UNKNOWN_SOURCE).inc()


def _find_newest(part: Slice) -> dict[str, float]:
    """Return when the newest record of each source was appended: records lie in that order, so the last one counts."""
    seconds = dict(zip(part.facts.sources, (part.facts.appended / 1000).tolist(), strict=True))
    refusals = {refusal.source or UNKNOWN_SOURCE: refusal.record.timestamp / 1000 for refusal in part.refusals}
    newest = seconds | {source: max(at, seconds.get(source, 0.0)) for source, at in refusals.items()}
    latest = time.time() + APPENDED_AHEAD_MAX.total_seconds()
    return {source: at for source, at in newest.items() if at <= latest}


class PartitionGauges:
    """Every partition that there is, and lag and stops of those that are ours."""

    def __init__(self, metrics: ConsumerMetrics) -> None:
        self._there, self._lag, self._stopped = map(_Changes, (metrics.partitions, metrics.lag, metrics.stopped))

    def show(self, feed: Feed, recorded: Mapping[TopicPartition, int]) -> None:
        """Show what the feed knows.

        recorded -- up to where each source partition is that is ours; of others another process tells
        """
        there = ((topic, partition) for topic, number in feed.partitions.items() for partition in range(number))
        self._there.show({TopicPartition(*place): 1 for place in there})  # what nobody records is seen as well
        if feed.current:
            ends = {source: feed.stable_offset(source) for source in recorded}
            self._lag.show({source: max(0, end - recorded[source]) for source, end in ends.items() if end is not None})
            self._stopped.show({source: source in feed.stopped for source in recorded})


class _Changes:
    """A gauge of source partitions that is set where it has changed: to find a series costs more than to compare it."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._shown: Mapping[TopicPartition, int] = {}

    def show(self, values: Mapping[TopicPartition, int]) -> None:
        """Show these and no others."""
        if not self._shown.keys() <= values.keys():
            self._gauge.clear()
            self._shown = {}
        for source, value in values.items() - self._shown.items():
            self._gauge.labels(*source).set(value)
        self._shown = values
