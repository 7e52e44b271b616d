"""How the system is, as values: each topic's progress and outcomes, and each process."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NamedTuple

from models.catalogue import Kind
from models.gap_kinds import Break
from operations.pauses import Pause
from operations.recount.kept import KeptRecount
from operations.scrape import Answer

# 60 s without a commit while records wait: six times what a consumer needs to take over from one that was killed. The
# same for what waits: a total that will only be right in more than a minute is not fresh.
STANDSTILL_MAX: Final = timedelta(seconds=60)


class State(StrEnum):
    """How the recording of a topic is; where several apply, the first in this order is told."""

    PAUSED = "paused"  # a person lets it rest
    STOPPED = "stopped"  # a source partition has a gap that nobody has accepted
    UNKNOWN = "unknown"  # Kafka does not say what waits
    BEHIND = "behind"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One source partition.

    lag -- offsets between what is recorded and the last stable offset of its log; None when Kafka does not say it
    updated_at -- when records of it were last committed; None when no consumer ever had it
    next_offset -- where recording goes on
    gap -- why it is stopped there; None when it is not
    tried -- how often what comes next was tried alone by processes that may fail over it
    """

    partition: int
    lag: int | None
    updated_at: datetime | None
    next_offset: int = 0
    gap: Break | None = None
    tried: int = 0

    def is_behind(self, now: datetime) -> bool:
        """Tell whether records wait for it and nothing was committed to it for `STANDSTILL_MAX`."""
        return bool(self.lag) and (self.updated_at is None or now - self.updated_at > STANDSTILL_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicStatus:
    """One input topic: its source partitions, what became of its records, and why some are refused.

    rate -- records recorded a second, between two looks
    """

    kind: Kind
    partitions: tuple[PartitionStatus, ...]
    outcomes: Counter[str]  # counter of the table progress -> records
    rate: float
    reasons: Counter[str]
    refused_lately: int  # of those that are unresolved, appended within the last hour
    newest_at: datetime | None
    pause: Pause | None = None

    @property
    def lag(self) -> int | None:
        """Sum of the lags; None when one of them is not known."""
        lags = [part.lag for part in self.partitions]
        return None if not lags or None in lags else sum(lag for lag in lags if lag is not None)

    @property
    def updated_at(self) -> datetime | None:
        """When records of the topic were last committed."""
        return max((part.updated_at for part in self.partitions if part.updated_at), default=None)

    @property
    def is_stopped(self) -> bool:
        """Whether one of its source partitions is stopped at a gap."""
        return any(part.gap for part in self.partitions)

    @property
    def seconds_left(self) -> float:
        """How long it takes to record what waits, at the present rate; 0 when that cannot be said."""
        return (self.lag or 0) / self.rate if self.rate else 0.0

    @property
    def is_slow(self) -> bool:
        """Whether what waits takes too long, though nothing is stopped."""
        return not self.is_stopped and self.seconds_left > STANDSTILL_MAX.total_seconds()

    def state(self, now: datetime) -> State:
        """Say how its recording is."""
        if self.pause:
            return State.PAUSED
        if self.is_stopped:
            return State.STOPPED
        if self.lag is None:
            return State.UNKNOWN
        behind = self.is_slow or any(part.is_behind(now) for part in self.partitions)
        return State.BEHIND if behind else State.OK


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """What a process says of itself; `answer` is None when it does not answer, and `fault` says so.

    note -- what its metrics add
    not_current -- the kinds whose totals it shows and marks
    """

    name: str
    answer: Answer | None
    fault: str = ""
    note: str = ""
    not_current: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether it does its work now."""
        return self.answer is not None and self.answer.status == HTTPStatus.OK


class Reading(NamedTuple):
    """How many records of each topic were recorded by a moment: two of them make a rate."""

    at: datetime
    consumed: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole system as of `at`, by the clock of Postgres.

    window -- over which the rates are
    conflicts -- how many contradictions nobody has decided
    recounted -- what the newest recount found; None when there was none
    kafka_fault -- what is wrong with Kafka; "" when it answers
    """

    at: datetime
    window: timedelta
    topics: tuple[TopicStatus, ...]
    processes: tuple[ProcessStatus, ...]
    conflicts: int = 0
    recounted: KeptRecount | None = None
    kafka_fault: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether records seem to wait in vain; they may just have arrived, so it is worth a second look."""
        return any(topic.state(self.at) == State.BEHIND for topic in self.topics)

    @property
    def reading(self) -> Reading:
        """What the next look takes its rates from."""
        return Reading(self.at, {topic.kind.topic: topic.outcomes["consumed"] for topic in self.topics})
