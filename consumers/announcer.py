"""Announces the pages of source partitions on the tallies topic: the newest of each, never more often than needed."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from models.tally import Page
from models.topics import TALLIES

_log = logging.getLogger(__name__)

# 1 s: how long a page waits when Kafka does not take it; a newer one replaces it meanwhile.
_RETRY_SECONDS: Final = 1.0
# 10 s: twice as long as Kafka may take for one request.
_LATE_SECONDS: Final = 10.0


class Announcer:
    """Sends what was offered at once, and what is offered until Kafka has that, together after it."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._waiting: dict[TopicPartition, tuple[Page, float]] = {}  # each with when it was offered
        self._offered = asyncio.Event()
        self._behind_since: float | None = None  # since when pages wait, and none of that time has Kafka had them all

    def offer(self, pages: Mapping[TopicPartition, Page]) -> None:
        """Hand over pages that are committed; an older one of the same source partition need not be sent any more."""
        now = time.monotonic()
        self._waiting.update({source: (page, now) for source, page in pages.items()})
        self._offered.set()
        if self._behind_since is None:
            self._behind_since = now

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
            await asyncio.gather(*(self._send(*offered) for offered in pages.values()))
        except KafkaError as error:
            _log.warning("%d pages wait, Kafka does not take them: %s", len(pages), type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
            self._offered.set()
        else:
            self._waiting = {source: page for source, page in self._waiting.items() if page is not pages.get(source)}
            self._behind_since = began_at if self._waiting else None

    async def _send(self, page: Page, offered_at: float) -> None:
        """Send one page, with how long it has waited, and wait until Kafka has it."""
        waited = round(time.monotonic() - offered_at, 1)
        value = page.model_copy(update={"waited_seconds": waited}).model_dump_json().encode()
        # By number: who gives the topic more partitions must not divide the pages among workers.
        await self._producer.send_and_wait(TALLIES.name, partition=0, key=_key(page), value=value)


def _key(page: Page) -> bytes:
    """Return the key under which compaction keeps one page a source partition of a ledger, whoever writes others."""
    return f"{page.ledger}/{page.topic}/{page.partition}".encode()
