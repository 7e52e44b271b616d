"""The stream worker on one page: what it is made of, how it starts, and how it stops."""

import asyncio
import logging
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from monitoring.exporter import serve
from monitoring.health import Health
from monitoring.metrics import new_registry
from monitoring.totals import TotalsCollector
from streams.board import Board
from streams.membership import Membership
from streams.topology import add_agents, build_app, fill

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What a stream worker must be told."""

    bootstrap: str
    data_dir: str
    replication_factor: int
    http_host: str
    http_port: int


async def run_worker(settings: WorkerSettings) -> None:
    """Keep and show the totals until SIGTERM or SIGINT. Raises what made the Faust application crash."""
    board, health, registry = Board(time.monotonic), Health(), new_registry("totals")
    registry.register(TotalsCollector(board.show, lambda: datetime.now(UTC)))
    app = build_app(settings.bootstrap, settings.data_dir, settings.replication_factor)
    tables = add_agents(app, board)
    membership = Membership(app, board, health)

    @app.on_rebalance_complete.connect
    async def begin(*_arguments: object, **_options: object) -> None:
        fill(board, tables)
        await membership.begin()

    stopping = _stop_on_signals()
    async with serve(registry, health, settings.http_host, settings.http_port):
        app.finalize()
        await app.start()
        keeping = asyncio.create_task(membership.keep())
        await stopping.wait()
        keeping.cancel()
        board.deactivate()
        await app.stop()


def _stop_on_signals() -> asyncio.Event:
    """Return the event that a signal to stop sets."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping
