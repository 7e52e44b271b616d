"""The ledger as the process uses it that records: every question and every write of one, over one connection."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import asyncpg
from aiokafka import TopicPartition

from ledger import progress, recording
from ledger.batch import Slice, Written
from ledger.connection import Postgres
from ledger.continuity import Gap
from ledger.pages import RunningPage
from ledger.progress import Stored
from models.claim import Claim


class Holder(Protocol):
    """Holds the claim of a ledger."""

    async def hold(self, connection: asyncpg.Connection) -> Claim:
        """Return the claim."""


class Session:
    """A consumer's way to the ledger. Raises of each what the function of the same name raises."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    @property
    def lost(self) -> bool:
        """Whether the server has closed the connection that was open."""
        return self._postgres.lost

    def drop(self) -> None:
        """Give the connection up: after a fault its state is not known."""
        self._postgres.drop()

    async def hold(self, claimant: Holder) -> Claim:
        """Return the claim of the ledger behind this connection."""
        return await claimant.hold(await self._postgres.connection())

    async def end_owners(self, sources: Iterable[TopicPartition]) -> None:
        """End the sessions of the former owners of source partitions."""
        await progress.end_owners(await self._postgres.connection(), sources)

    async def take_over(self, sources: Iterable[TopicPartition], *, is_first: bool) -> list[Stored]:
        """Enter as the owner of source partitions, and return where each goes on."""
        return await progress.take_over(await self._postgres.connection(), sources, is_first=is_first)

    async def read_page(self, stored: Stored) -> RunningPage:
        """Read the page of a source partition."""
        return await progress.read_page(await self._postgres.connection(), stored)

    async def read_stored(self, sources: Iterable[TopicPartition]) -> list[Stored]:
        """Return where source partitions stand."""
        return await progress.read_stored(await self._postgres.connection(), sources)

    async def write(self, slices: Sequence[Slice]) -> list[Written]:
        """Record a batch in one transaction."""
        return await recording.write(await self._postgres.connection(), slices)

    async def record_gaps(self, gaps: Iterable[Gap]) -> None:
        """Stop source partitions until a person has accepted what is missing."""
        await progress.record_gaps(await self._postgres.connection(), gaps)

    async def note_try(self, source: TopicPartition, offset: int, *, alone: bool, others_go_on: bool) -> bool:
        """Let the next life of this process know what is tried now."""
        connection = await self._postgres.connection()
        return await progress.note_try(connection, source, offset, alone=alone, others_go_on=others_go_on)

    async def take_back_try(self, source: TopicPartition, offset: int) -> None:
        """Note that a try has neither failed nor recorded anything."""
        await progress.take_back_try(await self._postgres.connection(), source, offset)
