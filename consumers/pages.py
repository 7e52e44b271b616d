"""The running page of a source partition: what Postgres holds of it, kept in memory by the one who writes it."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from aiokafka import TopicPartition

from consumers.batch import Written
from models.tally import ALL, Page, newest_days


class RunningPage:
    """The absolute counts of one source partition as of one committed version."""

    def __init__(
        self,
        source: TopicPartition,
        version: tuple[int, int],
        newest_at: datetime | None,
        totals: dict[str, Counter[str]],
        days: Mapping[date, int],
    ) -> None:
        self.source = source
        self.version = version
        self._newest_at = newest_at
        self._totals = totals
        self._days = Counter(newest_days(days))

    def follow(self, written: Written) -> bool:
        """Take over what a transaction added; False when somebody else wrote in between, and the page must be read."""
        if (written.epoch, written.revision - 1) != self.version:
            return False
        self.version = (written.epoch, written.revision)
        self._newest_at = written.judged.newest_at or self._newest_at
        for (day, dimension, value), facts in written.judged.cells.items():
            self._totals.setdefault(dimension, Counter())[value] += facts
            if dimension == ALL[0]:
                self._days[day] += facts
        self._days = Counter(newest_days(self._days))
        return True

    def show(self, partitions: int) -> Page:
        """Return the page to announce; partitions is how many source partitions the topic has."""
        return Page(
            topic=self.source.topic,
            partition=self.source.partition,
            partitions=partitions,
            epoch=self.version[0],
            revision=self.version[1],
            newest_at=self._newest_at,
            totals={dimension: dict(counts) for dimension, counts in self._totals.items()},
            days=dict(self._days),
        )
