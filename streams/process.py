"""The stream worker on one page: what it is made of, how it starts, and how it stops."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

import faust
from aiokafka.errors import KafkaError

from brokers.answers import answers
from brokers.batches import pass_over_unreadable
from brokers.claims import Claims
from brokers.sessions import find_session_fault
from brokers.topic_creation import create_topics, keep_topics
from models.catalogue import KINDS
from models.topics import CLAIMS, TALLIES, WORKER_GROUP
from monitoring.freshness import FreshnessCollector
from monitoring.totals import TotalsCollector
from runtime.ending import close_all
from runtime.health import Health
from runtime.process import Process, running, unless_ended
from runtime.start import insist, require
from runtime.watchdog import raise_when_deaf
from streams.board import Board
from streams.catch_up import read_announced
from streams.membership import Membership
from streams.pulse import Pulse
from streams.topology import (
    ReportCrash,
    add_agents,
    build_app,
    read_page,
)

# 6 s to leave the group: Faust asks Kafka for several things in turn. The next worker needs nothing of what is lost.
_STOP_SECONDS_MAX: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What a stream worker must be told."""

    bootstrap: str
    replication_factor: int
    http_host: str
    http_port: int


async def run_worker(settings: WorkerSettings) -> None:
    """Keep and show the totals until SIGTERM or SIGINT. Raises what escaped an agent: a bug, for the supervisor."""
    pass_over_unreadable()
    claims = Claims()
    board = Board(time.monotonic, lambda: claims.holder.ledger if claims.holder else None)
    async with running("totals", settings.http_host, settings.http_port, "Kafka") as process:
        process.registry.register(TotalsCollector(board.show, _now))
        process.registry.register(FreshnessCollector(board.ages, lambda: board.passed_over, _now))
        await _keep_totals(settings, board, claims, process)


def _now() -> datetime:
    return datetime.now(UTC)


async def _keep_totals(settings: WorkerSettings, board: Board, claims: Claims, process: Process) -> None:
    """Run the Faust application, with the proof of membership beside it, until it is to end."""
    app = build_app(settings.bootstrap, settings.replication_factor)
    pulse = Pulse(kind.name for kind in KINDS)
    add_agents(app, board, pulse, _make_crash_report(process.end))
    membership = Membership(app, board, pulse, process.health)
    _follow_rebalances(app, board, _make_rebalance_handler(settings.bootstrap, board, claims, membership))
    try:
        await unless_ended(process.end, _run(settings, app, claims, membership, process.health))
    finally:
        claims.stop()
        await _stop(app, board)


async def _stop(app: faust.App, board: Board) -> None:
    """Show nothing any more, and leave the group, as far as Kafka lets us within a few seconds."""
    board.stand_by()
    await close_all(_STOP_SECONDS_MAX, app.stop())


async def _run(
    settings: WorkerSettings, app: faust.App, claims: Claims, membership: Membership, health: Health
) -> None:
    """Start the application once its topics are there, and prove its membership until cancelled."""
    await _prepare(settings, health)
    claims.start(settings.bootstrap)
    app.finalize()
    await app.start()
    await asyncio.gather(
        membership.keep(),
        membership.follow_end(),
        keep_topics(settings.bootstrap, [TALLIES, CLAIMS], settings.replication_factor),
        raise_when_deaf(health, "Kafka", lambda: answers(settings.bootstrap, WORKER_GROUP, [TALLIES])),
    )


def _follow_rebalances(app: faust.App, board: Board, settle: Callable[..., Awaitable[None]]) -> None:
    """Stand by before this worker joins a rebalance, since another may become the active one, and settle after it."""

    async def stand_by(*_arguments: object, **_options: object) -> None:
        board.stand_by()

    app.on_partitions_revoked.connect(stand_by, weak=False)
    app.on_rebalance_complete.connect(settle, weak=False)


def _make_rebalance_handler(
    bootstrap: str, board: Board, claims: Claims, membership: Membership
) -> Callable[..., Awaitable[None]]:
    """Return what happens after a rebalance: become active with every page announced, if it is its turn."""

    async def settle(*_arguments: object, **_options: object) -> None:
        turn = board.turn
        await membership.begin()
        if membership.active:
            await claims.catch_up()
            announced = await read_announced(bootstrap)
            pages = [(page, offset) for value, offset in announced.records if (page := read_page(value))]
            board.activate(turn, pages)
            await membership.pass_over(announced.end)
        await membership.renew()

    return settle


async def _prepare(settings: WorkerSettings, health: Health) -> None:
    """Make sure that brokers take us, and that the topics of pages and claims exist; waits for Kafka while it is away.

    Raises StartError for what a person has to mend.
    """
    wait_for_kafka = partial(insist, health, "Kafka", away=(KafkaError, OSError, TimeoutError))
    await wait_for_kafka(lambda: require(find_session_fault(settings.bootstrap)))
    await wait_for_kafka(lambda: create_topics(settings.bootstrap, [TALLIES, CLAIMS], settings.replication_factor))


def _make_crash_report(end: asyncio.Future[None]) -> ReportCrash:
    """Return what an agent does with a bug: end the process with it."""

    def report(bug: Exception) -> None:
        if not end.done():
            end.set_exception(bug)

    return report
