"""What consumers show of what they have recorded."""

from datetime import UTC, datetime

from aiokafka import ConsumerRecord, TopicPartition
from prometheus_client import CollectorRegistry

from consumers.feed import Feed
from consumers.telemetry import PartitionGauges, count_outcomes
from ledger.batch import Judged, Refusal, Slice, Written
from models.catalogue import LOGINS
from models.outcomes import Reason, Refused
from monitoring.metrics import UNKNOWN_SOURCE, ConsumerMetrics
from tests.doubles.facts import VNEID, make_login, make_logins
from tests.doubles.kafka import OTHER, SOURCE, Kafka, starts_at
from tests.monitoring.registries import series

HEALTH = "urn:vn:project06:portal:health"


def appended(second: int) -> datetime:
    """Return a moment at which a record was appended."""
    return datetime.fromtimestamp(second, UTC)


def refusal(second: int, source: str) -> Refusal:
    """Return a record that was refused, appended at a second."""
    record = ConsumerRecord(LOGINS.topic, 0, 0, second * 1000, 1, None, b"x", 0, 0, 0, ())
    return Refusal(record, Refused(Reason.NOT_JSON, ""), source)


def test_the_newest_record_of_each_source_is_shown_whatever_became_of_it() -> None:
    """Of counted and of refused ones; one that names no source is its own."""
    registry = CollectorRegistry()
    facts = make_logins(
        make_login(source=source, appended_at=appended(at)) for source, at in ((VNEID, 10), (HEALTH, 20))
    )
    refusals = [refusal(30, VNEID), refusal(15, HEALTH), refusal(40, "")]
    part = Slice(TopicPartition(LOGINS.topic, 0), 0, 5, facts, refusals, None)
    count_outcomes(ConsumerMetrics(registry), [Written(Judged(part, {}), 0, 1)])
    shown = series(registry)
    assert {
        source: shown["onboarding_source_newest_timestamp_seconds", (("source", source), ("topic", LOGINS.topic))]
        for source in (VNEID, HEALTH, UNKNOWN_SOURCE)
    } == {VNEID: 30, HEALTH: 20, UNKNOWN_SOURCE: 40}


async def test_a_partition_is_shown_as_long_as_it_is_ours(kafka: Kafka, feed: Feed) -> None:
    """Its lag once the broker has told of its log; that it exists, whoever records it."""
    registry = CollectorRegistry()
    gauges = PartitionGauges(ConsumerMetrics(registry))
    feed.begin(feed.assignment, starts_at(4))
    gauges.show(feed, {SOURCE: 4, OTHER: 0})
    kafka.logs[SOURCE].write(1)
    await feed.fetch()
    gauges.show(feed, {SOURCE: 4, OTHER: 0})
    assert {name: value for name, value in _of_partitions(registry).items() if value} == {("lag_records", 0): 7}
    assert len(_of_partitions(registry)) == 4
    del kafka.logs[OTHER]
    feed.begin(feed.assignment, {SOURCE: starts_at(4)[SOURCE]})
    gauges.show(feed, {SOURCE: 11})
    assert _of_partitions(registry) == {("lag_records", 0): 0, ("partition_stopped", 0): 0}


def _of_partitions(registry: CollectorRegistry) -> dict[tuple[str, int], float]:
    """Return lag and stops as they are shown, by number of the partition."""
    names = ("lag_records", "partition_stopped")
    shown = series(registry).items()
    return {
        (name, int(dict(labels)["partition"])): value
        for (full, labels), value in shown
        for name in names
        if full == f"onboarding_{name}"
    }
