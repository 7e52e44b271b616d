"""A process that is stuck ends itself, for its supervisor to start it again; one that waits visibly does not."""

import asyncio
import signal
import time

import pytest

from models.catalogue import LOGINS
from runtime.ending import EXIT_CODE
from runtime.health import STANDSTILL_SECONDS_MAX
from tests.containers.ports import choose_port
from tests.containers.postgres import PostgresServer
from tests.integration.events import make_record
from tests.integration.system import Process, System, wait_for_total, wait_until

pytestmark = pytest.mark.slow


# Who makes no haste keeps the real limits: of a consumer, and so for both ways to be found out.
HASTE = 5
SICK = "tests.integration.sick"


@pytest.mark.parametrize(
    ("verb", "sicknesses", "haste"),
    [("consume", ["block-loop", "stop-coordinating", "stop-fetching"], 1), ("total", ["stop-feeding-agents"], HASTE)],
)
async def test_a_process_that_is_stuck_ends_itself(
    system: System, verb: str, sicknesses: list[str], haste: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its page may still say that it waits, or even that it works."""
    system.start("consume")  # a healthy one, which goes on announcing pages
    sick = {name: system.start_module(verb, SICK, verb, name, str(haste)) for name in sicknesses}
    began_at = time.monotonic()
    for process in sick.values():
        process.popen.send_signal(signal.SIGUSR1)
    ends = await asyncio.gather(*(asyncio.to_thread(_await_end, process) for process in sick.values()))
    with capsys.disabled():
        took = ", ".join(f"{name} {at - began_at:.0f} s" for name, (_code, at) in zip(sick, ends, strict=True))
        print(f"\n{verb} ended itself: {took}")  # noqa: T201 - figures of every run
    assert {name: code for name, (code, _at) in zip(sick, ends, strict=True)} == dict.fromkeys(sick, EXIT_CODE)


async def test_a_stream_worker_whose_place_in_the_group_is_lost_ends_itself(system: System) -> None:
    """It would wait for ever for a Kafka that answers everybody else; another one takes over."""
    system.start("consume")
    sick = system.start_module("total", SICK, "total", "stop-coordinating")
    await system.publish([make_record(LOGINS)])
    await wait_for_total(sick, LOGINS, 1)
    standby = await asyncio.to_thread(system.start, "total")
    sick.popen.send_signal(signal.SIGUSR1)
    code, _at = await asyncio.to_thread(_await_end, sick)
    assert code == EXIT_CODE
    await wait_for_total(standby, LOGINS, 1)


async def test_who_waits_for_postgres_is_left_alone(system: System, postgres_server: PostgresServer) -> None:
    """However long that takes, longer here than any standstill may last; both say what they wait for."""
    consumer = system.start("consume")
    postgres_server.freeze()
    try:
        auditor = system.launch(choose_port(), "audit", "onboarding", "audit")
        await system.publish([make_record(LOGINS)])
        await asyncio.to_thread(wait_until, lambda: auditor.read("healthz")[0] == 200, "the auditor answers")
        until = time.monotonic() + STANDSTILL_SECONDS_MAX + 15
        while time.monotonic() < until:
            for process in (consumer, auditor):
                assert (await asyncio.to_thread(process.read, "healthz"))[0] == 200
            await asyncio.sleep(1)
        assert "waiting for Postgres" in consumer.read("readyz")[1]
        assert "newest recount: Postgres" in auditor.read("readyz")[1]
    finally:
        postgres_server.thaw()
    await system.await_consumed(1)
    await asyncio.to_thread(wait_until, lambda: "Postgres" not in auditor.read("readyz")[1], "it does its jobs again")
    assert (consumer.popen.poll(), auditor.popen.poll()) == (None, None)


def _await_end(process: Process) -> tuple[int | None, float]:
    """Wait until a process has ended; return its exit code and when that was."""
    wait_until(lambda: process.popen.poll() is not None, f"a sick {process.verb} has ended")
    return process.popen.poll(), time.monotonic()
