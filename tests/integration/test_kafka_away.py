"""What stream workers do while Kafka is away: they show nothing, say so, and come back by themselves."""

import asyncio
import time

import pytest

from models.catalogue import LOGINS
from tests.containers.kafka import KafkaBroker
from tests.integration.system import Process, System, total_of, wait_until
from tests.integration.traffic import run_traffic

pytestmark = pytest.mark.slow

# 15 s: longer than two sessions and any request.
_AWAY_SECONDS = 15.0


def _kill(broker: KafkaBroker) -> None:
    broker.sigkill()


def _restart(broker: KafkaBroker) -> None:
    broker.restart()


_ABSENCES = {"frozen": (KafkaBroker.freeze, KafkaBroker.thaw), "killed": (_kill, _restart)}


@pytest.mark.parametrize("absence", _ABSENCES)
async def test_totals_move_again_soon_after_kafka_is_back(
    system: System, kafka_broker: KafkaBroker, absence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Away, the worker is alive, not ready, and shows no total, for it cannot know whether another one is active."""
    leave, come_back = _ABSENCES[absence]
    system.start("consume")
    workers = [system.start("total"), system.start("total")]
    async with run_traffic(system, workers) as traffic:
        await asyncio.to_thread(leave, kafka_broker)
        away_until = time.monotonic() + _AWAY_SECONDS
        for worker in workers:
            await asyncio.to_thread(_await_silence, worker)
        await asyncio.sleep(away_until - time.monotonic())
        await asyncio.to_thread(come_back, kafka_broker)
        seconds = await traffic.await_moving()
    with capsys.disabled():
        print(f"\nKafka {absence} for {_AWAY_SECONDS:.0f} s: totals moved {seconds:.1f} s after it was back")  # noqa: T201 - a figure of every run
    assert [worker.popen.poll() for worker in workers] == [None, None]


def _await_silence(worker: Process) -> None:
    """Wait until a worker shows nothing and says what it waits for; it must not be taken for dead."""
    wait_until(lambda: worker.read("readyz")[0] == 503, "a worker without Kafka is not ready")
    assert "Kafka" in worker.read("readyz")[1]
    wait_until(lambda: total_of(worker, LOGINS) is None, "a worker without Kafka shows nothing")
    assert worker.read("healthz")[0] == 200
