"""Kills a process at every step between poll and announce, in either role; what is counted stays exact.

Each crash has a partition that gets one fact, years late, and nothing more: whatever is lost of it stays lost.
"""

import pytest

from tests.crashes.consumer_points import CONSUMER_POINTS, FIRST_START
from tests.crashes.launcher import POINTS
from tests.crashes.places import Place, PlaceGoneError
from tests.crashes.planted import Bug
from tests.crashes.play import Crash, crash
from tests.crashes.points import Point, Scene
from tests.crashes.stage import Stage
from tests.crashes.theatre import Theatre
from tests.crashes.worker_points import WORKER_POINTS

pytestmark = pytest.mark.asyncio(loop_scope="module")

# 7 s: the consumer announces every page again after five; what is not shown by then never is.
_HEALED_SECONDS_MAX = 7.0
# One a class of bugs and role. --every-planted-bug tries every point.
_REPRESENTATIVES = ("claimed", "tallies added", "before the offer", "page taken", "offsets committed")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the points that are tried with a bug."""
    if "planted_point" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-planted-bug", default=False)
        names = POINTS.keys() - {point.name for point in FIRST_START} if every else set()
        chosen = names or set(_REPRESENTATIVES)
        metafunc.parametrize("planted_point", [POINTS[name] for name in POINTS if name in chosen], ids=str)


def _prove(point: Point, happened: Crash) -> None:
    """Check from outside that the process died with work in hand."""
    assert happened.report["idle"] == f"{happened.late.topic}/{happened.late.partition}"
    assert happened.is_late_day_recorded == point.is_late_day_recorded
    assert happened.recorded < happened.published or not point.is_work_left


async def _stay_exact(stage: Stage, point: Point, *bugs: Bug) -> None:
    """Let a process go on, and look on for a while when all is exact."""
    await _go_on(stage, point, *bugs)
    await stage.stay_exact(await stage.find("total"), _HEALED_SECONDS_MAX)


async def _go_on(stage: Stage, point: Point, *bugs: Bug) -> None:
    """Let a process go on where the dead one stopped, and wait until all is exact."""
    if point.role == "total":
        await stage.await_exact(stage.replace("total", *bugs), _HEALED_SECONDS_MAX if bugs else None)
        return
    successor = stage.start("consume", *bugs)
    await stage.await_exact(await stage.find("total"), _HEALED_SECONDS_MAX if bugs else None)
    if point.scene is Scene.AFTERWARDS:
        await stage.await_refused()
    assert successor.end() == 0, f"it does not end well, see {successor.log}"


@pytest.mark.parametrize("point", CONSUMER_POINTS, ids=str)
async def test_a_consumer_killed_at_any_step_loses_and_doubles_nothing(theatre: Theatre, point: Point) -> None:
    """Another one goes on, and the idle partition is never heard of again."""
    stage = await theatre.set_up("consume")
    _prove(point, await crash(stage, point))
    await _go_on(stage, point)
    theatre.keep(stage)


@pytest.mark.parametrize("point", WORKER_POINTS, ids=str)
async def test_a_stream_worker_killed_at_any_step_loses_and_doubles_nothing(theatre: Theatre, point: Point) -> None:
    """Another one shows exact totals, though the consumer announces nothing again."""
    stage = await theatre.set_up("total")
    _prove(point, await crash(stage, point))
    await _go_on(stage, point)
    theatre.keep(stage)


async def test_a_first_start_killed_at_every_step_is_done_by_the_next(theatre: Theatre) -> None:
    """Schema and topics are half made four times over; then a whole batch is counted."""
    stage = await theatre.make_empty()
    for point in FIRST_START:
        await stage.die_at_start(point)
    consumer = await stage.find("consume")
    await stage.publish_first()
    await stage.await_exact(await stage.find("total"))
    assert consumer.end() == 0


async def test_planted_bugs_are_caught(theatre: Theatre, planted_point: Point) -> None:
    """The same crash with a bug: a doubled count, a skipped offset, a lost announcement."""
    bug, in_the_dead = planted_point.planted
    stage = await theatre.set_up(planted_point.role)
    await crash(stage, planted_point, *([bug] if in_the_dead else []))
    with pytest.raises(AssertionError, match=_FINDINGS[bug]):
        await _stay_exact(stage, planted_point, *([] if in_the_dead else [bug]))


# What the checker must say, so that no other failure passes for it.
_FINDINGS = {
    Bug.FACTS_SKIPPED: "ledger",
    Bug.CLAIM_APART: "ledger",
    Bug.TALLIES_APART: "tallies .*: 2, not 1",
    Bug.ANNOUNCED_ONCE: "shown",
    Bug.MARKED_FIRST: "never published as refused",
    Bug.COUNTED_TWICE: "shows",
    Bug.NOT_CAUGHT_UP: "shown",
}


async def test_a_place_that_is_gone_is_told_at_once() -> None:
    """The catalogue names functions; one that was renamed must not make its test pass."""
    with pytest.raises(PlaceGoneError, match="is no function any more"):
        Place("consumers.ledger:_gone").surround()
