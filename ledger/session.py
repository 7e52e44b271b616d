"""The ledger as the process uses it that records: every question and every write of a consumer."""

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


class Ledger:
    """A consumer's way to the ledger."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def session(self) -> "Session":
        """Return the session that is open, or a new one. Raises what asyncpg raises when there is none to be had."""
        return Session(await self._postgres.connection())

    @property
    def lost(self) -> bool:
        """Whether the server has closed the connection that was open."""
        return self._postgres.lost

    def drop(self) -> None:
        """Give the connection up: after a fault its state is not known."""
        self._postgres.drop()


class Session:
    """All that is asked of one server in one session. Raises of each what the function of the same name raises.

    What belongs together is asked of one session: behind the next one may be another server, with other numbers.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def hold(self, claimant: Holder) -> Claim:
        """Return the claim of the ledger behind this connection."""
        return await claimant.hold(self._connection)

    async def end_owners(self, sources: Iterable[TopicPartition]) -> None:
        """End the sessions of the former owners of source partitions."""
        await progress.end_owners(self._connection, sources)

    async def take_over(self, sources: Iterable[TopicPartition], *, is_first: bool) -> list[Stored]:
        """Enter as the owner of source partitions, and return where each goes on."""
        return await progress.take_over(self._connection, sources, is_first=is_first)

    async def read_page(self, stored: Stored) -> RunningPage:
        """Read the page of a source partition."""
        return await progress.read_page(self._connection, stored)

    async def read_stored(self, sources: Iterable[TopicPartition]) -> list[Stored]:
        """Return where source partitions stand."""
        return await progress.read_stored(self._connection, sources)

    async def write(self, slices: Sequence[Slice]) -> list[Written]:
        """Record a batch in one transaction."""
        return await recording.write(self._connection, slices)

    async def record_gaps(self, gaps: Iterable[Gap]) -> None:
        """Stop source partitions until a person has accepted what is missing."""
        await progress.record_gaps(self._connection, gaps)

    async def note_try(self, source: TopicPartition, offset: int, *, alone: bool, others_go_on: bool) -> bool:
        """Let the next life of this process know what is tried now."""
        return await progress.note_try(self._connection, source, offset, alone=alone, others_go_on=others_go_on)

    async def take_back_try(self, source: TopicPartition, offset: int) -> None:
        """Note that a try has neither failed nor recorded anything."""
        await progress.take_back_try(self._connection, source, offset)
