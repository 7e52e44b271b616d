"""How many records a batch may hold: fewer after one that Postgres did not commit in time, more after quick ones."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import Final

import asyncpg
from aiokafka import TopicPartition

from consumers.feed import BATCH_RECORDS_MAX
from ledger.batch import Slice
from ledger.progress import Stored

# To a quarter: a batch that takes ten times as long as it may is through at the third attempt.
_SHRINK: Final = 4
# 2 s, a fifth of what a statement may take: twice as many records stay far from that.
_QUICK_SECONDS: Final = 2.0


class Pace:
    """The size of the next batch."""

    def __init__(self) -> None:
        self._records = BATCH_RECORDS_MAX
        self._late: dict[TopicPartition, int] = {}  # where the batch began that was late
        self._held = 0  # how many records it had
        self._waits_for = ""

    @property
    def records(self) -> int:
        """How many records the next batch may have."""
        return self._records

    @property
    def waits_for(self) -> str:
        """What is waited for since a batch was not committed in time; "" since one was."""
        return self._waits_for

    @contextmanager
    def measure(self, slices: Sequence[Slice]) -> Iterator[None]:
        """Learn from how long the block takes, which commits a batch. Raises what it raises."""
        began = time.monotonic()
        try:
            yield
        except (TimeoutError, asyncpg.QueryCanceledError):
            self.note_late(slices)
            raise
        self.note_committed(time.monotonic() - began)

    def note_late(self, slices: Sequence[Slice]) -> None:
        """Note a batch of which nobody knows whether it is committed: its time was over."""
        self._late = {part.source: part.from_offset for part in slices}
        self._held = sum(part.records for part in slices)
        self._waits_for = f"Postgres to commit a batch in time: one of {self._held:,} records was late"

    def judge(self, stored: Iterable[Stored]) -> None:
        """Make the next batch smaller, unless the late one was committed after all, unheard."""
        if self._late and not any(row.start.next_offset > self._late.get(row.source, inf) for row in stored):
            self._records = max(1, min(self._records, self._held) // _SHRINK)
        self._late = {}

    def note_committed(self, seconds: float) -> None:
        """Let the next batch have more records after one that took so long."""
        self._waits_for = ""
        if seconds < _QUICK_SECONDS:
            self._records = min(2 * self._records, BATCH_RECORDS_MAX)
