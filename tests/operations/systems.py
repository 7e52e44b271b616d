"""Systems as `status` sees them, whole but for what a test changes."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from models.catalogue import IDENTITY_RECORDS
from models.gap_kinds import Break
from operations.recount.drift import Drift
from operations.recount.kept import KeptRecount
from operations.scrape import Answer
from operations.status.system import STANDSTILL_MAX, PartitionStatus, ProcessStatus, Status, TopicStatus

NOW = datetime(2024, 6, 9, 12, tzinfo=UTC)
READY = ProcessStatus("stream worker", Answer(200, "working\n"), note="shows the totals")
WAITING = ProcessStatus("stream worker", Answer(503, "waiting for Kafka\n"))
AWAY = ProcessStatus("stream worker", None, "http://here does not answer")
LONG_AGO = NOW - STANDSTILL_MAX - timedelta(seconds=1)


def make_partition(
    *,
    lag: int | None = 0,
    gap: Break | None = None,
    updated_at: datetime | None = NOW - timedelta(seconds=5),
    tried: int = 0,
) -> PartitionStatus:
    """Return a source partition that works, but for what is given."""
    return PartitionStatus(0, lag, updated_at, 7, gap, tried)


def make_topic(partition: PartitionStatus | None = None, **others: Any) -> TopicStatus:
    """Return a topic of one source partition, nothing refused, but for what is given."""
    known: dict[str, Any] = {
        "kind": IDENTITY_RECORDS,
        "partitions": (partition or make_partition(),),
        "outcomes": Counter(consumed=1_000, accepted=1_000),
        "rate": 0.0,
        "reasons": Counter(),
        "refused_lately": 0,
        "newest_at": NOW - timedelta(minutes=3),
    }
    return TopicStatus(**known | others)


def make_recount(cells: int, *drifts: Drift) -> KeptRecount:
    """Return what a recount found some minutes ago."""
    return KeptRecount(NOW - timedelta(minutes=4), "An", cells, drifts)


def make_status(*topics: TopicStatus, **others: Any) -> Status:
    """Return a system of some topics, by default one that works, and one process, but for what is given."""
    known: dict[str, Any] = {
        "at": NOW,
        "window": timedelta(seconds=1),
        "topics": topics or (make_topic(),),
        "processes": (READY,),
    }
    return Status(**known | others)
