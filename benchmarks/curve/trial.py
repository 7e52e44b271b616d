"""One point of a curve, measured once."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from typing import Final, NamedTuple

import asyncpg

from benchmarks.candidates import PRODUCT
from benchmarks.curve.points import Point
from benchmarks.measure.trial import Measured, Trial
from models.catalogue import KINDS

# A transaction leaves its number in every row that it inserts.
_TRANSACTIONS: Final = " UNION ".join(f"SELECT xmin::text FROM {kind.table}" for kind in KINDS)  # noqa: S608 - our own
_COUNT_TRANSACTIONS: Final = f"SELECT count(*) FROM ({_TRANSACTIONS}) AS batch"  # noqa: S608 - our own names


@dataclass(frozen=True, kw_only=True)
class Visit(Point, Measured):
    """A point, and what was measured there in one round.

    event_bytes -- mean size of an event
    records_a_batch -- mean of what was recorded in one transaction; None where a ledger does not tell
    """

    round: int
    event_bytes: float
    records_a_batch: float | None


class Turn(NamedTuple):
    """A point in a round."""

    point: Point
    number: int


async def visit(turn: Turn, event_bytes: float, trial: Trial) -> Visit:
    """Measure a point once. Raises what `Trial.run` raises."""
    point, number = turn
    connection = await asyncpg.connect(trial.database_url)
    try:
        # What was written before this trial is on disk when it begins.
        await connection.execute("CHECKPOINT")
        async with _checkpointed(connection, trial, trial.records / 2 if point.checkpoint else math.inf) as watched:
            measured = await watched.run(point.starter, point.processes)
        batches = await _count_batches(connection, point)
    finally:
        await connection.close()
    return Visit(
        **{**asdict(point), **asdict(measured)},
        round=number,
        event_bytes=event_bytes,
        records_a_batch=trial.records / batches if batches else None,
    )


@asynccontextmanager
async def _checkpointed(connection: asyncpg.Connection, trial: Trial, records: float) -> AsyncIterator[Trial]:
    """Give the trial with a checkpoint in it, after so many records."""
    reached = asyncio.Event()

    def report(done: int) -> None:
        trial.report(done)
        if done >= records:
            reached.set()

    async def checkpoint() -> None:
        await reached.wait()
        await connection.execute("CHECKPOINT")

    asking = asyncio.create_task(checkpoint())
    try:
        yield replace(trial, report=report)
    finally:
        if not reached.is_set():
            asking.cancel()
        await asyncio.wait({asking})


async def _count_batches(connection: asyncpg.Connection, point: Point) -> int:
    """Return in how many transactions the product has recorded, 0 where the ledger holds other facts as well."""
    if point.candidate != PRODUCT.name or point.ledger_rows:
        return 0
    return int(await connection.fetchval(_COUNT_TRANSACTIONS))
