"""What the stream workers show: right after any restart, by one worker at a time, and never lower than before."""

import asyncio
import signal
import time
from collections.abc import Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS
from models.topics import TALLIES
from tests.integration.events import make_record
from tests.integration.sampling import Watch, watch
from tests.integration.system import System, wait_for_total, wait_until


async def _feed(system: System, until: asyncio.Event) -> int:
    """Publish a few records of every kind at a time until told to stop; return how many of each kind."""
    each = 0
    while not until.is_set():
        await system.publish(make_record(kind) for kind in KINDS for _ in range(10))
        each += 10
        await asyncio.sleep(0.05)
    return each


async def _await_all(system: System, worker_port: int, each: int) -> None:
    """Wait until a worker shows so many facts of every kind."""
    (worker,) = (process for process in system.processes if process.port == worker_port)
    for kind in KINDS:
        await wait_for_total(worker, kind, each)


def _report(seen: Watch, killed_at: float, tell: Callable[[str], None]) -> None:
    """Say what the sampling saw, and fail on a dip or on a total shown twice."""
    for kind in KINDS:
        name = kind.metric
        tell(
            f"{name}: minimum {seen.lowest(name):.0f}, longest gap {seen.longest_gap(name):.2f} s, "
            f"shown again {seen.recovery(name, killed_at):.2f} s after the kill"
        )
        assert seen.dips(name) == []
        assert seen.doubles(name) == 0


async def test_totals_neither_dip_nor_double_when_the_active_worker_is_killed(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second worker takes over while records arrive; sampled every 50 ms throughout."""
    system.start("consume")
    active, standby = system.start("total"), system.start("total")
    stop_feeding, stop_watching = asyncio.Event(), asyncio.Event()
    feeding = asyncio.create_task(_feed(system, stop_feeding))
    watching = asyncio.create_task(watch([active, standby], stop_watching))
    await asyncio.sleep(2)
    killed_at = time.monotonic()
    active.end(signal.SIGKILL)
    await asyncio.to_thread(wait_until, lambda: standby.value(LOGINS.metric) is not None, "the standby has taken over")
    stop_feeding.set()
    each = await feeding
    await _await_all(system, standby.port, each)
    stop_watching.set()
    seen = await watching
    with capsys.disabled():
        print()  # noqa: T201 - the figures belong into the output of every run
        _report(seen, killed_at, print)


async def test_a_frozen_worker_that_wakes_up_shows_nothing(system: System) -> None:
    """Stopped for longer than its session, then continued: it must not show a total beside its successor."""
    system.start("consume")
    active, standby = system.start("total"), system.start("total")
    await system.publish([make_record(LOGINS)])
    await wait_for_total(active, LOGINS, 1)
    stop_watching = asyncio.Event()
    watching = asyncio.create_task(watch([active, standby], stop_watching))
    active.popen.send_signal(signal.SIGSTOP)
    await asyncio.to_thread(wait_until, lambda: standby.value(LOGINS.metric) == 1, "the standby has taken over")
    await system.publish([make_record(LOGINS)])
    await wait_for_total(standby, LOGINS, 2)
    active.popen.send_signal(signal.SIGCONT)
    await asyncio.to_thread(wait_until, lambda: active.read("metrics")[0] == 200, "the frozen worker answers again")
    await asyncio.sleep(2)  # a window to do wrong in; what is asserted does not depend on its length
    stop_watching.set()
    seen = await watching
    assert seen.dips(LOGINS.metric) == []
    assert seen.doubles(LOGINS.metric) == 0


async def test_totals_are_right_after_a_restart_with_nothing_left(system: System) -> None:
    """The tallies topic emptied and the worker's data directory gone (each start here has a new one)."""
    consumer, worker = system.start("consume"), system.start("total")
    await system.publish(
        [make_record(IDENTITY_RECORDS) for _ in range(50)] + [make_record(ACCOUNTS) for _ in range(30)]
    )
    await wait_for_total(worker, IDENTITY_RECORDS, 50)
    await wait_for_total(worker, ACCOUNTS, 30)
    assert worker.end() == 0
    assert consumer.end() == 0
    await _empty_tallies(system.bootstrap)

    system.start("consume")
    restarted = system.start("total")
    await system.publish([make_record(ACCOUNTS)])
    await wait_for_total(restarted, IDENTITY_RECORDS, 50)
    await wait_for_total(restarted, ACCOUNTS, 31)
    await wait_for_total(restarted, LOGINS, 0)


async def _empty_tallies(bootstrap: str) -> None:
    """Delete the tallies topic, since Kafka empties no compacted one; the next process to start makes it anew."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([TALLIES.name])
    finally:
        await admin.close()


async def test_a_worker_alone_shows_the_totals_again_though_nothing_new_is_announced(system: System) -> None:
    """The consumers are gone; what the tallies topic holds is complete, so it is shown."""
    consumer, worker = system.start("consume"), system.start("total")
    await system.publish([make_record(LOGINS) for _ in range(7)])
    await wait_for_total(worker, LOGINS, 7)
    assert consumer.end() == 0
    assert worker.end() == 0
    await wait_for_total(system.start("total"), LOGINS, 7)


async def test_every_marginal_adds_up_to_its_total(system: System) -> None:
    """No cross product: the values of each dimension sum to the total, so `sum()` is right."""
    system.start("consume")
    worker = system.start("total")
    provinces = ["01", "24", "79", "96"]
    await system.publish(make_record(IDENTITY_RECORDS, data={"province": province}) for province in provinces * 5)
    await wait_for_total(worker, IDENTITY_RECORDS, 20)
    scraped = worker.scrape()
    for dimension in IDENTITY_RECORDS.counted:
        name = IDENTITY_RECORDS.metric_by(dimension)
        assert sum(value for (sample, _labels), value in scraped.items() if sample == name) == 20
