"""What changes while the system runs: more partitions, a newer program beside the old one; totals stay exact."""

import asyncio
import os
import subprocess
import sys
from uuid import uuid4

from aiokafka.admin import NewPartitions

from brokers.clients import open_admin
from models.catalogue import ACCOUNTS, KINDS, LOGINS, type_of
from models.topics import PARTITIONS
from tests.integration.events import make_event, make_record, to_record
from tests.integration.laws import find_drifts, watch_logins
from tests.integration.newer.kinds import CARDS, NEW_LOGINS, NewPortalLoggedIn
from tests.integration.system import Process, System, total_of, wait_for_total, wait_until

NEWER = "tests.integration.newer"


async def test_partitions_are_added_while_records_arrive(system: System) -> None:
    """New ones are read from their beginning, no total is hidden or dips, and a retry is known in any of them."""
    system.start("consume")
    worker = system.start("total")
    system.start("consume")
    records = [make_record(LOGINS) for _ in range(100)]
    await system.publish(records)
    await wait_for_total(worker, LOGINS, 100)
    async with watch_logins(worker):
        async with open_admin(system.bootstrap) as admin:
            await admin.create_partitions({LOGINS.topic: NewPartitions(total_count=PARTITIONS + 4)})
        more = [make_record(LOGINS) for _ in range(200)]
        await system.publish(more)
        await wait_for_total(worker, LOGINS, 300)
    (row,) = await system.fetch("SELECT count(*) FROM progress WHERE topic = $1 AND consumed > 0", LOGINS.topic)
    assert row[0] > PARTITIONS
    await system.publish(records)  # by now many of these keys choose another partition than before
    await system.await_consumed(400)
    assert total_of(worker, LOGINS) == 300
    assert await find_drifts(system, worker) == []


async def test_a_newer_program_runs_beside_the_old_one_and_takes_over(system: System) -> None:
    """It brings a kind, a second version of a class and a schema; the old one goes on, and may even begin anew."""
    old, old_worker = system.start("consume"), system.start("total")
    await system.publish([make_record(LOGINS) for _ in range(50)])
    await wait_for_total(old_worker, LOGINS, 50)
    async with watch_logins(old_worker):
        system.start_module("consume", NEWER, "consume")
        await system.publish([make_record(LOGINS) for _ in range(50)])
        await wait_for_total(old_worker, LOGINS, 100)
        assert old.end() == 0
        old = system.start("consume")  # its schema is older than the ledger's
        await system.publish([make_record(LOGINS) for _ in range(50)])
        await wait_for_total(old_worker, LOGINS, 150)
    new_worker = system.start_module("total", NEWER, "total")
    assert old.end() == 0
    assert old_worker.end() == 0
    await wait_for_total(new_worker, LOGINS, 150)

    second = make_event(LOGINS, type=type_of(NewPortalLoggedIn), data={"device": "phone"})
    card = make_event(ACCOUNTS, type=CARDS.type) | {"data": {"card": str(uuid4()), "province": "01"}}
    await system.publish([make_record(LOGINS), to_record(NEW_LOGINS, second), to_record(CARDS, card)])
    await wait_for_total(new_worker, LOGINS, 152)
    await wait_for_total(new_worker, CARDS, 1)
    rows = await system.fetch("SELECT device, count(*) FROM portal_logged_in GROUP BY device ORDER BY device")
    assert [tuple(row) for row in rows] == [("phone", 1), (None, 151)]
    recounted = await asyncio.to_thread(run_newer, system, new_worker, "recount")
    assert recounted.returncode == 0, recounted.stdout + recounted.stderr
    assert "cards_issued: 1 facts in the ledger, tallies, counters and shown totals agree" in recounted.stdout
    wait_until(lambda: all(total_of(new_worker, kind) is not None for kind in (*KINDS, CARDS)), "all are shown")


def run_newer(system: System, worker: Process, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the next version."""
    told = {
        "DATABASE_URL": system.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": system.bootstrap,
        "ONBOARDING_TOTALS_URL": f"http://127.0.0.1:{worker.port}/metrics",
    }
    argv = [sys.executable, "-m", NEWER, *words]
    return subprocess.run(argv, env={**os.environ, **told}, capture_output=True, text=True, check=False)
