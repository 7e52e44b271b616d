"""The running page of a source partition: what Postgres holds of it, kept in memory by the one who writes it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from aiokafka import TopicPartition

from ledger.batch import Written
from models.tally import ALL, Cell, Opening, Page, newest_days


@dataclass(frozen=True, slots=True)
class Held:
    """What Postgres holds for the page of a source partition.

    days -- facts of each of its newest days
    covered -- facts on days that the opening balance holds already, in the dimensions by which that is known
    """

    totals: dict[str, Counter[str]]
    days: Mapping[date, int]
    opening: Opening | None
    covered: dict[str, Counter[str]]


class RunningPage:
    """The absolute counts of one source partition as of one committed version."""

    def __init__(
        self, source: TopicPartition, version: tuple[int, int], newest_at: datetime | None, held: Held
    ) -> None:
        self.source = source
        self.version = version
        self._newest_at = newest_at
        self._totals = held.totals
        self._days = Counter(newest_days(held.days))
        self._opening = held.opening
        self._covered = held.covered

    def follow(self, written: Written) -> bool:
        """Take over what a transaction added; False when somebody else wrote in between, and the page must be read."""
        if (written.epoch, written.revision - 1) != self.version:
            return False
        self.version = (written.epoch, written.revision)
        self._newest_at = written.judged.newest_at or self._newest_at
        for cell, facts in written.judged.cells.items():
            self._add(cell, facts)
        self._days = Counter(newest_days(self._days))
        return True

    def _add(self, cell: Cell, facts: int) -> None:
        """Add to a cell, and to what the opening balance covers if it is of such a day."""
        self._totals.setdefault(cell.dimension, Counter())[cell.value] += facts
        if cell.dimension == ALL[0]:
            self._days[cell.day] += facts
        if self._opening and cell.day <= self._opening.as_of and cell.dimension in self._opening.facts:
            self._covered.setdefault(cell.dimension, Counter())[cell.value] += facts

    def show(self, ledger: UUID | None, partitions: int) -> Page:
        """Return the page to announce.

        ledger -- whose it is
        partitions -- how many source partitions the topic has
        """
        return Page(
            ledger=ledger,
            topic=self.source.topic,
            partition=self.source.partition,
            partitions=partitions,
            epoch=self.version[0],
            revision=self.version[1],
            newest_at=self._newest_at,
            totals={dimension: dict(counts) for dimension, counts in self._totals.items()},
            days=dict(self._days),
            opening=self._opening,
            covered={dimension: dict(counts) for dimension, counts in self._covered.items()},
        )
