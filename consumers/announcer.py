"""Announces the pages of source partitions on the tallies topic: the newest of each, never more often than needed."""

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from models.tally import Page
from models.topics import TALLIES

_log = logging.getLogger(__name__)

# 1 s: how long a page waits when Kafka does not take it; a newer one replaces it meanwhile.
_RETRY_SECONDS: Final = 1.0
# 10 s: twice as long as Kafka may take for one request.
_LATE_SECONDS: Final = 10.0
# 1 s: what Kafka took longer ago tells too little of when a page is sent.
_TAKEN_SECONDS_MAX: Final = 1.0


class _Taken(NamedTuple):
    """The newest page that Kafka has told to have taken."""

    offset: int
    at: float


class Announcer:
    """Sends what was offered at once, and what is offered until Kafka has that, together after it.

    A page may wait long in the Kafka client, or in a broker that is frozen; nobody can tell by the page itself. So each
    says when the ledger had it, by the only clock that its readers have as well: the pages that Kafka took before.
    """

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._waiting: dict[TopicPartition, tuple[Page, float]] = {}  # each with when the ledger had it
        self._taken: _Taken | None = None
        self._offered = asyncio.Event()
        self._behind_since: float | None = None  # since when pages wait, and none of that time has Kafka had them all

    def offer(self, pages: Mapping[TopicPartition, Page], had_at: float) -> None:
        """Hand over pages that are committed; an older one of the same source partition need not be sent any more.

        had_at -- when the ledger had them, or a moment before, in seconds of `time.monotonic`
        """
        self._waiting.update({source: (page, had_at) for source, page in pages.items()})
        self._offered.set()
        if self._behind_since is None:
            self._behind_since = time.monotonic()

    def is_late(self) -> bool:
        """Tell whether pages wait for longer than Kafka can need for them: their totals are not current."""
        return self._behind_since is not None and time.monotonic() - self._behind_since > _LATE_SECONDS

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._offered.wait()
            await self.flush()

    async def flush(self) -> None:
        """Send every page that waits; each waits until Kafka has it, or a newer one takes its place."""
        self._offered.clear()
        began_at, pages = time.monotonic(), dict(self._waiting)
        try:
            if pages and (self._taken is None or began_at - self._taken.at > _TAKEN_SECONDS_MAX):
                await self._send(*next(iter(pages.values())))  # for the others to refer to
            await asyncio.gather(*(self._send(*offered) for offered in pages.values()))
        except KafkaError as error:
            _log.warning("%d pages wait, Kafka does not take them: %s", len(pages), type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
            self._offered.set()
        else:
            self._waiting = {source: page for source, page in self._waiting.items() if page is not pages.get(source)}
            self._behind_since = began_at if self._waiting else None

    async def _send(self, page: Page, had_at: float) -> None:
        """Send one page, with when the ledger had it, and wait until Kafka has it."""
        value = _date(page, had_at, self._taken).model_dump_json().encode()
        # By number: who gives the topic more partitions must not divide the pages among workers.
        taken = await self._producer.send_and_wait(TALLIES.name, partition=0, key=_key(page), value=value)
        self._taken = _Taken(taken.offset, time.monotonic())


def _date(page: Page, had_at: float, taken: _Taken | None) -> Page:
    """Return a page that says when the ledger had it, if anything is known to say it by."""
    if taken is None:
        return page
    seconds = math.floor((had_at - taken.at) * 10) / 10
    return page.model_copy(update={"after_offset": taken.offset, "after_seconds": seconds})


def _key(page: Page) -> bytes:
    """Return the key under which compaction keeps one page a source partition of a ledger, whoever writes others."""
    return f"{page.ledger}/{page.topic}/{page.partition}".encode()
