"""Kills a stream worker at every step between page and page; what is shown stays exact."""

import pytest

from tests.crashes.points import Point
from tests.crashes.proof import survive
from tests.crashes.theatre import Theatre
from tests.crashes.worker_points import WORKER_POINTS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest.mark.parametrize("point", WORKER_POINTS, ids=str)
async def test_a_stream_worker_killed_at_any_step_loses_and_doubles_nothing(theatre: Theatre, point: Point) -> None:
    """Another one shows exact totals, though the consumer announces nothing again."""
    await survive(theatre, point)
