"""Care: what our program may fail over is tried alone, in small steps, until the one record is found."""

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from aiokafka import TopicPartition

from consumers.feed import BATCH_RECORDS_MAX
from consumers.outages import BatchFailedError
from ledger.progress import Stored
from ledger.session import Session

_log = logging.getLogger(__name__)

# 3: a process that began three times and recorded nothing of a source partition is not ended by chance.
_TAKEOVERS_MAX: Final = 3
# 100 records in one step: so a whole batch is through in a few seconds.
_STEP_RECORDS: Final = 100
# 5: where nothing at all is recorded any more it is not some record that we fail over.
_FAILURES_MAX: Final = 5


class _Watch(NamedTuple):
    """How a source partition is tried."""

    step: int  # how many records at once
    until: int  # the offset from which on it is sound


class Care:
    """The source partitions that are tried alone. What is sound goes on in between, a step each in turn."""

    def __init__(self) -> None:
        self._watched: dict[TopicPartition, _Watch] = {}
        self._tries: dict[TopicPartition, int] = {}
        self._trying: dict[TopicPartition, int] = {}  # at which offset, since this process tries it
        self._was_alone = False
        self._failures = 0  # since anything was recorded
        self._others_go_on = False  # since something is watched
        self._failed_by: dict[TopicPartition, str] = {}  # the last error over each

    @property
    def watched(self) -> frozenset[TopicPartition]:
        """The source partitions that are tried alone."""
        return frozenset(self._watched)

    def find_suspects(self, stored: Iterable[Stored]) -> list[Stored]:
        """Return those of which a life of this process before recorded nothing, or that are suspected in this one."""
        return [
            row
            for row in stored
            if not row.start.stopped and (row.tried or row.takeovers >= _TAKEOVERS_MAX or row.source in self._watched)
        ]

    def begin(self, suspects: Iterable[Stored], ends: Mapping[TopicPartition, int]) -> None:
        """Watch suspects over what their logs hold by now.

        ends -- up to where that is, where it is known
        """
        rows = list(suspects)
        self._watched = {row.source: watch for row in rows if (watch := _watch(row, ends.get(row.source)))}
        self._tries = {row.source: row.tried for row in rows}

    def suspect(self, failure: BatchFailedError) -> None:
        """Try what was in a batch alone from the next `begin` on. Raises the cause once nothing is recorded."""
        cause, named = failure.cause, _name(failure.cause)
        self._failures += 1
        if self._failures >= _FAILURES_MAX:
            raise cause
        self._others_go_on = self._others_go_on and bool(self._watched)
        for source in failure.sources:
            self._trying.pop(source, None)
            self._failed_by[source] = named
        self._watched |= dict.fromkeys(failure.sources, _Watch(0, 0))
        _log.error("a batch failed by %s: what was in it is tried alone, in small steps", named)

    def choose(self, watched: Collection[TopicPartition]) -> TopicPartition | None:
        """Return which source partition to try alone now; None when it is the turn of those that are sound.

        What failed more often comes later: until then others may show that the program as a whole does not fail.

        watched -- which of those are not stopped
        """
        candidates = [] if self._was_alone else sorted(watched, key=self._rank)
        self._was_alone = bool(candidates)
        return candidates[0] if candidates else None

    def _rank(self, source: TopicPartition) -> tuple[int, TopicPartition]:
        return self._tries[source], source

    async def may_try(self, session: Session, source: TopicPartition, offset: int) -> bool:
        """Let the next life of this process know what is tried now; False when that has failed often enough."""
        if self._trying.get(source) == offset:  # it was no failure that came between
            return True
        self._trying[source] = offset  # whether Postgres answers or not: one failure counts once
        self._tries[source] += 1
        alone = self._watched[source].step == 1
        return await session.note_try(source, offset, alone=alone, others_go_on=self._others_go_on)

    async def take_back(self, session: Session) -> None:
        """Take back the tries that nothing came of, at an end in good order."""
        for source, offset in self._trying.items():
            await session.take_back_try(source, offset)

    def failed_by(self, source: TopicPartition) -> str:
        """Return the error by which our program failed last over a source partition; "" where it left none."""
        return self._failed_by.get(source, "")

    def step_of(self, source: TopicPartition) -> int:
        """Return how many records of a watched source partition are tried at once."""
        return self._watched[source].step

    def note_recorded(self) -> None:
        """Note that something was recorded, so that the program as a whole does not fail."""
        self._failures, self._others_go_on = 0, True

    def go_on(self, source: TopicPartition, next_offset: int) -> None:
        """Note that a source partition was recorded alone up to an offset; far enough, it is sound."""
        self._trying.pop(source, None)
        self._tries[source] = 0
        if next_offset >= self._watched[source].until:
            del self._watched[source]


def _name(error: Exception) -> str:
    """Return what an error is, without what it says: that may be of a citizen."""
    return f"{type(error).__name__} {getattr(error, 'sqlstate', None) or ''}".strip()


def _watch(row: Stored, end: int | None) -> _Watch | None:
    """Say how to try a source partition; None when nothing of it waits, as far as is known."""
    begin = row.start.next_offset
    if end is None:  # its leader does not say it: nobody waits for that
        return _Watch(1, begin + 1) if row.tried else None
    step, left = (1, _STEP_RECORDS) if row.tried else (_STEP_RECORDS, BATCH_RECORDS_MAX)
    return _Watch(step, min(end, begin + left)) if end > begin else None
