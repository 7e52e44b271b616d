"""Kills a consumer at every step between poll and announce; what is counted stays exact.

Each crash has a partition that gets one fact, years late, and nothing more: whatever is lost of it stays lost.
"""

import pytest

from tests.crashes.consumer_points import CONSUMER_POINTS
from tests.crashes.points import Point
from tests.crashes.proof import survive
from tests.crashes.theatre import Theatre

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest.mark.parametrize("point", CONSUMER_POINTS, ids=str)
async def test_a_consumer_killed_at_any_step_loses_and_doubles_nothing(theatre: Theatre, point: Point) -> None:
    """Another one goes on, and the idle partition is never heard of again."""
    await survive(theatre, point)
