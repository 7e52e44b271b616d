"""Plays one crash: brings a process to its point with work in hand, and sees it die there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.crashes.children import Child
from tests.crashes.consumer_points import COMMITTED_UNHEARD
from tests.crashes.hand import Late
from tests.crashes.planted import Bug
from tests.crashes.points import Point, Scene
from tests.crashes.stage import Stage, await_that, is_killed


@dataclass(frozen=True)
class Crash:
    """A crash that happened: what the process said it had in hand, and what Postgres had then."""

    late: Late
    report: dict[str, Any]
    recorded: int
    published: int
    is_late_day_recorded: bool


class Play:
    """One crash at one point."""

    def __init__(self, stage: Stage, point: Point, bugs: tuple[Bug, ...]) -> None:
        self._stage = stage
        self._point = point
        self._bugs = bugs
        self._late = stage.choose_late()
        self._answered = 0

    async def run(self) -> Crash:
        """Bring a process to the point and see it die; return what it had in hand."""
        child = await _PREPARE[self._point.role, self._point.scene](self)
        await self._see_it_die(child)
        (report,) = child.reports("fired")
        crash = Crash(
            self._late,
            report,
            await self._stage.count_recorded(),
            self._stage.account.records,
            await self._stage.is_late_day_recorded(self._late),
        )
        await self._stage.bury(self._point.role)
        return crash

    async def start_consumer_after_another(self) -> Child:
        """Let a first process lose the announcement of the late day, publish more, and start the second."""
        await self._stage.publish_late(self._late)
        first = self._stage.start_to_point(COMMITTED_UNHEARD, self._late)
        await self._see_it_die(first)
        await self._stage.bury(self._point.role)
        await self._stage.publish_batch(self._late)
        return self._start()

    async def start_consumer(self) -> Child:
        """Publish first, so that the first fetch has it all."""
        await self._stage.publish_late(self._late)
        return self._start()

    async def start_consumer_before_the_late_fact(self) -> Child:
        """Publish a batch without the late fact."""
        await self._stage.publish_batch(self._late)
        return self._start()

    async def start_worker_after_the_late_fact(self) -> Child:
        """Let the late day be announced while no stream worker is there."""
        self._stage.dismiss("total")
        await self._stage.publish_late(self._late)
        await self._stage.await_recorded()
        return self._start()

    async def arm_worker(self) -> Child:
        """Publish to a stream worker that is the active one."""
        child = await self.arm_worker_before_the_late_fact()
        await self._stage.publish_late(self._late)
        return child

    async def arm_worker_before_the_late_fact(self) -> Child:
        """Let an active stream worker run to the point from now on."""
        child = await self._stage.find("total")
        child.arm(self._point.name, self._late)
        await await_that(lambda: _is_armed(child), "the stream worker is armed")
        return child

    def _start(self) -> Child:
        return self._stage.start_to_point(self._point, self._late, *self._bugs)

    async def _see_it_die(self, child: Child) -> None:
        """Wait for the end; whenever the process waits, give it what its scene says."""

        async def is_over() -> bool:
            if len(child.reports("waits")) > self._answered and not child.ended:
                self._answered += 1
                await self._answer(child)
            return child.ended

        await await_that(is_over, f"the death at {self._point.name!r}, see {child.log}")
        assert is_killed(child), f"the process ended with {child.process.poll()}, see {child.log}"

    async def _answer(self, child: Child) -> None:
        """Give a process that waits what it waits for; the late fact once, however many of its tasks wait."""
        if self._point.scene is Scene.AFTERWARDS and self._answered == 1:
            await self._stage.publish_late(self._late)
        else:
            await self._stage.publish_batch(self._late)
        if self._point.scene is Scene.STOP:
            child.process.terminate()


async def _is_armed(child: Child) -> bool:
    """Tell whether an order to run to a point has been obeyed."""
    return bool(child.reports("armed"))


_PREPARE: Final[dict[tuple[str, Scene], Callable[[Play], Awaitable[Child]]]] = {
    ("consume", Scene.START): Play.start_consumer_after_another,
    ("consume", Scene.BATCH): Play.start_consumer,
    ("consume", Scene.MORE): Play.start_consumer,
    ("consume", Scene.AFTERWARDS): Play.start_consumer_before_the_late_fact,
    ("consume", Scene.STOP): Play.start_consumer,
    ("total", Scene.START): Play.start_worker_after_the_late_fact,
    ("total", Scene.BATCH): Play.arm_worker,
    ("total", Scene.AFTERWARDS): Play.arm_worker_before_the_late_fact,
    ("total", Scene.STOP): Play.arm_worker,
}


async def crash(stage: Stage, point: Point, *bugs: Bug) -> Crash:
    """Kill a process at a point, with planted bugs if any. Raises AssertionError when it does not die there."""
    return await Play(stage, point, bugs).run()
