"""Where the tallies topic ended when: how old a page is, by no other clock, and whatever backlog is before it."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, NoReturn

from aiokafka.errors import KafkaError

_LOOK_SECONDS: Final = 0.5
# 5 minutes: for longer than that nobody has to know how old a page is.
_LOOKS_MAX: Final = 600


class Ends:
    """The last looks at the end of the topic."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque(maxlen=_LOOKS_MAX)

    def note(self, asked_at: float, end: int) -> None:
        """Note the answer to a look.

        asked_at -- before the leader was asked, in seconds of `time.monotonic`
        end -- the offset behind the last record
        """
        self._looks.append((asked_at, end))

    def written_after(self, offset: int) -> float:
        """Return when a record was not there yet, the latest such moment; minus infinity where that is not known.

        A reader that lags may take in a page long after it was written: the page is as old as this says, at most.
        """
        return next((asked_at for asked_at, end in reversed(self._looks) if end <= offset), -math.inf)

    async def follow(self, ask: Callable[[], Awaitable[int]]) -> NoReturn:
        """Look twice a second; while Kafka does not answer, pages grow old."""
        while True:
            asked_at = time.monotonic()
            with suppress(KafkaError, TimeoutError):
                self.note(asked_at, await ask())
            await asyncio.sleep(_LOOK_SECONDS)
