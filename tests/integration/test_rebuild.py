"""Tallies that somebody changed are made those of the ledger again, while records arrive and totals are watched."""

import asyncio

import asyncpg

from ledger.corrections import rebuild
from models.catalogue import ACCOUNTS, LOGINS
from operations.rebuild import read_differences
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.laws import find_drifts, watch_logins
from tests.integration.system import System, wait_for_total

CHANGE = """
UPDATE tally SET facts = facts - 1 WHERE topic = $1 AND dimension = 'all' AND facts > 1 RETURNING kafka_partition"""
WORDS = ("rebuild", "--why", "ticket 4711", "--by", "An")


async def test_a_rebuild_under_traffic_shows_nothing_below_the_old_or_the_new_number(system: System) -> None:
    """Two consumers record meanwhile; the correction is an epoch with a name under it, and the recount is clean."""
    consumer, worker = system.start("consume"), system.start("total")
    await system.publish([make_record(LOGINS) for _ in range(60)])
    await wait_for_total(worker, LOGINS, 60)
    assert consumer.end() == 0
    lost = len(await system.fetch(CHANGE, LOGINS.topic))
    assert lost > 0
    system.start("consume")
    system.start("consume")
    await system.publish([make_record(LOGINS) for _ in range(60)])
    await system.await_consumed(120)
    await wait_for_total(worker, LOGINS, 120 - lost)
    async with watch_logins(worker) as seen:
        rebuilding = asyncio.create_task(asyncio.to_thread(onboarding, system, *WORDS))
        published = 120
        while not rebuilding.done():
            await system.publish([make_record(LOGINS) for _ in range(10)])
            published += 10
        done = await rebuilding
        assert done.returncode == 0, done.stderr
        *cells, last = done.stdout.splitlines()
        assert (len(cells), last) == (lost, f"{lost} cells of the tallies differed from the ledger, and were set right")
        await wait_for_total(worker, LOGINS, published)
    assert seen[0] is not None
    assert seen[0] >= 120 - lost
    assert await find_drifts(system, worker) == []
    (epoch,) = await system.fetch("SELECT begun_by, why FROM ledger_epoch ORDER BY epoch DESC LIMIT 1")
    assert tuple(epoch) == ("An", "the tallies were rebuilt: ticket 4711")


async def test_what_is_right_is_left_alone(system: System) -> None:
    """No epoch without a reason."""
    system.start("consume")
    await system.publish([make_record(ACCOUNTS)])
    await system.await_consumed(1)
    before = await system.fetch("SELECT FROM ledger_epoch")
    assert onboarding(system, *WORDS).stdout == "0 cells of the tallies differed from the ledger\n"
    assert len(await system.fetch("SELECT FROM ledger_epoch")) == len(before)


async def test_what_another_correction_has_set_right_is_not_set_right_twice(system: System) -> None:
    """Differences of an older epoch are read again, not added."""
    system.start("consume")
    await system.publish([make_record(LOGINS) for _ in range(60)])
    await system.await_consumed(60)
    await system.fetch(CHANGE, LOGINS.topic)
    found = await read_differences(system.database_url, lambda _facts, _total: None)
    connections = [await asyncpg.connect(system.database_url) for _ in range(4)]
    rebuilt = await asyncio.gather(
        *(rebuild(connection, found.epoch, found.changes, ("An", "x")) for connection in connections)
    )
    for connection in connections:
        await connection.close()
    assert sorted(rebuilt) == [False, False, False, True]
    assert (await read_differences(system.database_url, lambda _facts, _total: None)).cells == 0
