"""What is to be seen of a crash: that the process died with work in hand, and that whoever goes on makes all exact."""

from typing import Final

from tests.crashes.planted import Bug
from tests.crashes.play import Crash, crash
from tests.crashes.points import Point, Scene
from tests.crashes.stage import Stage, await_that
from tests.crashes.theatre import Theatre

# 10 s: the consumer announces every page again after five; what is not shown by then never is.
_HEALED_SECONDS_MAX: Final = 10.0


async def survive(theatre: Theatre, point: Point) -> None:
    """Kill a process at a point, and see that another one loses and doubles nothing."""
    stage = await theatre.set_up(point.role)
    prove(point, await crash(stage, point))
    await go_on(stage, point)
    theatre.keep(stage)


def prove(point: Point, happened: Crash) -> None:
    """Check from outside that the process died with work in hand."""
    assert happened.report["idle"] == f"{happened.late.topic}/{happened.late.partition}"
    assert happened.is_late_day_recorded == point.is_late_day_recorded
    assert happened.recorded < happened.published or not point.is_work_left


async def go_on(stage: Stage, point: Point, *bugs: Bug) -> None:
    """Let a process go on where the dead one stopped, and wait until all is exact.

    With bugs it never will be: then only so long as the announcements of a process that is up would need.
    """
    if point.role == "total":
        worker = stage.replace("total", *bugs)
        await await_that(worker.is_up, f"the next one answers, see {worker.log}")
        await stage.await_exact(worker, _HEALED_SECONDS_MAX if bugs else None)
        return
    successor = stage.start("consume", *bugs)
    await await_that(successor.is_up, f"the next one answers, see {successor.log}")
    await stage.await_exact(await stage.find("total"), _HEALED_SECONDS_MAX if bugs else None)
    if point.scene is Scene.AFTERWARDS:
        await stage.await_refused()
    assert successor.end() == 0, f"it does not end well, see {successor.log}"


async def stay_exact(stage: Stage, point: Point, *bugs: Bug) -> None:
    """Let a process go on, and look on for a while when all is exact."""
    await go_on(stage, point, *bugs)
    await stage.stay_exact(await stage.find("total"), _HEALED_SECONDS_MAX)
