"""Counts that add up whatever is lost, repeated or late: pages of source partitions, merged by version.

Each source partition is one replica of a state-based counter (Shapiro et al. 2011, "A comprehensive study of
convergent and commutative replicated data types"): its page holds absolute counts, the page of the greatest version
wins, and the total is the sum over source partitions.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from models.catalogue import Kind
from models.decoding.one_record import Counted

ALL = ("all", "")

# A page carries the newest days of its partition only: three days may still change (a day closes after three),
# the rest is room for a clock that runs ahead and for weekends without any event.
PAGE_DAYS_MAX = 7


class Cell(NamedTuple):
    """One number of a tally: the facts of a day with one value of one dimension, or all of them."""

    day: date
    dimension: str  # "all" or a dimension of the kind
    value: str  # "" for "all"


# What Postgres keeps, and a float is near to: a stranger's page may say anything.
_BIGINT_MAX: Final = 2**63 - 1
_PARTITION_MAX: Final = 2**31 - 1
Facts = Annotated[int, Field(ge=-_BIGINT_MAX, le=_BIGINT_MAX)]
Counts = dict[str, dict[str, int]]  # dimension -> value -> facts


class Opening(BaseModel):
    """What was counted of a kind before its stream began: a published figure, which holds every fact up to a day."""

    model_config = ConfigDict(frozen=True)

    as_of: date  # the last day in Vietnam that it holds
    facts: dict[str, dict[str, Annotated[Facts, Field(ge=0)]]]  # all of them; by province where that is known


class Page(BaseModel):
    """The absolute counts of one source partition at one version."""

    model_config = ConfigDict(frozen=True)

    ledger: UUID | None = None  # whose it is; the version before this one did not say
    topic: str
    partition: Annotated[int, Field(ge=0, le=_PARTITION_MAX)]
    # How many source partitions the topic has: a total without a page of each is partial.
    partitions: Annotated[int, Field(ge=1, le=_PARTITION_MAX)]
    epoch: Annotated[int, Field(ge=0, le=_BIGINT_MAX)]  # raised by a new ledger or a rebuild
    revision: Annotated[int, Field(ge=0, le=_BIGINT_MAX)]  # raised by every transaction that touches a tally
    newest_at: datetime | None  # broker's append time of the newest record recorded
    totals: dict[str, dict[str, Facts]]  # of all time
    days: dict[date, Facts]  # each of the newest days that have any
    opening: Opening | None = None  # of the kind, the same in every page of an epoch
    covered: dict[str, dict[str, Facts]] = {}  # on days that the opening balance holds already
    # The ledger had this so many seconds after Kafka had told that it had taken the page at this offset; negative where
    # it was before. None where no page was taken yet: then nobody can tell how old this is.
    after_offset: Annotated[int, Field(ge=0, le=_BIGINT_MAX)] | None = None
    after_seconds: Annotated[float, Field(allow_inf_nan=False)] = 0.0

    @property
    def version(self) -> tuple[int, int]:
        """What orders the pages of one source partition."""
        return self.epoch, self.revision


class Total(NamedTuple):
    """What is counted of one kind over all source partitions."""

    totals: Counts
    days: dict[date, int]
    newest_at: datetime | None
    opening: Opening | None = None
    covered: Mapping[str, Mapping[str, int]] = MappingProxyType({})

    def with_opening(self, dimension: str) -> dict[str, int]:
        """Return the sum of opening balance and stream by value; nothing where the balance is not known by it.

        A fact on a day that the balance holds is not added: it is in it already, whenever it came.
        """
        if self.opening is None or dimension not in self.opening.facts:
            return {}
        opening, counted = self.opening.facts[dimension], self.totals.get(dimension, {})
        covered = self.covered.get(dimension, {})
        values = opening.keys() | counted.keys()
        return {value: opening.get(value, 0) + counted.get(value, 0) - covered.get(value, 0) for value in values}

    def standing(self, dimension: str, value: str) -> int | None:
        """Return a count with the opening balance in it; None where there is one that is not known by the dimension."""
        if self.opening is None:
            return self.totals.get(dimension, {}).get(value, 0)
        return self.with_opening(dimension).get(value, 0) if dimension in self.opening.facts else None

    @property
    def facts(self) -> int:
        """All facts of all time."""
        return self.totals.get(ALL[0], {}).get(ALL[1], 0)


def count(kind: Kind, counted: Mapping[Counted, int]) -> Counter[Cell]:
    """Count facts of a kind by day and every dimension of it.

    counted -- how many facts there are of each combination
    """
    cells: Counter[Cell] = Counter()
    for (day, *values), facts in counted.items():
        cells[Cell(day, *ALL)] += facts
        for name, value in zip(kind.counted, values, strict=True):
            cells[Cell(day, name, str(value))] += facts
    return cells


def newest_days(days: Mapping[date, int]) -> dict[date, int]:
    """Keep the days that a page carries: those within a week before its newest one."""
    if not days:
        return {}
    first = max(days) - timedelta(days=PAGE_DAYS_MAX - 1)
    return {day: facts for day, facts in days.items() if day >= first}


def newer(known: Page | None, arrived: Page) -> Page:
    """Return the page of the greater version; at the same version they are the same."""
    return arrived if known is None or arrived.version > known.version else known


def total(pages: Mapping[int, Page]) -> Total | None:
    """Sum the pages of one topic by partition; None while the page of any source partition is missing.

    Only pages of the newest epoch count: a sum over two epochs was true at no time.
    """
    epoch = max((page.epoch for page in pages.values()), default=0)
    pages = {partition: page for partition, page in pages.items() if page.epoch == epoch}
    if not pages or len(pages) < max(page.partitions for page in pages.values()):
        return None
    days: Counter[date] = Counter()
    for page in pages.values():
        days.update(page.days)
    newest = max((page.newest_at for page in pages.values() if page.newest_at), default=None)
    totals, covered = (_add(page.totals for page in pages.values()), _add(page.covered for page in pages.values()))
    return Total(totals, dict(days), newest, next(iter(pages.values())).opening, covered)


def _add(parts: Iterable[Counts]) -> Counts:
    """Sum counts by dimension and value."""
    found: dict[str, Counter[str]] = {}
    for part in parts:
        for dimension, counts in part.items():
            found.setdefault(dimension, Counter()).update(counts)
    return {dimension: dict(counts) for dimension, counts in found.items()}
