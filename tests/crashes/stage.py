"""Where crashes are played: a broker, a database, the processes on them, and the account of what was published."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaProducer

from models.catalogue import KINDS
from tests.containers.ports import choose_port
from tests.crashes.accounts import Account, find_errors, find_wrong_totals
from tests.crashes.batches import SOURCES, Outcome, Sending, late_day, make_batch, make_first, make_late
from tests.crashes.children import Child
from tests.crashes.departed import leave_for_the_dead
from tests.crashes.hand import Late
from tests.crashes.launcher import ORDER, run, run_to_point
from tests.crashes.planted import Bug
from tests.crashes.points import Point
from tests.crashes.refused_topic import read_refused
from tests.integration.events import make_event

GROUPS: Final = {"consume": "onboarding-consumers", "total": "onboarding-totals"}
# 90 s: many times what anything here takes on a busy machine; it only bounds a test that has failed.
SECONDS_MAX: Final = 90.0
LOOK_SECONDS: Final = 0.05


@dataclass
class Stage:
    """One ledger with its topics."""

    bootstrap: str
    database_url: str
    folder: Path
    account: Account = field(default_factory=Account)
    children: list[Child] = field(default_factory=list)
    _standing: dict[str, Child] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)
    _stored: dict[str, Any] = field(default_factory=lambda: make_event(KINDS[0]))

    async def open(self) -> None:
        """Connect the checker and the publisher."""
        self.connection = await asyncpg.connect(self.database_url)
        self._producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        await self._producer.start()

    async def close(self) -> None:
        """End every process and disconnect."""
        for child in self.children:
            child.kill()
        for role in GROUPS:
            await self.bury(role)
        await self.connection.close()
        await self._producer.stop()

    def start(self, role: str, *bugs: Bug) -> Child:
        """Start an ordinary process, or one with planted bugs."""
        child = self._make_child(role)
        child.start(run, role, bugs)
        return child

    def start_to_point(self, point: Point, late: Late, *bugs: Bug) -> Child:
        """Start a process that runs to a crash point."""
        child = self._make_child(point.role)
        child.start(run_to_point, point.name, late, bugs)
        return child

    async def find(self, role: str, *bugs: Bug) -> Child:
        """Return the process of a role that stays from crash to crash; start one where there is none."""
        standing = self._standing.get(role)
        if standing is None or standing.ended:
            standing = self.replace(role, *bugs)
        await await_that(standing.is_ready, f"{role} is ready, see {standing.log}")
        return standing

    def replace(self, role: str, *bugs: Bug) -> Child:
        """Start the process that stays, in the place of one that is dead."""
        self._standing[role] = self.start(role, *bugs)
        return self._standing[role]

    def dismiss(self, role: str) -> None:
        """End the process of a role that stayed."""
        standing = self._standing.pop(role, None)
        assert standing is None or standing.ended or standing.end() == 0, f"it does not end well, see {standing.log}"

    def _make_child(self, role: str) -> Child:
        port, number = choose_port(), len(self.children)
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "DATABASE_URL": self.database_url,
            "ONBOARDING_CONSUMER_PORT": str(port),
            "ONBOARDING_TOTALS_PORT": str(port),
            ORDER: str(self.folder / f"order-{number}"),
            "ONBOARDING_STATE_DIR": str(self.folder / f"state-{number}"),
        }
        child = Child(port, self.folder / f"{number:03}-{role}.log", environment)
        self.children.append(child)
        return child

    def choose_late(self) -> Late:
        """Choose the partition that is to be idle, and the late day of its fact."""
        number = next(self._numbers)
        topic, partition = SOURCES[number % len(SOURCES)]
        facts = self.account.facts_of((topic, partition)) + 1
        return Late(topic, partition, late_day(number).isoformat(), facts)

    async def publish_first(self) -> None:
        """Publish the fact that every later batch sends again."""
        await self._publish([make_first(self._stored)])

    async def publish_batch(self, late: Late) -> None:
        """Publish records for every partition but the idle one."""
        await self._publish(make_batch(late.source, self._stored))

    async def publish_late(self, late: Late) -> None:
        """Publish the late fact, behind a batch."""
        await self._publish([*make_batch(late.source, self._stored), make_late(late.source, late.date)])

    async def _publish(self, sendings: Iterable[Sending]) -> None:
        """Publish records, each acknowledged, and enter them into the account."""
        sent = [(sending, await self._send(sending)) for sending in sendings]
        for sending, acknowledged in sent:
            placed = await acknowledged
            self._enter(sending, placed.offset + 1)

    async def _send(self, sending: Sending) -> Any:
        record = sending.record
        return await self._producer.send(record.topic, record.value, key=record.key, partition=sending.partition)

    def _enter(self, sending: Sending, next_offset: int) -> None:
        """Enter an acknowledged record into the account."""
        source = sending.source
        self.account.next_offsets[source] = max(self.account.next_offsets.get(source, 0), next_offset)
        if sending.outcome is Outcome.FACT:
            self.account.facts[*source, sending.day] += 1
        elif sending.outcome is Outcome.RETRY:
            self.account.retries[source] += 1
        else:
            self.account.refused[source] += 1
            self.account.refused_places.add((*source, next_offset - 1))

    async def die_at_start(self, point: Point) -> None:
        """See a first process die before it has anything in hand."""
        child = self.start_to_point(point, self.choose_late())
        await await_that(lambda: _has_ended(child), f"the death at {point.name!r}, see {child.log}")
        assert is_killed(child), f"the process ended with {child.process.poll()}, see {child.log}"

    async def bury(self, role: str) -> None:
        """Let Kafka know that whoever was in a group is dead."""
        await leave_for_the_dead(self.bootstrap, GROUPS[role])

    async def is_late_day_recorded(self, late: Late) -> bool:
        """Tell whether Postgres has the late day of the idle partition."""
        found: int | None = await self.connection.fetchval(
            "SELECT facts FROM tally WHERE topic = $1 AND kafka_partition = $2 AND day = $3 AND dimension = 'all'",
            *late.source,
            date.fromisoformat(late.day),
        )
        return found == 1

    async def count_recorded(self) -> int:
        """Return how many records Postgres has recorded."""
        return int(await self.connection.fetchval("SELECT coalesce(sum(consumed), 0) FROM progress"))

    async def await_recorded(self, seconds_max: float | None = None) -> None:
        """Wait until everything is recorded as it should be. Raises InexactError when it never will be."""
        await await_nothing(lambda: find_errors(self.connection, self.account), seconds_max)

    async def await_exact(self, worker: Child, seconds_max: float | None = None) -> None:
        """Wait until ledger, tallies and shown totals are exact. Raises AssertionError with what is not."""
        await self.await_recorded(seconds_max)

        async def find_wrong() -> list[str]:
            return find_wrong_totals(self.account, await worker.scrape())

        await await_nothing(find_wrong, seconds_max)
        await self.await_recorded(seconds_max)

    async def stay_exact(self, worker: Child, seconds: float) -> None:
        """Look on for a while. Raises AssertionError when what was exact is no longer so."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            wrong = find_wrong_totals(self.account, await worker.scrape())
            assert not wrong, "; ".join(wrong)
            await asyncio.sleep(LOOK_SECONDS)

    async def await_refused(self) -> None:
        """Wait until refused records count as published. Raises AssertionError when one is not on the topic."""

        async def are_marked() -> bool:
            return not await self.connection.fetchval("SELECT count(*) FROM refused WHERE published_at IS NULL")

        await await_that(are_marked, "all refused records are marked as published")
        missing = self.account.refused_places - await read_refused(self.bootstrap)
        assert not missing, f"never published as refused: {missing}"


async def await_nothing(find: Callable[[], Awaitable[list[str]]], seconds_max: float | None) -> None:
    """Wait until nothing wrong is found."""
    deadline = time.monotonic() + (seconds_max or SECONDS_MAX)
    while wrong := await find():
        assert time.monotonic() < deadline, "; ".join(wrong)
        await asyncio.sleep(LOOK_SECONDS)


async def await_that(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until a condition of another process holds."""
    deadline = time.monotonic() + SECONDS_MAX
    while not await holds():
        assert time.monotonic() < deadline, f"{what}: not within {SECONDS_MAX:g} s"
        await asyncio.sleep(LOOK_SECONDS)


async def _has_ended(child: Child) -> bool:
    """Tell whether a process has ended."""
    return child.ended


def is_killed(child: Child) -> bool:
    """Tell whether a process ended by SIGKILL."""
    return child.process.poll() == -signal.SIGKILL
