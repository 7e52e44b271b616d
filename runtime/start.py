"""The start of a process: what it needs of a server is waited for, and said, as long as the server is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from runtime.ending import StartError
from runtime.health import Health

_log = logging.getLogger(__name__)

_Prepared = TypeVar("_Prepared")

_RETRY_SECONDS: Final = 1.0


def _name_nothing(_error: Exception) -> str:
    return ""


async def insist(
    health: Health,
    server: str,
    prepare: Callable[[], Awaitable[_Prepared]],
    *,
    away: tuple[type[Exception], ...],
    name: Callable[[Exception], str] = _name_nothing,
) -> _Prepared:
    """Prepare a server and return what comes of it, waiting for it as long as it is away or does not answer.

    away -- what is raised while it is; all else is raised again
    name -- says what is waited for after one of these where that is not the server; else ""
    """
    what = f"{server} at the start"
    while True:
        try:
            return await _say_meanwhile(health, what, prepare())
        except away as error:
            health.wait_for(name(error) or what)
            _log.warning("waiting for %s: %s", server, str(error).partition("\n")[0])
        await asyncio.sleep(_RETRY_SECONDS)


async def require(finding: Awaitable[str]) -> None:
    """Raise StartError with what a person has to mend, in one line, if anything is found."""
    if fault := await finding:
        raise StartError(fault)


async def _say_meanwhile(health: Health, what: str, preparing: Awaitable[_Prepared]) -> _Prepared:
    """Say what is waited for until it is there: a schema may take minutes, and a lock as long as others want."""
    task = asyncio.ensure_future(preparing)
    try:
        while not (await asyncio.wait({task}, timeout=_RETRY_SECONDS))[0]:
            health.wait_for(what)
    finally:
        task.cancel()
    return task.result()
