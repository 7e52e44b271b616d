"""Rebalances that kill nobody: no total is shown twice, and none is missed for long."""

import asyncio

import pytest

from models.catalogue import LOGINS
from tests.integration.system import System
from tests.integration.traffic import run_traffic


async def test_workers_that_join_and_leave_neither_double_nor_hide_the_totals(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sampled every 50 ms: whoever is the active one stands by before each rebalance, and one is active soon after."""
    system.start("consume")
    workers = [system.start("total"), system.start("total")]
    async with run_traffic(system, workers) as traffic:
        workers.append(await asyncio.to_thread(system.start, "total"))
        await traffic.await_moving()
        assert await asyncio.to_thread(workers[1].end) == 0
        await traffic.await_moving()
    gap = traffic.seen.longest_gap(LOGINS.metric)
    with capsys.disabled():
        print(f"\na worker joined and one left: no total for {gap:.1f} s at most")  # noqa: T201 - a figure of every run
