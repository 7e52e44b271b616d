"""Ends a process that stands still, so that its supervisor starts it again."""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final, NoReturn

from monitoring.health import Health

_log = logging.getLogger(__name__)

# Two looks 5 s apart must both find a standstill: a process that was frozen and has woken up shows progress between.
_LOOK_SECONDS: Final = 5.0
# 70 is EX_SOFTWARE of sysexits.h: an internal error.
EXIT_CODE: Final = 70


def end_when_stuck(health: Health) -> None:
    """Watch over the health of this process from a thread of its own, which a blocked event loop cannot hold up."""
    threading.Thread(target=_watch, args=(health, time.sleep, _end), name="watchdog", daemon=True).start()


def _watch(health: Health, pause: Callable[[float], None], end: Callable[[], None]) -> None:
    """Look now and then; end the process at the second standstill in a row."""
    standstills = 0
    while standstills < 2:  # noqa: PLR2004 - as said above
        pause(_LOOK_SECONDS)
        standstills = 0 if health.alive else standstills + 1
    _log.critical("%s: this process ends itself", health.describe())
    end()


def _end() -> NoReturn:
    """Leave at once: what is stuck would not let go."""
    logging.shutdown()
    os._exit(EXIT_CODE)
