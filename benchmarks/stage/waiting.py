"""Waiting for work that says nothing itself, so that a person knows that it goes on."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

Answer = TypeVar("Answer")
Tell = Callable[[str], None]

# 5 s: who sees nothing for longer begins to wonder.
_TELL_SECONDS: Final = 5.0


async def tell_while(what: str, work: Coroutine[Any, Any, Answer], tell: Tell) -> Answer:
    """Return what the work returns, and tell every few seconds for how long it has gone on. Raises what it raises."""
    began_at = time.monotonic()
    task = asyncio.create_task(work)
    try:
        while not (await asyncio.wait({task}, timeout=_TELL_SECONDS))[0]:
            tell(f"{what}: {time.monotonic() - began_at:.0f} s so far")
        return task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})
