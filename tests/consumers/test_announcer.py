"""Pages that Kafka does not take are known to be late, however silent its client is about them."""

import asyncio
import time
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import RecordMetadata

from consumers import announcer
from consumers.announcer import Announcer
from models.catalogue import LOGINS
from models.tally import Page
from tests.doubles.clock import Clock

SOURCE = TopicPartition(LOGINS.topic, 0)
PAGE = Page(
    topic=LOGINS.topic,
    partition=0,
    partitions=8,
    epoch=1,
    revision=1,
    newest_at=None,
    totals={},
    days={},
)


class Producer:
    """Takes pages while it is open; else a client that is stuck: it neither answers nor fails."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.sent: list[Page] = []

    async def send_and_wait(self, _topic: str, **what: Any) -> RecordMetadata:
        """Take one page; the offset is its number."""
        page = Page.model_validate_json(what["value"])
        await self.open.wait()
        self.sent.append(page)
        return RecordMetadata(None, None, None, len(self.sent) - 1, None, 0, 0)


async def test_pages_that_are_not_taken_are_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as any waits; newer ones in its place make it no younger."""
    monkeypatch.setattr(announcer, "_LATE_SECONDS", -1.0)
    producer = Producer()
    tried = Announcer(producer)
    assert not tried.is_late()
    tried.offer({SOURCE: PAGE}, time.monotonic())
    assert tried.is_late()
    sending = asyncio.create_task(tried.flush())
    await asyncio.sleep(0)
    tried.offer({SOURCE: PAGE.model_copy(update={"revision": 2})}, time.monotonic())
    producer.open.set()
    await sending
    assert tried.is_late()
    await tried.flush()
    assert not tried.is_late()
    assert {page.revision for page in producer.sent} == {1, 2}


async def test_pages_that_have_just_been_offered_are_not_late() -> None:
    """Kafka may take some seconds for them."""
    tried = Announcer(Producer())
    tried.offer({SOURCE: PAGE}, time.monotonic())
    assert not tried.is_late()


async def test_a_page_says_when_the_ledger_had_it_by_what_kafka_took_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it took nothing for a while, one page goes first, for the others. Never rounded in its favour."""
    producer, clock = Producer(), Clock(100.0)
    producer.open.set()
    monkeypatch.setattr(announcer, "time", clock)
    tried = Announcer(producer)
    for had_at, sent_at in ((100.0, 101.96), (101.99, 102.0), (107.5, 119.0)):
        tried.offer({SOURCE: PAGE}, had_at)
        clock.now = sent_at
        await tried.flush()
    assert [(page.after_offset, page.after_seconds) for page in producer.sent] == [
        (None, 0.0),  # nobody knows
        (0, -2.0),
        (1, 0.0),
        (2, 5.5),
        (3, -11.5),
    ]


async def test_what_a_page_says_is_from_before_it_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka took it nine seconds after it was sent."""
    producer, clock = Producer(), Clock(100.0)
    monkeypatch.setattr(announcer, "time", clock)
    tried = Announcer(producer)
    tried.offer({SOURCE: PAGE}, 100.0)
    flushing = asyncio.create_task(tried.flush())
    await asyncio.sleep(0)
    clock.now = 109.0
    producer.open.set()
    await flushing
    assert [(page.after_offset, page.after_seconds) for page in producer.sent] == [(None, 0.0), (0, -9.0)]
