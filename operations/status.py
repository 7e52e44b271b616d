"""How the system is: each topic's progress and outcomes from Postgres, lag and readiness from the processes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import asyncpg

from models.calendar import VIETNAM
from models.catalogue import KINDS, Kind
from operations.drift import OUTCOMES
from operations.faults import UnavailableError
from operations.pauses import Pause, fetch_pauses
from operations.scrape import Answer, Scrape, ask, scrape
from operations.snapshot import open_snapshot

# 60 s without a commit while records wait: six times what a consumer needs to take over from one that was killed.
STANDSTILL_MAX: Final = timedelta(seconds=60)

_NOW: Final = "SELECT now()"
_PROGRESS: Final = """
SELECT kafka_partition, next_offset, consumed, accepted, retries, repeats, conflicts, refused, newest_at, updated_at
FROM progress WHERE topic = $1 ORDER BY kafka_partition"""
_REASONS: Final = (
    "SELECT reason, count(*) AS records FROM refused WHERE topic = $1 AND resolved_at IS NULL GROUP BY reason"
)


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One source partition.

    lag -- offsets between what is recorded and the end of its log; None when no reachable consumer says it
    """

    partition: int
    next_offset: int
    lag: int | None
    stopped: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TopicStatus:
    """One input topic: its source partitions, what became of its records, and why some were refused."""

    kind: Kind
    partitions: tuple[PartitionStatus, ...]
    outcomes: Counter[str]  # counter of the table progress -> records
    reasons: Counter[str]
    newest_at: datetime | None
    pause: Pause | None = None

    @property
    def next_offset(self) -> int:
        """Sum of the offsets at which recording goes on."""
        return sum(part.next_offset for part in self.partitions)

    @property
    def lag(self) -> int | None:
        """Sum of the lags; None when one of them is not known."""
        lags = [part.lag for part in self.partitions]
        return None if None in lags else sum(lag for lag in lags if lag is not None)

    @property
    def updated_at(self) -> datetime | None:
        """When records of the topic were last committed."""
        return max((part.updated_at for part in self.partitions), default=None)


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """What a process says of itself; `answer` is None when it does not answer, and `fault` says so."""

    name: str
    answer: Answer | None
    fault: str = ""

    @property
    def ready(self) -> bool:
        """Whether it does its work now."""
        return self.answer is not None and self.answer.status == HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Status:
    """The whole system as of `at`, by the clock of Postgres."""

    at: datetime
    topics: tuple[TopicStatus, ...]
    processes: tuple[ProcessStatus, ...]

    @property
    def exit_code(self) -> int:
        """2 when a process does not answer, 1 when something is wrong, else 0."""
        if any(process.answer is None for process in self.processes):
            return 2
        return 1 if find_faults(self) else 0


async def read_status(database_url: str, consumer_url: str, totals_urls: Sequence[str]) -> Status:
    """Ask Postgres and the processes. Raises UnavailableError when Postgres is away; a process may be away.

    consumer_url, totals_urls -- base addresses as http://host:port
    """
    workers = [await _ask_process("totals", url) for url in totals_urls]
    processes = (await _ask_process("consumer", consumer_url), *workers)
    page = await scrape(f"{consumer_url}/metrics") if processes[0].answer else Scrape({})
    async with open_snapshot(database_url) as connection:
        pauses = {pause.topic: pause for pause in await fetch_pauses(connection)}
        topics = tuple([await _read_topic(connection, kind, page, pauses) for kind in KINDS])
        return Status(await connection.fetchval(_NOW), topics, processes)


def find_faults(status: Status) -> list[str]:
    """Say what is wrong, one line each: nothing when all is fine."""
    return [
        *(f"{process.name} {_say_not_ready(process)}" for process in status.processes if not process.ready),
        *(line for topic in status.topics for line in _find_topic_faults(topic, status.at)),
    ]


def is_behind(part: PartitionStatus, now: datetime) -> bool:
    """Tell whether records wait for a source partition that nothing was committed to for `STANDSTILL_MAX`."""
    return bool(part.lag) and now - part.updated_at > STANDSTILL_MAX


def _say_not_ready(process: ProcessStatus) -> str:
    return process.fault if process.answer is None else f"is not ready: {process.answer.text.strip()}"


def _find_topic_faults(topic: TopicStatus, now: datetime) -> list[str]:
    """Say which source partitions of a topic are stopped or stand still; one that is paused, by whom and why."""
    if topic.pause:
        since = topic.pause.paused_at.astimezone(VIETNAM)
        by, resume = topic.pause.paused_by, f"`onboarding resume {topic.kind.topic}` lets it go on"
        return [
            f"{topic.kind.topic} is paused by {by} since {since:%Y-%m-%d %H:%M} (Vietnam): {topic.pause.why}; {resume}"
        ]
    stopped = [
        f"{topic.kind.topic}/{part.partition} is stopped at a gap: see `onboarding gaps`"
        for part in topic.partitions
        if part.stopped
    ]
    behind = [part for part in topic.partitions if is_behind(part, now)]
    return stopped + [
        f"{topic.kind.topic}/{part.partition} has a lag of {part.lag} and nothing was committed for "
        f"{(now - part.updated_at).total_seconds():.0f} s"
        for part in behind
    ]


async def _ask_process(name: str, url: str) -> ProcessStatus:
    """Ask a process whether it is ready."""
    try:
        return ProcessStatus(name, await ask(f"{url}/readyz"))
    except UnavailableError as error:
        return ProcessStatus(name, None, str(error))


async def _read_topic(
    connection: asyncpg.Connection, kind: Kind, page: Scrape, pauses: Mapping[str, Pause]
) -> TopicStatus:
    """Read one topic's progress and join it with what a consumer shows of it."""
    rows = await connection.fetch(_PROGRESS, kind.topic)
    reasons = await connection.fetch(_REASONS, kind.topic)
    outcomes: Counter[str] = Counter()
    for row in rows:
        outcomes.update({name: row[name] for name in ("consumed", *OUTCOMES)})
    return TopicStatus(
        kind=kind,
        partitions=tuple(_partition(kind, row, page) for row in rows),
        outcomes=outcomes,
        reasons=Counter({row["reason"]: row["records"] for row in reasons}),
        pause=pauses.get(kind.topic),
        newest_at=max((row["newest_at"] for row in rows if row["newest_at"]), default=None),
    )


def _partition(kind: Kind, row: Any, page: Scrape) -> PartitionStatus:  # noqa: ANN401 - asyncpg is not typed
    labels: Mapping[str, str] = {"topic": kind.topic, "partition": str(row["kafka_partition"])}
    lag = page.value("onboarding_lag_records", labels)
    return PartitionStatus(
        partition=row["kafka_partition"],
        next_offset=row["next_offset"],
        lag=None if lag is None else int(lag),
        stopped=page.value("onboarding_partition_stopped", labels) == 1,
        updated_at=row["updated_at"],
    )
