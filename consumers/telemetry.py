"""Shows in Prometheus what committed transactions made of records, and how far each source partition is."""

import time
from collections.abc import Iterable, Mapping

from aiokafka import TopicPartition

from consumers.batch import AHEAD_MAX, Judged, Slice, Written
from consumers.feed import Feed
from models.bulk import source_of
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
    metrics.accepted.labels(topic).inc(len(judged.new_facts))
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
    facts = {source_of(row): row[-1] for row in part.facts}
    refusals = {refusal.source or UNKNOWN_SOURCE: refusal.record.timestamp / 1000 for refusal in part.refusals}
    seconds = {source: appended_at.timestamp() for source, appended_at in facts.items()}
    newest = seconds | {source: max(at, seconds.get(source, 0.0)) for source, at in refusals.items()}
    latest = time.time() + AHEAD_MAX.total_seconds()
    return {source: at for source, at in newest.items() if at <= latest}


def show_partitions(metrics: ConsumerMetrics, feed: Feed, recorded: Mapping[TopicPartition, int]) -> None:
    """Show lag, and whether it is stopped, of the source partitions that are ours; of others another process does."""
    if not feed.current:
        return
    metrics.lag.clear()
    metrics.stopped.clear()
    for source, offset in recorded.items():
        metrics.stopped.labels(*source).set(source in feed.stopped)
        stable = feed.stable_offset(source)
        if stable is not None:
            metrics.lag.labels(*source).set(max(0, stable - offset))


def show_topics(metrics: ConsumerMetrics, partitions: Mapping[str, int]) -> None:
    """Show every partition that there is, so that one which nobody records is seen.

    partitions -- how many each topic has
    """
    for topic, number in partitions.items():
        for partition in range(number):
            metrics.partitions.labels(topic, partition).set(1)
