"""What consumers show of what they have recorded."""

from datetime import UTC, datetime

from aiokafka import ConsumerRecord, TopicPartition
from prometheus_client import CollectorRegistry

from consumers.batch import Judged, Refusal, Slice, Written
from consumers.telemetry import count_outcomes
from models.catalogue import LOGINS
from models.outcomes import Reason, Refused
from monitoring.metrics import UNKNOWN_SOURCE, ConsumerMetrics
from tests.monitoring.registries import series

VNEID, HEALTH = "urn:vn:project06:vneid", "urn:vn:project06:portal:health"


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
    facts = [("k", "i", "s", "t", source, "national", 0, 0, appended(at)) for source, at in ((VNEID, 10), (HEALTH, 20))]
    counted = [(datetime(2024, 6, 5, tzinfo=UTC).date(), row[4], "national") for row in facts]
    refusals = [refusal(30, VNEID), refusal(15, HEALTH), refusal(40, "")]
    part = Slice(TopicPartition(LOGINS.topic, 0), 0, 5, facts, counted, refusals, None)
    count_outcomes(ConsumerMetrics(registry), [Written(Judged(part, {}), 0, 1)])
    shown = series(registry)
    assert {
        source: shown["onboarding_source_newest_timestamp_seconds", (("source", source), ("topic", LOGINS.topic))]
        for source in (VNEID, HEALTH, UNKNOWN_SOURCE)
    } == {VNEID: 30, HEALTH: 20, UNKNOWN_SOURCE: 40}
