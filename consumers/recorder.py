"""The loop of a consumer process: fetch, decode, write, announce. Postgres owns progress; Kafka only delivers."""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Final, Protocol

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from consumers import ledger
from consumers.batch import Slice, cut
from consumers.header_names import tolerate_header_names
from consumers.pages import RunningPage
from consumers.postgres import LockNotAvailable, Postgres, is_outside_fault
from consumers.telemetry import count_outcomes
from models.catalogue import KINDS
from models.tally import Page
from monitoring.health import Health
from monitoring.metrics import ConsumerMetrics

_log = logging.getLogger(__name__)

# 5,000 records decode in about 50 ms and commit in about as much: a heartbeat (1 s) never waits for a batch.
BATCH_RECORDS_MAX: Final = 5_000
# 200 ms: how long a fetch waits for a first record; also how often an idle process shows progress.
_FETCH_MILLISECONDS: Final = 200
# 5 s: how soon a page that was lost, or changed by somebody else, is announced again.
_REFRESH_SECONDS: Final = 5.0
# Waits of 0.1 s, doubled up to 2 s: quick after a hiccup, and no storm of connections on a server that comes back.
_RETRY_SECONDS_MIN: Final = 0.1
_RETRY_SECONDS_MAX: Final = 2.0


class PageSink(Protocol):
    """Where committed pages go."""

    def offer(self, pages: Mapping[TopicPartition, Page]) -> None:
        """Take pages; the newest of a source partition wins."""


class Recorder(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Records what is assigned to one consumer.

    A rebalance only marks the assignment as new. The loop itself then takes the partitions over, seeks to the offsets
    in Postgres, and throws away whatever was fetched before: no record is ever written from another position.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        postgres: Postgres,
        announcer: PageSink,
        metrics: ConsumerMetrics,
        health: Health,
    ) -> None:
        self._consumer = consumer
        self._postgres = postgres
        self._announcer = announcer
        self._metrics = metrics
        self._health = health
        self._assignment = 0  # raised by every rebalance
        self._taken_over = -1  # the assignment that positions and pages belong to
        self._positions: dict[TopicPartition, int] = {}
        self._recorded: dict[TopicPartition, int] = {}
        self._pages: dict[TopicPartition, RunningPage] = {}
        self._writing: asyncio.Task[None] | None = None
        self._blocked = False  # by the lock of a former owner
        self._retry_seconds = _RETRY_SECONDS_MIN
        self._refreshed_at = 0.0
        self._stopping = False

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Mark what is being fetched as no longer ours."""
        del revoked
        self._assignment += 1

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Mark the assignment as new; the loop takes it over."""
        self._assignment += 1
        _log.info("assigned %d partitions", len(set(assigned)))

    def stop(self) -> None:
        """End `run` after the batch in hand."""
        self._stopping = True

    async def run(self) -> None:
        """Record until stopped; waits for servers that are away. Raises only what is a bug."""
        while not self._stopping:
            try:
                await self._step()
                self._retry_seconds = _RETRY_SECONDS_MIN
            except (ledger.ClaimMissedError, NoOffsetForPartitionError):
                self._begin_again()
            except LockNotAvailable:
                self._blocked = True
                self._begin_again()
            except UnicodeDecodeError:  # of a header's name: the one text that aiokafka decodes
                tolerate_header_names()
                self._begin_again()
            except OffsetOutOfRangeError as error:
                self._stop_partitions(error)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, KafkaError) as error:
                await self._wait_out(error)
        await self._finish_write()

    async def _step(self) -> None:
        """Fetch and decode one batch while Postgres writes the batch before it."""
        if self._taken_over != self._assignment:
            await self._take_over()
        assignment = self._assignment
        fetched = await self._consumer.getmany(timeout_ms=_FETCH_MILLISECONDS, max_records=BATCH_RECORDS_MAX)
        slices = cut(fetched, self._positions) if assignment == self._assignment else []
        await self._finish_write()
        await self._refresh()
        if slices and assignment == self._assignment:
            self._positions |= {part.source: part.next_offset for part in slices}
            self._writing = asyncio.create_task(self._write(slices))
        self._show_lag()
        self._health.progress()

    async def _take_over(self) -> None:
        """Enter as the owner of what is assigned, read where it stands, and seek there."""
        await self._finish_write()
        assignment, sources = self._assignment, self._consumer.assignment()
        connection = await self._postgres.connection()
        if self._blocked:
            await ledger.end_owners(connection, sources)
            self._blocked = False
        stored = await ledger.take_over(connection, sources)
        pages = {row.source: await ledger.read_page(connection, row) for row in stored}
        if assignment != self._assignment:
            return
        self._taken_over, self._pages = assignment, pages
        self._positions = {row.source: row.next_offset for row in stored}
        self._recorded = dict(self._positions)
        self._metrics.lag.clear()  # another process shows what went there
        self._metrics.stopped.clear()
        for source, offset in self._positions.items():
            self._consumer.seek(source, offset)
            self._metrics.stopped.labels(*source).set(0)
        self._announce(pages)

    async def _write(self, slices: list[Slice]) -> None:
        """Write a batch in one transaction; once it is committed, count it and announce the pages it changed."""
        connection = await self._postgres.connection()
        with self._metrics.commit_seconds.time():
            written = await ledger.write(connection, slices)
        count_outcomes(self._metrics, written)
        self._recorded |= {part.source: part.next_offset for part in slices}
        strays = [
            part.judged.slice.source for part in written if not self._pages[part.judged.slice.source].follow(part)
        ]
        await self._read_again(strays)
        self._announce(part.source for part in slices)

    async def _finish_write(self) -> None:
        """Wait for the transaction under way. Raises what went wrong with it."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    async def _refresh(self) -> None:
        """Every 5 s, announce every page again as Postgres has it, and tell Kafka where recording stands."""
        if time.monotonic() - self._refreshed_at < _REFRESH_SECONDS:
            return
        self._refreshed_at = time.monotonic()
        await self._read_again(self._pages)
        self._announce(self._pages)
        with suppress(KafkaError):  # a hint only: Postgres owns progress, and a rebalance refuses the commit
            if self._recorded:
                await self._consumer.commit(self._recorded)

    async def _read_again(self, sources: Collection[TopicPartition]) -> None:
        """Read the pages that somebody else has changed since they were read."""
        if not sources:
            return
        connection = await self._postgres.connection()
        for row in await ledger.read_stored(connection, sources):
            if (row.epoch, row.revision) != self._pages[row.source].version:
                self._pages[row.source] = await ledger.read_page(connection, row)

    def _announce(self, sources: Iterable[TopicPartition]) -> None:
        """Offer pages with the number of partitions that their topic has now."""
        partitions = {kind.topic: len(self._consumer.partitions_for_topic(kind.topic) or ()) for kind in KINDS}
        self._announcer.offer(
            {
                source: self._pages[source].show(partitions[source.topic])
                for source in sources
                if partitions[source.topic]
            }
        )

    def _show_lag(self) -> None:
        """Show how far the last stable offset of each source partition is ahead of what is recorded."""
        if self._taken_over == self._assignment:
            for source, recorded in self._recorded.items():
                stable = self._consumer.last_stable_offset(source) or 0
                self._metrics.lag.labels(*source).set(max(0, stable - recorded))

    def _begin_again(self) -> None:
        """Forget what was fetched; the next step reads the stored offsets and seeks to them."""
        self._taken_over = -1

    def _stop_partitions(self, error: OffsetOutOfRangeError) -> None:
        """Stop the source partitions whose log does not hold the stored offset: what lies between is lost to us."""
        for source, offset in error.args[0].items():
            self._consumer.pause(source)
            self._metrics.stopped.labels(*source).set(1)
            _log.error(
                "%s partition %d is stopped: its log does not hold the stored offset %d. Records may be missing. "
                "Compare the log's first and last offset with the table progress before anything else.",
                *source,
                offset,
            )

    async def _wait_out(self, error: Exception) -> None:
        """Wait for a server that is away and begin again from the stored offsets; raise what is no such fault."""
        if not isinstance(error, KafkaError) and not is_outside_fault(error):
            raise error
        self._begin_again()
        self._postgres.drop()
        server = "Kafka" if isinstance(error, KafkaError) else "Postgres"
        self._metrics.waits.inc()
        self._health.wait_for(server)
        _log.warning("waiting %.1f s for %s: %s", self._retry_seconds, server, type(error).__name__)
        await asyncio.sleep(self._retry_seconds)
        self._retry_seconds = min(2 * self._retry_seconds, _RETRY_SECONDS_MAX)
