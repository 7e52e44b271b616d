"""The loop of a consumer on doubles of Kafka and the ledger: whatever comes between, each record is committed once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import DEFAULT, Mock

import asyncpg
import pytest
from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from consumers.feed import Feed
from consumers.recorder import Recorder
from ledger.connection import LockNotAvailable
from models.decoding.many_records import decode_all
from models.tally import Page
from monitoring.metrics import ConsumerMetrics
from runtime.health import Health
from tests.doubles.kafka import OTHER, SOURCE, Kafka
from tests.doubles.ledger import CLAIM, Ledger

# 60 s: bounds a test that has failed.
SECONDS_MAX = 60.0
EACH_ONCE = [(SOURCE, offset) for offset in range(10)]


class Announcer:
    """Keeps every page that is offered."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.late = False

    def offer(self, pages: dict[TopicPartition, Page], _had_at: float) -> None:
        """Take pages."""
        self.pages += pages.values()

    def is_late(self) -> bool:
        """Tell what the test says."""
        return self.late

    def newest(self, source: TopicPartition) -> Page | None:
        """Return the last page of a source partition that was offered."""
        return next((page for page in reversed(self.pages) if page.partition == source.partition), None)


class Stage(NamedTuple):
    """A recorder, and everything that it works with."""

    recorder: Recorder
    kafka: Kafka
    ledger: Ledger
    announcer: Announcer
    claimant: Any
    health: Health

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Record while the block runs; end in good order after it."""
        async with asyncio.timeout(SECONDS_MAX), asyncio.TaskGroup() as group:
            group.create_task(self.recorder.run())
            yield
            self.recorder.stop()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition."""
        while not condition():  # noqa: ASYNC110 - doubles have no event for everything
            await asyncio.sleep(0)


@pytest.fixture
def stage(kafka: Kafka, feed: Feed) -> Stage:
    """Give a recorder that was just assigned two source partitions, one of them with ten records."""
    ledger, announcer, claimant, health = Ledger(), Announcer(), SimpleNamespace(superseded=False), Health()
    doubles: Any = {"claimant": claimant, "topics": SimpleNamespace(losing=frozenset()), "announcer": announcer}
    session: Any = ledger
    recorder = Recorder(feed, session, **doubles, metrics=ConsumerMetrics(CollectorRegistry()), health=health)
    return Stage(recorder, kafka, ledger, announcer, claimant, health)


async def test_what_is_fetched_is_committed_once_and_announced_with_its_version(stage: Stage) -> None:
    """And the process is ready once it has."""
    async with stage.running():
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
        await stage.until(lambda: (page := stage.announcer.newest(SOURCE)) and page.revision == 1)
        await stage.until(lambda: stage.health.ready)
    assert stage.ledger.recorded == EACH_ONCE
    page = stage.announcer.newest(SOURCE)
    assert page
    assert (page.ledger, page.epoch, page.partitions) == (CLAIM.ledger, CLAIM.epoch, 2)
    assert stage.recorder.owned == {SOURCE, OTHER}


@pytest.mark.parametrize("fault", [OSError(), TimeoutError(), asyncpg.DeadlockDetectedError("x")])
@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
async def test_a_fault_of_postgres_is_waited_out_whether_its_commit_was_heard_or_not(
    stage: Stage, fault: Exception, moment: str
) -> None:
    """The connection is given up, and recording goes on from where Postgres stands."""
    getattr(stage.ledger, moment).append(fault)
    async with stage.running():
        await stage.until(lambda: stage.ledger.heard.count("taken over"))
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
    assert stage.ledger.recorded == EACH_ONCE
    assert stage.ledger.heard.count("first taken over") == stage.ledger.heard.count("dropped") == 1


async def test_what_another_owner_has_recorded_meanwhile_is_not_recorded_again(stage: Stage) -> None:
    """The claim misses, and recording goes on behind what the other one did."""
    stage.kafka.during_fetch = lambda: stage.ledger.offsets.update({SOURCE: 4})
    async with stage.running():
        await stage.until(lambda: stage.ledger.heard.count("first taken over"))
        await stage.until(lambda: stage.ledger.heard.count("taken over"))
        stage.kafka.during_fetch = lambda: None
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
    assert stage.ledger.recorded == EACH_ONCE[4:]
    assert "dropped" not in stage.ledger.heard


async def test_a_frozen_owner_is_ended_before_the_next_attempt(stage: Stage) -> None:
    """It holds the lock of a source partition that is ours, and its session may last for ever."""
    stage.ledger.before_commit.append(LockNotAvailable("x"))
    async with stage.running():
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
    assert stage.ledger.heard.index("owners ended") < stage.ledger.heard.index("taken over")
    assert "dropped" not in stage.ledger.heard
    assert stage.ledger.recorded == EACH_ONCE


async def test_a_page_that_somebody_else_has_changed_is_read_again(stage: Stage) -> None:
    """A replay or a correction raises the revision between two batches of ours."""
    async with stage.running():
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
        read = stage.ledger.heard.count("page read 0")
        stage.ledger.revisions[SOURCE] = 7
        stage.kafka.logs[SOURCE].write(1)
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 11)
        await stage.until(lambda: (page := stage.announcer.newest(SOURCE)) and page.revision == 8)
    assert stage.ledger.heard.count("page read 0") == read + 1


async def test_all_of_a_take_over_is_asked_of_one_session(stage: Stage) -> None:
    """A server that takes over meanwhile is behind the next one: its pages would stand under the other's versions."""
    async with stage.running():
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
    together = {number for name, number in stage.ledger.asked if name in {"hold", "take_over", "read_page"}}
    assert together == {1}
    assert [name for name, number in stage.ledger.asked if number == 1] == ["hold", "take_over", *["read_page"] * 2]


async def test_a_gap_that_was_accepted_is_begun_from_again(stage: Stage) -> None:
    """A person's word reaches the process that owns the partition."""
    stage.ledger.stopped.add(SOURCE)
    async with stage.running():
        await stage.until(lambda: stage.ledger.heard.count("first taken over"))
        await stage.until(lambda: stage.kafka.paused == {SOURCE})
        stage.ledger.stopped.clear()
        stage.kafka.clock.advance(60)
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
    assert stage.ledger.recorded == EACH_ONCE


@pytest.mark.parametrize("why", ["the claim was superseded", "the connection was lost"])
async def test_who_may_have_lost_its_place_takes_over_again(stage: Stage, why: str) -> None:
    """Before anything more is recorded."""
    async with stage.running():
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
        if why == "the claim was superseded":
            stage.claimant.superseded = True
        else:
            stage.ledger.lost = True
        await stage.until(lambda: stage.ledger.heard.count("taken over"))
    assert stage.ledger.recorded == EACH_ONCE


async def test_what_our_program_fails_over_is_tried_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next life of the process is told before each try; nothing is passed over."""
    decode = Mock(side_effect=[ZeroDivisionError, *[DEFAULT] * 20], wraps=decode_all)
    monkeypatch.setattr("ledger.batch.decode_all", decode)
    async with stage.running():
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
    assert "tried 0 at 0" in stage.ledger.heard
    assert stage.ledger.recorded == EACH_ONCE


async def test_the_batch_in_hand_is_finished_before_the_end(stage: Stage) -> None:
    """What was fetched when the end was asked for is committed before there is one."""
    stage.kafka.during_fetch = stage.recorder.stop
    stage.ledger.may_commit.clear()
    asyncio.get_running_loop().call_later(0.05, stage.ledger.may_commit.set)
    async with asyncio.timeout(SECONDS_MAX):
        await stage.recorder.run()
    assert stage.ledger.recorded == EACH_ONCE


async def test_pages_that_kafka_does_not_take_are_no_readiness(stage: Stage) -> None:
    """Recording goes on, and what is shown does not."""
    stage.announcer.late = True
    async with stage.running():
        await stage.until(lambda: stage.health.waits_for("Kafka to take the pages of the totals"))
        await stage.until(lambda: stage.ledger.offsets[SOURCE] == 10)
    assert not stage.health.ready
