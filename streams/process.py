"""The stream worker on one page: what it is made of, how it starts, and how it stops."""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from aiokafka.errors import KafkaError

from brokers.topics import create_topics
from models.topics import TALLIES
from monitoring.exporter import serve
from monitoring.health import Health
from monitoring.metrics import new_registry
from monitoring.totals import TotalsCollector
from monitoring.watchdog import end_when_stuck
from streams.board import Board
from streams.catch_up import read_announced
from streams.membership import Membership
from streams.topology import (
    ReportCrash,
    Tables,
    add_agents,
    build_app,
    read_page,
    read_tables,
)

_log = logging.getLogger(__name__)

_START_RETRY_SECONDS: Final = 1.0
# 8 s: within the 10 s that a supervisor usually grants; the next worker needs nothing of what is then lost.
_STOP_SECONDS_MAX: Final = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What a stream worker must be told."""

    bootstrap: str
    data_dir: str
    replication_factor: int
    http_host: str
    http_port: int


async def run_worker(settings: WorkerSettings) -> None:
    """Keep and show the totals until SIGTERM or SIGINT. Raises what escaped an agent: a bug, for the supervisor."""
    board, health, registry = Board(time.monotonic), Health(), new_registry("totals")
    registry.register(TotalsCollector(board.show, lambda: datetime.now(UTC)))
    async with serve(registry, health, settings.http_host, settings.http_port):
        end_when_stuck(health)
        await _prepare(settings, health)
        await _keep_totals(settings, board, health)


async def _keep_totals(settings: WorkerSettings, board: Board, health: Health) -> None:
    """Run the Faust application, with the proof of membership beside it, until it is to end."""
    app = build_app(settings.bootstrap, settings.data_dir, settings.replication_factor)
    end = _end_on_signals()
    tables = add_agents(app, board, _make_crash_report(end))
    membership = Membership(app, board, health)
    app.on_rebalance_complete.connect(
        _make_rebalance_handler(settings.bootstrap, board, tables, membership), weak=False
    )
    app.finalize()
    await app.start()
    keeping: asyncio.Future[None] = asyncio.create_task(membership.keep())
    try:
        ended, _ = await asyncio.wait({end, keeping}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        keeping.cancel()
        board.stand_by()
        with suppress(TimeoutError):
            await asyncio.wait_for(app.stop(), _STOP_SECONDS_MAX)


def _make_rebalance_handler(
    bootstrap: str, board: Board, tables: Tables, membership: Membership
) -> Callable[..., Awaitable[None]]:
    """Return what happens once the tables are recovered: become active with every page announced, or stand by."""

    async def settle(*_arguments: object, **_options: object) -> None:
        await membership.begin()
        if not membership.active:
            board.stand_by()
            return
        announced = map(read_page, await read_announced(bootstrap))
        for page in chain(read_tables(tables), filter(None, announced)):
            board.take(page)
        board.activate()

    return settle


async def _prepare(settings: WorkerSettings, health: Health) -> None:
    """Make sure that the tallies topic exists, waiting for Kafka as long as it is away."""
    while True:
        try:
            await create_topics(settings.bootstrap, [TALLIES], settings.replication_factor)
        except KafkaError as error:
            health.wait_for("Kafka at the start")
            _log.warning("waiting for Kafka: %s", error)
            await asyncio.sleep(_START_RETRY_SECONDS)
        else:
            return


def _make_crash_report(end: asyncio.Future[None]) -> ReportCrash:
    """Return what an agent does with a bug: end the process with it."""

    def report(bug: Exception) -> None:
        if not end.done():
            end.set_exception(bug)

    return report


def _end_on_signals() -> asyncio.Future[None]:
    """Return the future that a signal to stop resolves."""
    loop = asyncio.get_running_loop()
    end: asyncio.Future[None] = loop.create_future()

    def resolve() -> None:
        if not end.done():
            end.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, resolve)
    return end
