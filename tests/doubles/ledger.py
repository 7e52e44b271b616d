"""A double of the ledger as a consumer uses it: one process's offsets and revisions, and what a test does to them."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition

from ledger.batch import Judged, Slice, Written
from ledger.continuity import Gap, Start
from ledger.pages import Held, RunningPage
from ledger.progress import ClaimMissedError, Stored
from models.claim import Claim
from tests.doubles.kafka import OTHER, SOURCE

EPOCH = 1
CLAIM = Claim(ledger=UUID(int=7), environment="test", generation=0, incarnation=0, epoch=EPOCH)


class Ledger:
    """Holds where recording stands, and raises what it is told to: before a write, or once it is committed."""

    def __init__(self) -> None:
        self.lost = False
        self.offsets = {SOURCE: 0, OTHER: 0}
        self.revisions = {SOURCE: 0, OTHER: 0}
        self.stopped: set[TopicPartition] = set()
        self.recorded: list[tuple[TopicPartition, int]] = []  # every record that was committed, in order
        self.before_commit: list[Exception] = []
        self.after_commit: list[Exception] = []
        self.heard: list[str] = []  # what was asked beside writing
        self.tries: list[tuple[TopicPartition, int]] = []  # that nobody has taken back
        self.sessions = 0
        self.asked: list[tuple[str, int]] = []  # what was asked, and in which session
        self.may_commit = asyncio.Event()
        self.may_commit.set()

    async def session(self) -> Any:
        """Return a session that says of everything asked in which one it was."""
        self.sessions += 1
        return _Session(self, self.sessions)

    def drop(self) -> None:
        """Begin a connection anew."""
        self.heard.append("dropped")

    async def hold(self, claimant: Any) -> Claim:
        """Return the claim, over a connection that is open again."""
        self.lost = claimant.superseded = False
        return CLAIM

    async def end_owners(self, _sources: Iterable[TopicPartition]) -> None:
        """End former owners."""
        self.heard.append("owners ended")

    async def take_over(self, sources: Iterable[TopicPartition], *, is_first: bool) -> list[Stored]:
        """Return where each goes on."""
        self.heard.append("first taken over" if is_first else "taken over")
        return await self.read_stored(sources)

    async def read_stored(self, sources: Iterable[TopicPartition]) -> list[Stored]:
        """Return where each stands."""
        return [
            Stored(source, Start(self.offsets[source], None, source in self.stopped), self._version(source), None, 0, 0)
            for source in sorted(sources)
        ]

    def _version(self, source: TopicPartition) -> tuple[int, int]:
        return EPOCH, self.revisions[source]

    async def read_page(self, stored: Stored) -> RunningPage:
        """Return a page of that version."""
        self.heard.append(f"page read {stored.source.partition}")
        return RunningPage(stored.source, stored.version, None, Held({}, {}, None, {}))

    async def write(self, slices: Sequence[Slice]) -> list[Written]:
        """Record a batch, unless another owner was faster."""
        self.heard.append("writes")
        await self.may_commit.wait()
        if self.before_commit:
            raise self.before_commit.pop(0)
        if any(part.from_offset != self.offsets[part.source] for part in slices):
            raise ClaimMissedError
        for part in slices:
            self.recorded += [(part.source, offset) for offset in range(part.from_offset, part.next_offset)]
            self.offsets[part.source] = part.next_offset
            self.revisions[part.source] += 1
        if self.after_commit:
            raise self.after_commit.pop(0)
        return [Written(Judged(part, {}), *self._version(part.source)) for part in slices]

    async def record_gaps(self, gaps: Iterable[Gap]) -> None:
        """Stop what has a gap."""
        self.stopped |= {gap.source for gap in gaps}

    async def note_try(self, source: TopicPartition, offset: int, **_how: bool) -> bool:
        """Allow a try."""
        self.heard.append(f"tried {source.partition} at {offset}")
        self.tries.append((source, offset))
        return True

    async def take_back_try(self, source: TopicPartition, offset: int) -> None:
        """Take a try back."""
        self.tries.remove((source, offset))


class _Session:
    """One session of the double."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self._ledger = ledger
        self._number = number

    def __getattr__(self, name: str) -> Any:
        self._ledger.asked.append((name, self._number))
        return getattr(self._ledger, name)
