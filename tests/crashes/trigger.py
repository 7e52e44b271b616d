"""Ends this process at one point: when it comes there with everything in hand that the point asks for."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final

import asyncpg

from tests.crashes.hand import Hand
from tests.crashes.places import Call, Place, Step
from tests.crashes.points import Moment, Point

# What asyncpg sends at the end of a transaction.
_COMMIT: Final = "COMMIT;"
_IS_IDLE: Final = "SELECT state = 'idle' FROM pg_stat_activity WHERE pid = $1"
_LOOK_SECONDS: Final = 0.005


class Trigger:
    """Watches one point."""

    def __init__(self, point: Point, hand: Hand) -> None:
        self._point = point
        self._hand = hand

    def set(self) -> None:
        """Surround the point's function."""
        place = Place(self._point.place)
        if self._point.moment is Moment.UNHEARD:
            place.replace(self._make_unheard)
            return
        step: Step = self._wait if self._point.waits else self._strike
        if self._point.moment is Moment.BEFORE:
            place.surround(before=step)
        else:
            place.surround(after=step)

    def set_brake(self) -> None:
        """Surround the function at which the process is held up; outside of every tap."""
        brake = self._point.brake
        if brake is not None and brake.moment is Moment.BEFORE:
            Place(brake.place).surround(before=self._hold)
        elif brake is not None:
            Place(brake.place).surround(after=self._hold)

    def _is_here(self, call: Call) -> bool:
        """Tell whether a call is the one that the point is about."""
        return self._hand.is_within(self._point.within) and self._point.concerns(self._hand.late, call)

    def _strike(self, call: Call) -> None:
        """End the process if it has everything in hand."""
        if self._is_here(call) and self._hand.has(self._point.needs):
            self._hand.die()

    async def _wait(self, call: Call) -> None:
        """End the process as soon as it has everything in hand."""
        if self._is_here(call):
            await self._hand.await_needs(self._point.needs)
            self._hand.die()

    async def _hold(self, _call: Call) -> None:
        """Hold the process up until it has more in hand."""
        brake = self._point.brake
        if brake is not None and self._hand.has(brake.begins):
            await self._hand.await_needs(brake.until)

    def _make_unheard(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        """Return an `execute` whose COMMIT is carried out by Postgres, while its answer is never read."""

        async def execute_unheard(connection: Any, query: str, *arguments: Any, **options: Any) -> Any:
            call = Call((connection, query))
            if query != _COMMIT or not self._is_here(call) or not self._hand.has(self._point.needs):
                return await execute(connection, query, *arguments, **options)
            connection._transport.pause_reading()  # noqa: SLF001 - asyncpg shows its socket to nobody
            committing = asyncio.create_task(execute(connection, query))
            await _await_idle(connection.get_server_pid())
            if committing.done():
                raise RuntimeError("the answer to COMMIT was read")
            return self._hand.die()

        return execute_unheard


async def _await_idle(backend: int) -> None:
    """Wait until a backend of Postgres has nothing more to do, as another connection sees it."""
    observer = await asyncpg.connect(os.environ["DATABASE_URL"])
    while not await observer.fetchval(_IS_IDLE, backend):  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(_LOOK_SECONDS)
