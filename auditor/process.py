"""The auditor on one page: recounts on a schedule, closes days, records waits, makes room for refused records."""

import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Final

import asyncpg

from auditor.comparison import find_strays
from auditor.inhabitants import Inhabitants
from auditor.jobs import Job, Jobs
from brokers.clients import read_ends
from ledger.day_closing import close_days
from ledger.decisions.writer import open_writer
from ledger.retention import Room, make_room
from ledger.waits import record_waits
from models.calendar import VIETNAM, day_of
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.places import PLACES, place_today
from monitoring.metrics import AuditMetrics, RefusedMetrics
from operations.recount.kept import keep_recount, read_newest
from operations.recount.recount import recount
from operations.recount.unmatched import count_unmatched
from operations.snapshot import open_snapshot
from operations.why import read_usual
from runtime.health import Health
from runtime.process import running, unless_ended

_log = logging.getLogger(__name__)

# 3 days: so long a fact may come late before a day's number is called final.
DAYS_OPEN: Final = 3
# 60 s between two looks at the clock.
_PAUSE_SECONDS: Final = 60.0
# 45 s for a look, which takes ten and asks for a few rows.
_LOOK_SECONDS_MAX: Final = 45.0
# 15 minutes for what reads or writes many rows: many days to close, gigabytes of refused records.
_WORK_SECONDS_MAX: Final = 900.0
# 2 hours for a recount: of 153 million facts it takes minutes.
_RECOUNT_SECONDS_MAX: Final = 7_200.0
# 10 minutes between two looks at all refused records: a budget is gigabytes, and they are read to be measured.
_ROOM_SECONDS: Final = 600.0
# 20 drifts: enough to see what is wrong; `onboarding recount` names them all.
_DRIFTS_TOLD_MAX: Final = 20
# In whose name its recounts are kept.
_NAME: Final = "the auditor"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """What an auditor must be told."""

    bootstrap: str
    database_url: str
    totals_url: str
    recount_seconds: float  # from the end of one recount to the next
    refused_room: Room
    inhabitants: Sequence[Inhabitants]
    http_host: str
    http_port: int


async def run_auditor(settings: AuditSettings) -> None:
    """Audit until SIGTERM or SIGINT; waits for Kafka, Postgres and the totals as long as they are away."""
    # No server that it waits for hides anything: what it cannot do, it does later.
    async with running("audit", settings.http_host, settings.http_port) as process:
        metrics = AuditMetrics(process.registry)
        refused = RefusedMetrics(process.registry, settings.refused_room.bytes_max)
        await unless_ended(process.end, _audit(settings, metrics, refused, process.health))


async def _audit(settings: AuditSettings, metrics: AuditMetrics, refused: RefusedMetrics, health: Health) -> None:
    """Do everything beside each other, until cancelled."""
    _show_provinces(settings, metrics)
    await Jobs(health).run(
        Job(
            name="recount",
            work=lambda: _recount(settings, metrics),
            pause_seconds=settings.recount_seconds,
            seconds_max=_RECOUNT_SECONDS_MAX,
        ),
        _look("newest recount", lambda: _show_recount(settings, metrics)),
        _look("comparison of what is shown", lambda: _compare_shown(settings, metrics)),
        _look("closing of days", lambda: _close(settings, metrics), _WORK_SECONDS_MAX),
        _look("waits for activation", lambda: _record_waits(settings), _WORK_SECONDS_MAX),
        Job(
            name="room for refused records",
            work=lambda: _make_room(settings, refused),
            pause_seconds=_ROOM_SECONDS,
            seconds_max=_WORK_SECONDS_MAX,
        ),
    )


def _look(name: str, work: Callable[[], Coroutine[Any, Any, None]], seconds_max: float = _LOOK_SECONDS_MAX) -> Job:
    """Return what is done every minute."""
    return Job(name=name, work=work, pause_seconds=_PAUSE_SECONDS, seconds_max=seconds_max)


def _show_provinces(settings: AuditSettings, metrics: AuditMetrics) -> None:
    """Show what is known of the provinces: where each belongs today, and how many people live there."""
    for place in PLACES:
        metrics.belongs_to.labels(place, place_today(place)).set(1)
    for province, number, as_of in settings.inhabitants:
        metrics.inhabitants.labels(province, as_of).set(number)


async def _recount(settings: AuditSettings, metrics: AuditMetrics) -> None:
    """Count the ledger again, keep and show in how many cells something differs, and name them."""
    began = time.monotonic()
    found = await recount(settings.database_url, settings.totals_url, lambda _facts, _total: None)
    async with open_writer(settings.database_url) as connection:
        await keep_recount(connection, found, _NAME)
    for drift in found.drifts[:_DRIFTS_TOLD_MAX]:
        _log.error("drift: %s", drift.describe())
    for name, facts in (await count_unmatched(settings.database_url)).items():
        metrics.unmatched.labels(name).set(facts)
    metrics.recount_seconds.set(time.monotonic() - began)
    await _show_recount(settings, metrics)


async def _show_recount(settings: AuditSettings, metrics: AuditMetrics) -> None:
    """Show what the newest recount found, whoever has made it: one of an operator, or of an auditor before this one."""
    async with open_snapshot(settings.database_url) as connection:
        newest = await read_newest(connection)
    if newest:
        cells = newest.count_by_kind()
        for kind in KINDS:
            metrics.drift_cells.labels(kind.name).set(cells[kind.name])
        metrics.recounted_at.set(newest.recounted_at.timestamp())


async def _compare_shown(settings: AuditSettings, metrics: AuditMetrics) -> None:
    """Show which totals are not the ledger's."""
    strays = await find_strays(settings.database_url, settings.totals_url)
    for kind in KINDS:
        metrics.strays.labels(kind.name).set(kind.name in strays)
        if kind.name in strays:
            _log.error("the total of %s is none that the ledger had within ten seconds", kind.name)


async def _close(settings: AuditSettings, metrics: AuditMetrics) -> None:
    """Close the days that are over for long enough, of every topic whose records are all recorded."""
    last = day_of(datetime.now(UTC)) - timedelta(days=DAYS_OPEN + 1)
    ends = await read_ends(settings.bootstrap, KIND_BY_TOPIC)
    async with open_writer(settings.database_url) as connection:
        for topic in KIND_BY_TOPIC:
            own = {source: end for source, end in ends.items() if source.topic == topic}
            closed = await close_days(connection, topic, last, own)
            if closed is not None:
                metrics.closed_until.labels(topic).set(_end_of(last).timestamp())
                await _show_last(connection, KIND_BY_TOPIC[topic], last, metrics)
            if closed:
                _log.info("closed %d days of %s, up to %s", closed, topic, last)


async def _record_waits(settings: AuditSettings) -> None:
    """Record the waits for activation of some closed days; the next ones come at the next look."""
    async with open_writer(settings.database_url) as connection:
        if days := await record_waits(connection):
            _log.info("recorded the waits for activation of %d days, %s to %s", len(days), days[-1], days[0])


async def _make_room(settings: AuditSettings, metrics: RefusedMetrics) -> None:
    """Remove refused records that may go, and show what is kept."""
    async with open_writer(settings.database_url) as connection:
        kept = await make_room(connection, settings.refused_room)
    metrics.kept_bytes.set(kept.all_bytes)
    metrics.unresolved.set(kept.unresolved)
    if kept.unresolved_bytes > settings.refused_room.bytes_max:
        _log.error(
            "%d unresolved refused records hold %d bytes, more than ONBOARDING_REFUSED_MEGABYTES_MAX allows: "
            "none is removed; see `onboarding refused list`",
            kept.unresolved,
            kept.unresolved_bytes,
        )


async def _show_last(connection: asyncpg.Connection, kind: Kind, last: date, metrics: AuditMetrics) -> None:
    """Show what the last closed day was closed with, beside what is usual, where that is known."""
    facts, usual = await read_usual(connection, kind, last)
    if facts is not None:
        metrics.closed_facts.labels(kind.name).set(facts)
    if usual is not None:
        metrics.usual_facts.labels(kind.name).set(usual)


def _end_of(day: date) -> datetime:
    """Return the midnight in Vietnam at which a day ends."""
    return datetime.combine(day + timedelta(days=1), clock_time(), VIETNAM)
