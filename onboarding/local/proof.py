"""The proof of a run: the national history is published, recorded, totalled, recounted and compared."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Final

import asyncpg
from rich.console import Console

from brokers.clients import read_ends
from ledger.connection import connect
from models.catalogue import KIND_BY_TOPIC, KINDS, LOGINS
from onboarding.cli._answers import make_error_console
from onboarding.cli._progress import show_progress
from onboarding.cli._waiting import show_counting
from onboarding.cli.recount import describe_recount, paint_recount, recount_and_keep
from onboarding.settings import Settings
from operations.backlog import read_backlog
from operations.pauses import fetch_pauses
from operations.recount.recount import Recounted
from operations.totals.shown import KindTotals, read_totals, render_verdicts
from upstream.publishing.publisher import publish
from upstream.simulation.figures import figures
from upstream.simulation.history import history

SEED: Final = 6
_POLL_SECONDS: Final = 0.2
# 10 s: within so long another consumer takes over.
_STANDSTILL_SECONDS: Final = 10.0
_STOPPED: Final = "SELECT topic, kafka_partition FROM gap WHERE accepted_at IS NULL ORDER BY topic, kafka_partition"

_log = logging.getLogger(__name__)


class NotProvedError(Exception):
    """The proof waits for a person; the message says for what."""


async def prove(settings: Settings, scale: int, console: Console) -> bool:
    """Run the history at 1 : scale through the whole path and show the table; tell whether every total is exact."""
    await _publish(settings, scale, console)
    await _await_recorded(settings, console)
    return await _show(settings, scale, console)


async def _publish(settings: Settings, scale: int, console: Console) -> None:
    """Publish the history; what Kafka has of it from an earlier run is published again, and counted once."""
    events = sum(figures(scale).values())
    with show_progress("publishing", events, console, time.monotonic) as report:
        await publish(settings.kafka_bootstrap_servers, history(scale, SEED), report, console.print)


async def _await_recorded(settings: Settings, console: Console) -> None:
    """Wait until Postgres has every record that Kafka has.

    Raises NotProvedError when nothing is recorded any more because a person has to do something first.
    """
    ends = await read_ends(settings.kafka_bootstrap_servers, KIND_BY_TOPIC)
    connection = await connect(settings.database_url, "onboarding-run", {})
    try:
        backlog = await read_backlog(connection, ends)
        with show_progress("recording", backlog.published, console, time.monotonic) as report:
            moved_at = time.monotonic()
            while backlog.recorded < backlog.published:
                await asyncio.sleep(_POLL_SECONDS)
                before, backlog = backlog, await read_backlog(connection, ends)
                report(backlog.recorded)
                if backlog.recorded > before.recorded:
                    moved_at = time.monotonic()
                elif time.monotonic() - moved_at > _STANDSTILL_SECONDS:
                    await explain_standstill(connection)
                    moved_at = time.monotonic()
    finally:
        await connection.close()


async def explain_standstill(connection: asyncpg.Connection) -> None:
    """Say why nothing is recorded. Raises NotProvedError where it does not go on without a person."""
    paused = [pause.topic for pause in await fetch_pauses(connection)]
    stopped = [f"{row[0]}/{row[1]}" for row in await connection.fetch(_STOPPED)]
    if paused:
        raise NotProvedError(f"{', '.join(paused)} is paused, so its records wait: `onboarding resume` lets it go on")
    if stopped:
        raise NotProvedError(f"{', '.join(stopped)} is stopped: `onboarding gaps` says why and what to do")
    _log.warning(
        "nothing was recorded for %.0f s: `onboarding status` in another terminal says why", _STANDSTILL_SECONDS
    )


async def _show(settings: Settings, scale: int, console: Console) -> bool:
    """Recount, and set our totals beside the published ones."""
    with show_counting(make_error_console()) as report:
        found = await recount_and_keep(settings, report)
    totals = await read_totals(settings.database_url, settings.onboarding_totals_url)
    published = figures(scale)
    console.print(render_verdicts(totals, published, {kind.name: _judge(found, kind.name) for kind in KINDS}))
    for line in describe_recount(found):
        console.print(paint_recount(line), soft_wrap=True)
    console.print(_describe_logins(totals.kinds[LOGINS.name], scale))
    more = {name: (shown.total or 0) - published.get(name, 0) for name, shown in totals.kinds.items()}
    if any(more.values()) and not found.drift_cells:
        console.print(_describe_others(more))
    return not found.drift_cells and min(more.values()) >= 0


def _describe_others(more: Mapping[str, int]) -> str:
    """Say why exact totals are not those of the history.

    more -- by kind, how many facts are counted that are not of the history; below 0 where facts of it are missing
    """
    if min(more.values()) < 0:
        return "Facts of the history are missing here: `onboarding refused list` says what was refused of it."
    return "The totals are exact; they differ from the history because other events were published here too."


def _judge(found: Recounted, kind: str) -> str:
    """Say in a few words what the recount found of a kind."""
    drifts = len(found.drifts_of(kind))
    return f"{drifts} cells differ" if drifts else "exact"


def _describe_logins(logins: KindTotals, scale: int) -> str:
    """Say how the published average of logins comes about."""
    return (
        f"Logins: {logins.average_a_day or 0:,.0f} a day over {logins.days} days (published: 150,000, at 1 : {scale})"
    )
