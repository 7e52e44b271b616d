"""What a fault is done to: two servers, four processes of ours, each on a port of its own, and who watches them."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from tests.alerts.watch import Watch, watching
from tests.containers.kafka import KafkaBroker
from tests.containers.ports import choose_port
from tests.containers.postgres import PostgresServer
from tests.integration.commands import onboarding
from tests.integration.system import Process, System
from upstream.publishing.outgoing import Outgoing

# The verbs of the processes that run between two faults.
ROLES: Final = {"consumer": "consume", "worker": "total", "standby": "total", "auditor": "audit"}
# 3.6 s between two recounts: a fault in numbers is to be seen within seconds.
_RECOUNT_HOURS: Final = "0.001"


@dataclass
class Stage:
    """Everything that a fault may touch."""

    kafka: KafkaBroker
    postgres: PostgresServer
    system: System
    watch: Watch
    ports: dict[str, int]
    running: dict[str, Process] = field(default_factory=dict)

    def start(self, role: str, *module: str, **settings: str) -> None:
        """Start the process of a role, or a module in its place, and wait until it is ready."""
        worker_urls = [f"http://127.0.0.1:{self.ports[name]}/metrics" for name in ("worker", "standby")]
        known = {"ONBOARDING_TOTALS_URL": ",".join(worker_urls), "ONBOARDING_RECOUNT_HOURS": _RECOUNT_HOURS}
        verb = ROLES[role]
        started = self.system.start_at(self.ports[role], verb, *(module or ("onboarding", verb)), **(known | settings))
        self.running[role] = started

    def end(self, role: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process of a role."""
        self.running.pop(role).end(number)

    def restart(self, role: str, **settings: str) -> None:
        """End the process of a role and start it again."""
        self.end(role)
        self.start(role, **settings)

    def type(self, *words: str) -> None:
        """Type a command of the operator's. Raises AssertionError with what it says when it fails."""
        done = onboarding(self.system, *words)
        assert done.returncode == 0, done.stdout + done.stderr

    async def publish(self, records: list[Outgoing]) -> None:
        """Publish records and wait until they are recorded."""
        before = await self.system.consumed()
        await self.system.publish(records)
        await self.system.await_consumed(before + len(records))

    @asynccontextmanager
    async def streaming(self, make: Callable[[], Outgoing], per_second: int) -> AsyncIterator[None]:
        """Publish records while the block runs."""
        streaming = asyncio.create_task(self._stream(make, per_second))
        try:
            yield
        finally:
            streaming.cancel()
            with suppress(asyncio.CancelledError):
                await streaming

    async def _stream(self, make: Callable[[], Outgoing], per_second: int) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.system.bootstrap) as producer:
            while True:
                for _ in range(max(1, per_second // 10)):
                    record = make()
                    await producer.send(record.topic, key=record.key, value=record.value)
                await asyncio.sleep(0.1)


@contextmanager
def open_stage(engine: Any, kafka: KafkaBroker, postgres: PostgresServer, url: str, folder: Path) -> Iterator[Stage]:
    """Give a stage with every process running; end them afterwards."""
    ports = {role: choose_port() for role in ROLES}
    targets = {
        "onboarding-consumer": [ports["consumer"]],
        "onboarding-totals": [ports["worker"], ports["standby"]],
        "onboarding-audit": [ports["auditor"]],
    }
    system = System(kafka.bootstrap, url, folder)
    try:
        with watching(engine, targets) as watch:
            stage = Stage(kafka, postgres, system, watch, ports)
            for role in ROLES:
                stage.start(role)
            yield stage
    finally:
        system.end_all()
