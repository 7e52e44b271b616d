"""Reads the status: progress and outcomes from Postgres, the ends of the logs from Kafka, readiness from processes."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from brokers.clients import read_ends
from ledger.unavailable import UnavailableError
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.gap_kinds import Break
from operations.addresses import Addresses
from operations.moments import describe_age
from operations.pauses import Pause, fetch_pauses
from operations.recount.drift import OUTCOMES
from operations.recount.kept import KeptRecount, read_newest
from operations.scrape import Scrape, ask, scrape
from operations.snapshot import open_snapshot
from operations.status.system import PartitionStatus, ProcessStatus, Reading, Status, TopicStatus

# 1 s: long enough for a rate, short enough to wait for.
_WINDOW_SECONDS: Final = 1.0
# 10 s for two questions: twice what a client of ours waits for one answer, and some more.
_KAFKA_SECONDS_MAX: Final = 10.0

_NOW: Final = "SELECT now()"
_CONSUMED: Final = "SELECT topic, sum(consumed)::bigint FROM progress GROUP BY topic"
_PROGRESS: Final = """
SELECT kafka_partition, next_offset, consumed, accepted, retries, repeats, conflicts, refused, newest_at, updated_at,
    tried
FROM progress WHERE topic = $1 ORDER BY kafka_partition"""
_GAPS: Final = "SELECT topic, kafka_partition, kind FROM gap WHERE accepted_at IS NULL"
_CONFLICTS: Final = "SELECT count(*) FROM duplicate WHERE duplicate = 'conflict' AND resolved_at IS NULL"
_REASONS: Final = """
SELECT reason, count(*) AS records, count(*) FILTER (WHERE appended_at > now() - interval '1 hour') AS lately
FROM refused WHERE topic = $1 AND resolved_at IS NULL GROUP BY reason"""

Ends = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class _Outside:
    """What a topic's status takes from elsewhere than its own rows."""

    before: Reading
    ends: Ends | None
    gaps: Mapping[TopicPartition, Break]
    pauses: Mapping[str, Pause]


async def read_status(addresses: Addresses, before: Reading | None = None) -> Status:
    """Ask everybody. Raises UnavailableError when Postgres is away; Kafka or a process may be away.

    before -- what the look before this one read; without one it is read now, and a second passes
    """
    window = 0.0
    if before is None:
        before, window = await _read_consumed(addresses.database_url), _WINDOW_SECONDS
    _, (ends, kafka_fault), consumer, workers, auditor = await asyncio.gather(
        asyncio.sleep(window),
        _read_ends(addresses.bootstrap),
        _ask_process("consumer", addresses.consumer),
        asyncio.gather(*(_ask_worker(url) for url in addresses.workers)),
        _ask_process("auditor", addresses.auditor),
    )
    at, topics, conflicts, recounted = await _read_ledger(addresses.database_url, before, ends)
    return Status(
        at=at,
        window=at - before.at,
        topics=topics,
        processes=(consumer, *workers, _note_recount(auditor, recounted, at)),
        conflicts=conflicts,
        recounted=recounted,
        kafka_fault=kafka_fault,
    )


async def _read_consumed(database_url: str) -> Reading:
    """Return what is recorded by now."""
    async with open_snapshot(database_url) as connection:
        rows = await connection.fetch(_CONSUMED)
        return Reading(await connection.fetchval(_NOW), dict(map(tuple, rows)))


async def _read_ends(bootstrap: str) -> tuple[Ends | None, str]:
    """Return up to where the logs hold committed records; None and what is wrong when Kafka does not say it."""
    try:
        async with asyncio.timeout(_KAFKA_SECONDS_MAX):
            return await read_ends(bootstrap, KIND_BY_TOPIC), ""
    except (KafkaError, TimeoutError) as error:
        where = "check that it runs and what KAFKA_BOOTSTRAP_SERVERS says"
        return None, f"Kafka does not tell the ends of the logs ({type(error).__name__}): {where}"


async def _ask_process(name: str, url: str) -> ProcessStatus:
    """Ask a process whether it is ready."""
    try:
        return ProcessStatus(name, await ask(f"{url}/readyz"))
    except UnavailableError as error:
        return ProcessStatus(name, None, str(error))


async def _ask_worker(url: str) -> ProcessStatus:
    """Ask a stream worker whether it is ready, and whether it is the one that shows the totals."""
    process, page = await _ask_process("stream worker", url), await _scrape(url)
    note = "shows the totals" if page.shows_totals else "shows no total"
    return replace(process, note=note, not_current=page.not_current)


async def _scrape(url: str) -> Scrape:
    """Read a metrics page; an empty one where there is none."""
    try:
        return await scrape(f"{url}/metrics")
    except UnavailableError:
        return Scrape({})


def _note_recount(auditor: ProcessStatus, recounted: KeptRecount | None, now: datetime) -> ProcessStatus:
    """Say when the books were last checked, and with what result."""
    if recounted is None:
        return replace(auditor, note="has not recounted yet")
    age = describe_age((now - recounted.recounted_at).total_seconds())
    found = f"{recounted.cells:,} cells differed" if recounted.cells else "no cell differed"
    return replace(auditor, note=f"last recount {age} ago, {found}")


async def _read_ledger(
    database_url: str, before: Reading, ends: Ends | None
) -> tuple[datetime, tuple[TopicStatus, ...], int, KeptRecount | None]:
    """Read every topic's rows, count the open conflicts, and read the newest recount, as of one commit."""
    async with open_snapshot(database_url) as connection:
        at = await connection.fetchval(_NOW)
        gaps = {TopicPartition(*row[:2]): Break(row[2]) for row in await connection.fetch(_GAPS)}
        pauses = {pause.topic: pause for pause in await fetch_pauses(connection)}
        outside = _Outside(before, ends, gaps, pauses)
        topics = tuple([await _read_topic(connection, kind, outside, at) for kind in KINDS])
        return at, topics, await connection.fetchval(_CONFLICTS), await read_newest(connection)


async def _read_topic(connection: asyncpg.Connection, kind: Kind, outside: _Outside, at: datetime) -> TopicStatus:
    """Read one topic's rows and join them with the rest."""
    rows = await connection.fetch(_PROGRESS, kind.topic)
    reasons = await connection.fetch(_REASONS, kind.topic)
    outcomes = Counter({name: sum(row[name] for row in rows) for name in ("consumed", *OUTCOMES)})
    return TopicStatus(
        kind=kind,
        partitions=tuple(_join_partitions(kind.topic, rows, outside)),
        outcomes=outcomes,
        rate=_rate(outcomes["consumed"] - outside.before.consumed.get(kind.topic, 0), at - outside.before.at),
        reasons=Counter({row["reason"]: row["records"] for row in reasons}),
        refused_lately=sum(row["lately"] for row in reasons),
        pause=outside.pauses.get(kind.topic),
        newest_at=max((row["newest_at"] for row in rows if row["newest_at"]), default=None),
    )


def _rate(records: int, window: timedelta) -> float:
    """Return records a second; 0 where a clock was set back, or another ledger was put in the place of the first."""
    return max(records, 0) / window.total_seconds() if window > timedelta() else 0.0


def _join_partitions(topic: str, rows: list[Any], outside: _Outside) -> list[PartitionStatus]:
    """Return every source partition that has a row or a log."""
    known = {row["kafka_partition"]: row for row in rows}
    logs = {source.partition for source in outside.ends or () if source.topic == topic}
    return [_join(TopicPartition(topic, number), known.get(number), outside) for number in sorted(logs | known.keys())]


def _join(source: TopicPartition, row: Any, outside: _Outside) -> PartitionStatus:  # noqa: ANN401 - asyncpg is not typed
    """Join a row of progress, if there is one, with the end of the log."""
    next_offset = row["next_offset"] if row else 0
    end = outside.ends.get(source) if outside.ends is not None else None
    return PartitionStatus(
        partition=source.partition,
        lag=None if end is None else max(0, end - next_offset),
        updated_at=row["updated_at"] if row else None,
        next_offset=next_offset,
        gap=outside.gaps.get(source),
        tried=row["tried"] if row else 0,
    )
