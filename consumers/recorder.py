"""The loop of a consumer process: fetch, decode, write, announce. Postgres owns progress; Kafka only delivers."""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError

from consumers.announcer import Announcer
from consumers.care import Care
from consumers.claimant import Claimant, ClaimBusyError
from consumers.feed import Feed, Portion
from consumers.outages import FAULTS, Backoff, BatchFailedError, blame, describe, name_fault
from consumers.pace import Pace
from consumers.telemetry import PartitionGauges, count_outcomes
from consumers.topic_watch import TopicWatch
from ledger.batch import Slice
from ledger.connection import LockNotAvailable
from ledger.pages import RunningPage
from ledger.progress import ClaimMissedError
from ledger.session import Ledger
from monitoring.metrics import ConsumerMetrics
from runtime.health import Health

_log = logging.getLogger(__name__)

# 3 s: how soon a page that was lost, or changed by somebody else, is announced again.
_REFRESH_SECONDS: Final = 3.0


class Recorder:
    """Records what a feed delivers, each batch in one transaction."""

    def __init__(  # noqa: PLR0913 - all that it works with
        self,
        feed: Feed,
        ledger: Ledger,
        *,
        claimant: Claimant,
        topics: TopicWatch,
        announcer: Announcer,
        metrics: ConsumerMetrics,
        health: Health,
    ) -> None:
        self._feed = feed
        self._ledger = ledger
        self._claimant = claimant
        self._topics = topics
        self._announcer = announcer
        self._metrics = metrics
        self._gauges = PartitionGauges(metrics)
        self._health = health
        self._recorded: dict[TopicPartition, int] = {}
        self._pages: dict[TopicPartition, RunningPage] = {}
        self._whose: UUID | None = None  # the ledger that the pages are of
        self._writing: asyncio.Task[None] | None = None
        self._care, self._pace = Care(), Pace()
        self._assignment = 0  # the one that was taken over last; the first of a feed has a greater number
        self._entered = False  # as an owner, in the life of this process
        self._blocked = False  # by the lock of a former owner
        self._backoff = Backoff()
        self._refreshed_at = 0.0
        self._stopping = False

    @property
    def owned(self) -> Collection[TopicPartition]:
        """The source partitions that are recorded here."""
        return self._recorded.keys()

    def stop(self) -> None:
        """End `run` after the batch in hand."""
        self._stopping = True

    async def run(self) -> None:
        """Record until stopped; waits for servers that are away. Raises only what is a bug."""
        while not self._stopping:
            try:
                await self._step()
            except NoOffsetForPartitionError:  # fetched before `begin` has sought
                self._feed.begin_again()
            except BatchFailedError as error:
                self._suspect(error)
            except (ClaimMissedError, ClaimBusyError, *FAULTS) as error:
                await self._wait_out(error)
        await self._end()

    def _suspect(self, error: BatchFailedError) -> None:
        """Begin again with care. Raises what a batch failed by where that does not help."""
        self._care.suspect(error)
        if self._writing is None:  # else it is another batch that failed, while it was decoded
            self._ledger.drop()
        self._feed.begin_again()

    async def _step(self) -> None:
        """Fetch and decode one batch while Postgres writes the batch before it; what is tried alone, after it."""
        if not self._feed.current or self._ledger.lost or self._claimant.superseded:
            await self._take_over()
            return
        await self._stop_losing()
        watched = self._care.watched & self._feed.listening
        alone = self._care.choose(watched)
        slices = await (self._fetch_alone(alone) if alone else self._fetch_sound(watched))
        await self._finish_write()
        await self._stop_at_gaps()
        await self._refresh()
        if slices and self._feed.current:
            self._writing = asyncio.create_task(self._write(slices))
            if alone:
                await self._finish_write()
                for next_offset in (part.next_offset for part in slices if part.source == alone):
                    self._care.go_on(alone, next_offset)
        self._gauges.show(self._feed, self._recorded)
        self._show_progress()

    async def _fetch_sound(self, watched: Collection[TopicPartition]) -> list[Slice]:
        """Fetch of every source partition that need not be tried alone."""
        if not watched:
            return await self._feed.fetch(Portion(records_max=self._pace.records))
        sound = self._feed.listening - set(watched)
        return await self._feed.fetch(Portion(sound, self._pace.records, milliseconds=0)) if sound else []

    async def _fetch_alone(self, source: TopicPartition) -> list[Slice]:
        """Fetch a few records of one source partition; stop it where they failed before."""
        await self._finish_write()
        if await self._care.may_try(await self._ledger.session(), source, self._feed.position_of(source)):
            return await self._feed.fetch(Portion([source], self._care.step_of(source)))
        await self._feed.stop_failing(source, self._care.failed_by(source))
        return []

    def _show_progress(self) -> None:
        """Say that the loop goes round, and whether Kafka answers it and Postgres commits what it is given."""
        if self._pace.waits_for and not self._feed.is_through(self._recorded):
            self._health.wait_for(self._pace.waits_for)
            return
        self._backoff.reset()
        if self._feed.is_silent():
            self._health.wait_for("Kafka")
        elif self._announcer.is_late():
            self._health.wait_for("Kafka to take the pages of the totals")
        else:
            self._health.progress()

    async def _take_over(self) -> None:
        """Enter as the owner of what is assigned, read where it stands, and fetch from there."""
        await self._finish_write()
        await self._stop_at_gaps()
        assignment, sources, began_at = self._feed.assignment, self._feed.sources, time.monotonic()
        session = await self._ledger.session()
        if self._blocked:
            await session.end_owners(sources)
            self._blocked = False
        claim = await session.hold(self._claimant)
        stored = await session.take_over(sources, is_first=not self._entered)
        self._entered = self._entered or bool(stored)
        self._pace.judge(stored)
        suspects = self._care.find_suspects(stored)
        self._care.begin(suspects, await self._feed.ask_ends([row.source for row in suspects]))
        pages = {row.source: await session.read_page(row) for row in stored}
        if self._feed.begin(assignment, {row.source: row.start for row in stored}):
            self._recorded = {row.source: row.start.next_offset for row in stored}
            self._pages = pages
            self._whose = claim.ledger
            self._announce(pages, began_at)
            self._metrics.rebalances.inc(assignment != self._assignment)  # once, however often it is begun again
            self._assignment = assignment

    async def _write(self, slices: list[Slice]) -> None:
        """Write a batch in one transaction; once it is committed, count it and announce the pages it changed."""
        session, began_at = await self._ledger.session(), time.monotonic()
        with self._metrics.commit_seconds.time(), blame([part.source for part in slices]), self._pace.measure(slices):
            written = await session.write(slices)
        self._care.note_recorded()
        count_outcomes(self._metrics, written)
        self._recorded |= {part.source: part.next_offset for part in slices}
        followed = {part.judged.slice.source: self._pages[part.judged.slice.source].follow(part) for part in written}
        await self._read_again([source for source, still in followed.items() if not still])
        self._announce(followed, began_at)

    async def _finish_write(self) -> None:
        """Wait for the transaction under way. Raises what went wrong with it."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    async def _stop_losing(self) -> None:
        """Stop topics from which records vanish, once all that was fetched of them is recorded."""
        losing = self._topics.losing
        if losing and any(source.topic in losing for source in self._feed.listening):
            await self._finish_write()
            await self._feed.stop_losing(losing)
            await self._stop_at_gaps()

    async def _stop_at_gaps(self) -> None:
        """Let Postgres know of the gaps that were found: what is stopped stays so until a person accepts it."""
        if gaps := self._feed.take_gaps():
            await (await self._ledger.session()).record_gaps(gaps)

    async def _refresh(self) -> None:
        """Every 3 s, announce every page again as Postgres has it, and tell Kafka where recording stands."""
        if time.monotonic() - self._refreshed_at < _REFRESH_SECONDS:
            return
        self._refreshed_at = time.monotonic()
        await self._read_again(self._pages)
        self._announce(self._pages, self._refreshed_at)
        await self._feed.hint(self._recorded)

    async def _read_again(self, sources: Collection[TopicPartition]) -> None:
        """Read the pages that somebody else has changed; begin again where a gap was accepted."""
        if not sources:
            return
        session = await self._ledger.session()
        for row in await session.read_stored(sources):
            if row.version != self._pages[row.source].version:
                self._pages[row.source] = await session.read_page(row)
            if row.start.stopped != (row.source in self._feed.stopped):
                self._feed.begin_again()

    def _announce(self, sources: Iterable[TopicPartition], had_at: float) -> None:
        """Offer pages that the ledger had at a moment, with the number of partitions that their topic has now."""
        partitions = self._feed.partitions
        known = (source for source in sources if source.topic in partitions)
        pages = {source: self._pages[source].show(self._whose, partitions[source.topic]) for source in known}
        self._announcer.offer(pages, had_at)

    async def _wait_out(self, error: Exception) -> None:
        """Wait for what is away or in the way, and begin again from the stored offsets; raise what is a bug."""
        self._feed.begin_again()
        what = name_fault(error)
        self._blocked = isinstance(error, LockNotAvailable)
        if not (self._blocked or isinstance(error, ClaimMissedError | ClaimBusyError | KafkaError)):
            self._ledger.drop()
        self._metrics.waits.inc()
        self._health.wait_for(what)
        _log.warning("waiting %.1f s for %s: %s", self._backoff.seconds, what, describe(error))
        await self._backoff.wait()

    async def _end(self) -> None:
        """Finish the batch in hand; one that fails now is recorded by whoever goes on."""
        try:
            await self._finish_write()
            if self._care.watched:
                await self._care.take_back(await self._ledger.session())
        except (ClaimMissedError, BatchFailedError, *FAULTS) as error:
            _log.warning("the last batch is left to the next owner: %s", type(error).__name__)
