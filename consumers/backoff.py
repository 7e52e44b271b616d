"""Waits between attempts: short after a hiccup, and no storm of connections on a server that comes back."""

import asyncio
from typing import Final

_SECONDS_MIN: Final = 0.1
_SECONDS_MAX: Final = 2.0


class Backoff:
    """A wait of 0.1 s, doubled each time up to 2 s."""

    def __init__(self) -> None:
        self.seconds = _SECONDS_MIN  # the next wait

    def reset(self) -> None:
        """Begin with the shortest wait again."""
        self.seconds = _SECONDS_MIN

    async def wait(self) -> None:
        """Wait, longer than the time before."""
        await asyncio.sleep(self.seconds)
        self.seconds = min(2 * self.seconds, _SECONDS_MAX)
