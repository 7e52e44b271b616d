"""Every metric of the machinery, defined once; the totals themselves are in `monitoring/totals.py`."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import CollectorRegistry as Registry

from models.catalogue import KINDS
from models.events import SOURCES
from models.outcomes import Duplicate, Reason

# The source of a refused record that names no registered upstream system.
UNKNOWN_SOURCE: Final = "unknown"

# From one record to a full batch of 10,000.
_BATCH_RECORDS: Final = (1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000)
# From a commit on a local disk (1 ms) to the longest statement allowed (10 s).
_COMMIT_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class ConsumerMetrics:
    """What a consumer process tells about recording: counters since its start, gauges of its partitions."""

    def __init__(self, registry: Registry) -> None:
        self.consumed = Counter(
            "onboarding_records_consumed", "Records recorded, whatever became of them.", ["topic"], registry=registry
        )
        self.accepted = Counter(
            "onboarding_records_accepted", "Records that were counted as a new fact.", ["topic"], registry=registry
        )
        self.duplicates = Counter(
            "onboarding_records_duplicate",
            "Records of a fact counted before: retry (same event), repeat (same content), conflict (other content).",
            ["topic", "duplicate"],
            registry=registry,
        )
        self.refused = Counter(
            "onboarding_records_refused", "Records refused, by closed reason.", ["topic", "reason"], registry=registry
        )
        self.accepted_from = Counter(
            "onboarding_source_records_accepted",
            "Records that were counted as a new fact, by the upstream system that published them.",
            ["topic", "source"],
            registry=registry,
        )
        self.refused_from = Counter(
            "onboarding_source_records_refused",
            "Records refused, by the registered upstream system that they name; unknown where they name none.",
            ["topic", "source"],
            registry=registry,
        )
        self.newest_from = NewestRecords(registry)
        self.lag = Gauge(
            "onboarding_lag_records",
            "Offsets between what is recorded and the last stable offset of a partition.",
            ["topic", "partition"],
            registry=registry,
        )
        self._add_machinery(registry)
        self._show_from_the_start()

    def _add_machinery(self, registry: Registry) -> None:
        """Add what tells of batches, faults and stopped partitions."""
        self.batch_records = Histogram(
            "onboarding_batch_records", "Records in a batch.", buckets=_BATCH_RECORDS, registry=registry
        )
        self.commit_seconds = Histogram(
            "onboarding_commit_seconds",
            "Time of a batch's transaction, from BEGIN to the answer to COMMIT.",
            buckets=_COMMIT_SECONDS,
            registry=registry,
        )
        self.waits = Counter(
            "onboarding_outside_faults",
            "Times recording had to wait for Postgres or Kafka and start again from the stored offsets.",
            registry=registry,
        )
        self.rebalances = Counter(
            "onboarding_rebalances",
            "Times this process was given source partitions anew and took them over, the first time included.",
            registry=registry,
        )
        self.partitions = Gauge(
            "onboarding_topic_partition",
            "Always 1, for every partition that an input topic has, whoever records it.",
            ["topic", "partition"],
            registry=registry,
        )
        self.stopped = Gauge(
            "onboarding_partition_stopped",
            "1 for a partition that is stopped: its log does not go on from the stored offset, or its topic is paused.",
            ["topic", "partition"],
            registry=registry,
        )

    def _show_from_the_start(self) -> None:
        """Make every series exist at 0, so that a first refusal is a rise and not a birth."""
        for kind in KINDS:
            self.consumed.labels(kind.topic)
            self.accepted.labels(kind.topic)
            for duplicate in Duplicate:
                self.duplicates.labels(kind.topic, duplicate)
            for reason in Reason:
                self.refused.labels(kind.topic, reason)
            for source in (*SOURCES, UNKNOWN_SOURCE):
                self.accepted_from.labels(kind.topic, source)
                self.refused_from.labels(kind.topic, source)


class NewestRecords:
    """When the newest record of each upstream system came: never goes back, though partitions take turns."""

    def __init__(self, registry: Registry) -> None:
        self._shown = Gauge(
            "onboarding_source_newest_timestamp_seconds",
            "When the broker appended the newest record recorded of an upstream system, whatever became of it.",
            ["topic", "source"],
            registry=registry,
        )
        self._newest: dict[tuple[str, str], float] = {}

    def note(self, topic: str, appended: Mapping[str, float]) -> None:
        """Take in records of a topic.

        appended -- source -> when its newest record was appended, in seconds since 1970, UTC
        """
        for source, seconds in appended.items():
            if seconds > self._newest.get((topic, source), 0.0):
                self._newest[topic, source] = seconds
                self._shown.labels(topic, source).set(seconds)


class RefusedMetrics:
    """What is kept of refused records, beside what may be."""

    def __init__(self, registry: Registry, bytes_max: int) -> None:
        self.kept_bytes = Gauge(
            "onboarding_refused_kept_bytes", "Bytes kept of refused records, resolved ones too.", registry=registry
        )
        self.unresolved = Gauge(
            "onboarding_refused_unresolved_records",
            "Refused records that nobody has put through again with success.",
            registry=registry,
        )
        budget = Gauge(
            "onboarding_refused_budget_bytes",
            "Bytes that may be kept of refused records (ONBOARDING_REFUSED_MEGABYTES_MAX).",
            registry=registry,
        )
        budget.set(bytes_max)


class AuditMetrics:
    """What the auditor has found, and when it last looked."""

    def __init__(self, registry: Registry) -> None:
        self.drift_cells = Gauge(
            "onboarding_recount_drift_cells",
            "Cells in which tallies, counters or shown totals differed from the ledger at the last recount.",
            ["kind"],
            registry=registry,
        )
        self.strays = Gauge(
            "onboarding_shown_total_differs",
            "1 for a total that, when last looked at, was none that the ledger had within ten seconds, and not marked.",
            ["kind"],
            registry=registry,
        )
        self.recounted_at = Gauge(
            "onboarding_recount_timestamp_seconds", "When the last recount came to its end.", registry=registry
        )
        self.recount_seconds = Gauge(
            "onboarding_recount_duration_seconds", "How long the last recount took.", registry=registry
        )
        self.unmatched = Gauge(
            "onboarding_unmatched_facts",
            "Facts about an earlier fact that the ledger did not hold at the last recount: a retraction of nothing.",
            ["kind"],
            registry=registry,
        )
        self._add_provinces(registry)
        self._add_closed_days(registry)

    def _add_provinces(self, registry: Registry) -> None:
        """Add what is known of each province."""
        self.belongs_to = Gauge(
            "onboarding_province_belongs_to",
            "Always 1; the province that a province of any date belongs to since 1 July 2025.",
            ["province", "today"],
            registry=registry,
        )
        self.inhabitants = Gauge(
            "onboarding_province_inhabitants",
            "Inhabitants of a province on a day, from the file that ONBOARDING_INHABITANTS_FILE names.",
            ["province", "as_of"],
            registry=registry,
        )

    def _add_closed_days(self, registry: Registry) -> None:
        """Add what the last closed day is judged by."""
        self.closed_until = Gauge(
            "onboarding_closed_day_timestamp_seconds",
            "Midnight in Vietnam at which the last day ends that is closed.",
            ["topic"],
            registry=registry,
        )
        self.closed_facts = Gauge(
            "onboarding_closed_day_facts",
            "Facts that the last closed day was closed with.",
            ["kind"],
            registry=registry,
        )
        self.usual_facts = Gauge(
            "onboarding_closed_day_usual_facts",
            "Median of what the same weekday was closed with in the four weeks before; absent until there are four.",
            ["kind"],
            registry=registry,
        )


class TopicMetrics:
    """Whether topics are as the counting needs them, and how far back Kafka reaches beside the oldest backup."""

    def __init__(self, registry: Registry, backup_seconds_max: float) -> None:
        self.retention = Gauge(
            "onboarding_topic_retention_seconds",
            "For how long Kafka keeps a record of a topic; +Inf when for ever.",
            ["topic"],
            registry=registry,
        )
        self.wrong = Gauge(
            "onboarding_topic_setting_wrong",
            "Always 1, for each setting of a topic, or its partitions, that the counting needs otherwise.",
            ["topic", "setting"],
            registry=registry,
        )
        self.begins = Gauge(
            "onboarding_log_begins_timestamp_seconds",
            "When the first record was appended that Kafka still holds; absent while it holds all.",
            ["topic", "partition"],
            registry=registry,
        )
        required = Gauge(
            "onboarding_backup_age_max_seconds",
            "Age of the oldest backup of Postgres that may have to be restored (ONBOARDING_BACKUP_DAYS_MAX).",
            registry=registry,
        )
        required.set(backup_seconds_max)
