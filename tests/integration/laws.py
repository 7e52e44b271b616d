"""What must hold after everything that is done: nothing differs from the ledger, and nothing shown went down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from models.catalogue import LOGINS
from operations.recount.recount import recount
from tests.integration.system import LOOK_SECONDS, Process, System, total_of

Seen = TypeVar("Seen")


async def find_drifts(system: System, worker: Process) -> list[str]:
    """Return where tallies, counters or what a stream worker shows differ from the ledger."""
    found = await recount(system.database_url, f"http://127.0.0.1:{worker.port}/metrics", lambda _facts, _total: None)
    return [drift.describe() for drift in found.drifts]


@asynccontextmanager
async def watch(look: Callable[[], Seen]) -> AsyncIterator[list[Seen]]:
    """Look again and again during the block, and give what was seen."""
    seen: list[Seen] = []

    async def watch_on() -> None:
        while True:
            seen.append(await asyncio.to_thread(look))
            await asyncio.sleep(LOOK_SECONDS)

    watching = asyncio.create_task(watch_on())
    try:
        yield seen
    finally:
        watching.cancel()


@asynccontextmanager
async def watch_logins(worker: Process) -> AsyncIterator[list[float | None]]:
    """Look at the total of logins during the block; afterwards it must never have been hidden or lower."""
    async with watch(lambda: total_of(worker, LOGINS)) as seen:
        yield seen
    prove_rising(seen)


def prove_rising(seen: Sequence[float | None]) -> None:
    """Raise AssertionError where a total was hidden or went down."""
    shown = [number for number in seen if number is not None]
    assert len(shown) == len(seen)
    assert shown == sorted(shown)
