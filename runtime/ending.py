"""How a process ends: on a signal and in good order, or with an error; and by force where a server holds that up."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

_log = logging.getLogger(__name__)

# 9 s from the signal to the end: within the 10 s that a supervisor usually grants.
_END_SECONDS_MAX: Final = 9.0
# 1 s for Python to cancel tasks and to join threads: some of a client that waits for its server obey nobody.
_LEAVE_SECONDS_MAX: Final = 1.0
# 70 is EX_SOFTWARE of sysexits.h: an internal error.
EXIT_CODE: Final = 70

# 2: as every command ends that a person has to call in another way.
START_EXIT_CODE: Final = 2


class StartError(Exception):
    """What a person has to mend before this process can do its work; one line says what, where, and what to do."""


def end_on_signals() -> asyncio.Future[None]:
    """Return the future that is resolved when a supervisor (SIGTERM) or a person (SIGINT) asks for the end.

    Whoever waits for it has nine seconds; then the process has ended, with exit code 0.
    """
    loop = asyncio.get_running_loop()
    end: asyncio.Future[None] = loop.create_future()

    def resolve() -> None:
        end_at_the_latest(_END_SECONDS_MAX, 0)
        if not end.done():
            end.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, resolve)
    return end


def interrupt_on_signals() -> None:
    """Let both raise KeyboardInterrupt in what a person has started, also where a shell did so in the background."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@contextmanager
def end_swiftly() -> Iterator[None]:
    """Let the end of the block be the end of the process: an error is said, and what still runs is not waited for."""
    try:
        yield
    except StartError as error:
        _log.critical("%s", error)
        end_at_the_latest(_LEAVE_SECONDS_MAX, START_EXIT_CODE)
        raise SystemExit(START_EXIT_CODE) from None
    except Exception as error:
        _log.critical("this process ends: %r", error, exc_info=error)
        end_at_the_latest(_LEAVE_SECONDS_MAX, EXIT_CODE)
        raise SystemExit(EXIT_CODE) from error
    end_at_the_latest(_LEAVE_SECONDS_MAX, 0)


async def close_all(seconds_max: float, *endings: Coroutine[Any, Any, None]) -> None:
    """Leave servers in good order, all at once, as far as they let us within some seconds; nothing escapes."""
    ended, late = await asyncio.wait(map(asyncio.create_task, endings), timeout=seconds_max)
    for task in late:
        task.cancel()
    for task in ended:
        if task.cancelled() or task.exception():  # aiokafka hands on the cancellation of a task of its own
            _log.warning("left without a word: %s", "cancelled" if task.cancelled() else repr(task.exception()))


def end_at_the_latest(seconds: float, code: int) -> None:
    """End this process after so many seconds, whatever holds it up then: a server that does not answer, a thread."""
    timer = threading.Timer(seconds, leave, (code,))
    timer.daemon = True
    timer.start()


def leave(code: int) -> None:
    """End this process at once, whatever its tasks and threads wait for."""
    logging.shutdown()
    os._exit(code)
