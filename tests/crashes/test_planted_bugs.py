"""A crash point that does not catch the bug planted there proves nothing; and a first start is killed at every step."""

import pytest

from tests.crashes.consumer_points import FIRST_START
from tests.crashes.launcher import POINTS
from tests.crashes.places import Place, PlaceGoneError
from tests.crashes.planted import Bug
from tests.crashes.play import crash
from tests.crashes.points import Point
from tests.crashes.proof import stay_exact
from tests.crashes.theatre import Theatre

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

# One a class of bugs and role. --every-planted-bug tries every point.
_REPRESENTATIVES = ("claimed", "tallies added", "before the offer", "page taken", "offsets committed")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the points that are tried with a bug."""
    if "planted_point" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-planted-bug", default=False)
        names = POINTS.keys() - {point.name for point in FIRST_START} if every else set()
        chosen = names or set(_REPRESENTATIVES)
        metafunc.parametrize("planted_point", [POINTS[name] for name in POINTS if name in chosen], ids=str)


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
        await stay_exact(stage, planted_point, *([] if in_the_dead else [bug]))


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
        Place("ledger.recording:_gone").surround()
