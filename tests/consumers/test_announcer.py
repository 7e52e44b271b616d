"""Pages that Kafka does not take are known to be late, however silent its client is about them."""

import asyncio
import time
from typing import Any

import pytest
from aiokafka import TopicPartition

from consumers import announcer
from consumers.announcer import Announcer
from models.catalogue import LOGINS
from models.tally import Page

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
        self.sent: list[bytes] = []

    async def send_and_wait(self, _topic: str, **what: Any) -> None:
        """Take one page."""
        await self.open.wait()
        self.sent.append(what["value"])


async def test_pages_that_are_not_taken_are_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as any waits; newer ones in its place make it no younger."""
    monkeypatch.setattr(announcer, "_LATE_SECONDS", -1.0)
    producer = Producer()
    tried = Announcer(producer)
    assert not tried.is_late()
    tried.offer({SOURCE: PAGE})
    assert tried.is_late()
    sending = asyncio.create_task(tried.flush())
    await asyncio.sleep(0)
    tried.offer({SOURCE: PAGE.model_copy(update={"revision": 2})})
    producer.open.set()
    await sending
    assert tried.is_late()
    await tried.flush()
    assert not tried.is_late()
    assert len(producer.sent) == 2


async def test_pages_that_have_just_been_offered_are_not_late() -> None:
    """Kafka may take some seconds for them."""
    tried = Announcer(Producer())
    tried.offer({SOURCE: PAGE})
    assert not tried.is_late()


async def test_a_page_says_how_long_it_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted anew each time it is sent; one that was offered again counts from then."""
    producer, now = Producer(), [100.0]
    producer.open.set()
    monkeypatch.setattr(time, "monotonic", lambda: now[-1])
    tried = Announcer(producer)
    for offered_at, sent_at in ((100.0, 100.0), (107.5, 119.96)):
        now.append(offered_at)
        tried.offer({SOURCE: PAGE})
        now.append(sent_at)
        await tried.flush()
    assert [Page.model_validate_json(value).waited_seconds for value in producer.sent] == [0.0, 12.5]
