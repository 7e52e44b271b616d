"""Where two counts of the same facts differ: one value a cell, and the comparisons that find them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from models.catalogue import Kind
from models.tally import ALL
from operations.scrape import Scrape

Marginal = tuple[str, str]  # a dimension and a value of it, or ALL
Counts = Mapping[Marginal, int]

# The counters of a source partition that have rows of their own to be checked against; `consumed` is their sum.
OUTCOMES: Final = ("accepted", "retries", "repeats", "conflicts", "refused")

LEDGER: Final = "ledger"
TALLIES: Final = "tallies"
# Where a number has no name of its own.
_SAID_BY: Final = {"closed_day": "closed with, and told since,"}
_REBUILD: Final = "onboarding rebuild --why ...  (once you know that the ledger is right)"
_REMEDIES: Final = {
    "tally": _REBUILD,
    "closed_day": _REBUILD,
    "metric": "onboarding doctor",
    "progress": "keep the logs and report it: no command sets a counter",
}


class Drift(NamedTuple):
    """One cell in which something says another number than what it is made of.

    where -- what says it, and its place: "tally TOPIC/PARTITION", "progress TOPIC/PARTITION", "closed_day TOPIC" or
        "metric NAME"
    cell -- the number within that place; "" when there is one only
    counted -- what it should be
    other -- what is said; None when there is no such row, or the metric is not shown
    counted_by -- who says what it should be: the ledger, of a closed day the tallies
    day -- of the facts; None when it is not of one day
    """

    kind: str
    where: str
    cell: str
    counted: int
    other: float | None
    counted_by: str = LEDGER
    day: date | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether a whole metric is not shown."""
        return self.other is None and self.where.startswith("metric ")

    def describe(self) -> str:
        """Say it in one line."""
        place = " ".join(part for part in (self.kind, self.where, self.cell) if part)
        return f"{place}: {self.counted_by} {self.counted}, {self._describe_other()}"

    def _describe_other(self) -> str:
        """Say what the other one says; 15 digits show every count a float holds exactly."""
        name = self.where.partition(" ")[0]
        if self.other is not None:
            return f"{_SAID_BY.get(name, name)} {self.other:.15g}"
        return "metric not shown" if name == "metric" else f"{name} has no such row"

    @property
    def remedy(self) -> str:
        """What to type next, or to do."""
        return _REMEDIES[self.where.partition(" ")[0]]


class TallyCell(NamedTuple):
    """A cell of a source partition as the ledger's rows count it and as the table tally holds it; None for no row."""

    partition: int
    day: date
    dimension: str
    value: str
    ledger: int | None
    tally: int | None


def find_tally_drifts(kind: Kind, cells: Iterable[TallyCell]) -> Iterator[Drift]:
    """Compare cells of the tallies with what the ledger's rows count; no row is as good as a count of 0."""
    for cell in cells:
        if (cell.ledger or 0) != (cell.tally or 0):
            name = f"day {cell.day} {_name_cell((cell.dimension, cell.value))}"
            where = f"tally {kind.topic}/{cell.partition}"
            yield Drift(kind.name, where, name, cell.ledger or 0, cell.tally, day=cell.day)


def find_progress_drifts(
    kind: Kind, rows: Mapping[int, Counter[str]], progress: Mapping[int, Mapping[str, int]]
) -> Iterator[Drift]:
    """Compare the counters of each source partition with the rows that its records left (law 1 of the design).

    rows -- partition -> how many rows of each outcome there are
    progress -- partition -> counter -> its value, `consumed` included
    """
    for partition in sorted(rows.keys() | progress.keys()):
        counted = rows.get(partition, Counter())
        held = progress.get(partition, {})
        for name, ledger in (("consumed", counted.total()), *((outcome, counted[outcome]) for outcome in OUTCOMES)):
            if held.get(name, 0) != ledger:
                yield Drift(kind.name, f"progress {kind.topic}/{partition}", name, ledger, held.get(name))


def find_metric_drifts(kind: Kind, least: Counts, most: Counts, page: Scrape) -> Iterator[Drift]:
    """Compare what a page shows of a kind with two counts: what it shows must lie between them.

    least, most -- counts of the ledger before and after the page was read; nothing ever goes down in between
    """
    total = page.value(kind.metric, {})
    if total is None:
        yield Drift(kind.name, f"metric {kind.metric}", "", most.get(ALL, 0), None)
        return
    shown = {ALL: total} | _read_marginals(page, kind.counted, kind.metric_by)
    for cell, bound, value in _find_outside(shown, least, most):
        yield Drift(kind.name, *_name_metric(kind, cell), bound, value)


def find_sum_drifts(kind: Kind, least: Counts, most: Counts, page: Scrape) -> Iterator[Drift]:
    """Compare what a page shows with the opening balance in it, as `find_metric_drifts` does."""
    shown = {} if (total := page.value(kind.metric_with_opening, {})) is None else {ALL: total}
    shown |= _read_marginals(page, {cell[0] for cell in most if cell != ALL}, kind.metric_with_opening_by)
    for cell, bound, value in _find_outside(shown, least, most):
        metric = kind.metric_with_opening if cell == ALL else kind.metric_with_opening_by(cell[0])
        yield Drift(kind.name, f"metric {metric}", _name_cell(cell), bound, value)


def _find_outside(
    shown: Mapping[Marginal, float], least: Counts, most: Counts
) -> Iterator[tuple[Marginal, int, float | None]]:
    """Yield each cell that does not lie between two counts: the count that it passes, and what is shown."""
    for cell in sorted(shown.keys() | most.keys()):
        low, high, value = least.get(cell, 0), most.get(cell, 0), shown.get(cell, 0)
        if not low <= value <= high:
            yield cell, high if value > high else low, shown.get(cell)


def _read_marginals(page: Scrape, dimensions: Iterable[str], name: Callable[[str], str]) -> dict[Marginal, float]:
    """Return what a page shows by each dimension; `name` gives the metric of one."""
    return {
        (dimension, labels.get(dimension, "")): value
        for dimension in dimensions
        for labels, value in page.all_of(name(dimension))
    }


def _name_metric(kind: Kind, cell: Marginal) -> tuple[str, str]:
    """Return the metric that shows a cell, and the cell within it."""
    return (f"metric {kind.metric}", "") if cell == ALL else (f"metric {kind.metric_by(cell[0])}", _name_cell(cell))


def _name_cell(cell: Marginal) -> str:
    """Write a cell as a person would: "all" or "province=01"."""
    return ALL[0] if cell == ALL else "=".join(cell)
