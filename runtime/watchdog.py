"""Ends a process that is stuck, so that its supervisor starts it again."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, NoReturn

from runtime.ending import EXIT_CODE, leave
from runtime.health import Health

_log = logging.getLogger(__name__)

# Two looks 5 s apart must both find a standstill: a process that was frozen and has woken up shows progress between.
_LOOK_SECONDS: Final = 5.0
# A server that is back is heard within a few seconds. Who has waited 20 s for one that answers others three times, 5 s
# apart, does not hear it any more: a task of its client has died.
_DEAF_SECONDS_MIN: Final = 20.0
_DEAF_ANSWERS: Final = 3


class DeafError(Exception):
    """This process waits for a server that answers others."""


def end_when_stuck(health: Health) -> None:
    """Watch over the health of this process from a thread of its own, which a blocked event loop cannot hold up."""
    threading.Thread(
        target=_watch, args=(health, time.sleep, partial(leave, EXIT_CODE)), name="watchdog", daemon=True
    ).start()


async def raise_when_deaf(
    health: Health,
    server: str,
    answers: Callable[[], Awaitable[bool]],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> NoReturn:
    """Watch whether this process waits for a server that answers others. Raises DeafError once it does.

    server -- the words with which `health` begins to say that it waits for it.
    answers -- tells whether the server answers a connection of its own, in all that this process needs of it.
    """
    answered = 0
    while answered < _DEAF_ANSWERS:
        await pause(_LOOK_SECONDS)
        waiting = health.waited_seconds(server) >= _DEAF_SECONDS_MIN
        answered = answered + 1 if waiting and await answers() else 0
    raise DeafError(f"{server} answers others, but this process is still {health.describe()}: start it again")


def _watch(health: Health, pause: Callable[[float], None], end: Callable[[], None]) -> None:
    """Look now and then; end the process at the second standstill in a row."""
    standstills = 0
    while standstills < 2:  # noqa: PLR2004 - as said above
        pause(_LOOK_SECONDS)
        standstills = 0 if health.alive else standstills + 1
    _log.critical("%s: this process ends itself", health.describe())
    end()
