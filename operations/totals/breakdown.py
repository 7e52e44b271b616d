"""Totals by one dimension, of all time as they are shown or of one day as it is counted."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rich.table import Table

from models.catalogue import KIND_BY_NAME, KIND_BY_TOPIC, KINDS, Kind
from models.places import PLACES
from operations.scrape import Scrape, scrape_any
from operations.snapshot import open_snapshot
from operations.totals.shown import name_for_people, new_table, number
from operations.why import State

# In the order in which the catalogue names them first.
DIMENSIONS: Final = tuple(dict.fromkeys(dimension for kind in KINDS for dimension in kind.counted))
HEADER: Final = ("kind", "day", "dimension", "value", "name", "facts", "state")
_OF_A_DAY: Final = """
SELECT topic, dimension, value, sum(facts)::bigint AS facts FROM tally WHERE dimension IN ($1, 'all') AND day = $2
GROUP BY topic, dimension, value HAVING sum(facts) > 0"""
_CLOSED: Final = "SELECT topic FROM closed_day WHERE day = $1"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Counts by the values of a dimension.

    day -- the calendar day in Vietnam; None for all time
    counts -- kind -> value -> facts, of every kind that is counted by the dimension; None for a total that is not shown
    wholes -- kind -> the total that its values must add up to; none for a total that is not shown
    final -- the kinds of which the day is closed
    """

    dimension: str
    day: date | None
    counts: Mapping[str, Mapping[str, int] | None]
    wholes: Mapping[str, int]
    final: Collection[str] = ()

    @property
    def exit_code(self) -> int:
        """0 when every total is shown and its values add up to it, else 1."""
        return int(None in self.counts.values() or any(self.contradictions))

    @property
    def contradictions(self) -> Iterator[str]:
        """The kinds whose values do not add up to the total, in words."""
        for kind, counted in self.counts.items():
            whole, facts = self.wholes.get(kind, 0), sum((counted or {}).values())
            if counted is not None and facts != whole:
                told = f"{name_for_people(kind)}: its values add up to {facts:,}, its total is {whole:,}"
                yield f"{told}; publish neither, `onboarding recount` names the cell"

    def state_of(self, kind: str) -> str:
        """Whether the number of a day may still change unsaid; nothing of all time."""
        if self.day is None:
            return ""
        return State.FINAL if kind in self.final else State.PROVISIONAL

    @property
    def values(self) -> list[str]:
        """Every value that has any fact."""
        return sorted({value for counted in self.counts.values() for value in counted or ()})


async def read_shown(totals_url: str, dimension: str) -> Breakdown:
    """Read what Prometheus sees. Raises UnavailableError when the page of the totals does not answer."""
    page, kinds = await scrape_any(totals_url), _kinds_by(dimension)
    shown = {kind.name: page.value(kind.metric, {}) for kind in kinds}
    wholes = {name: int(total) for name, total in shown.items() if total is not None}
    counts = {kind.name: _read_kind(page, kind, dimension) if kind.name in wholes else None for kind in kinds}
    return Breakdown(dimension, None, counts, wholes)


async def read_day(database_url: str, dimension: str, day: date) -> Breakdown:
    """Read what is counted of a day. Raises UnavailableError when Postgres does not answer."""
    async with open_snapshot(database_url) as connection:
        rows = await connection.fetch(_OF_A_DAY, dimension, day)
        final = {KIND_BY_TOPIC[row["topic"]].name for row in await connection.fetch(_CLOSED, day)}
    counts = {kind.name: _select(rows, kind, dimension) for kind in _kinds_by(dimension)}
    wholes = {kind.name: sum(_select(rows, kind, "all").values()) for kind in _kinds_by(dimension)}
    return Breakdown(dimension, day, counts, wholes, final)


def _select(rows: Iterable[Any], kind: Kind, dimension: str) -> dict[str, int]:
    """Return the facts of a kind by the values of a dimension."""
    return {row["value"]: row["facts"] for row in rows if (row["topic"], row["dimension"]) == (kind.topic, dimension)}


def describe_breakdown(found: Breakdown) -> dict[str, Any]:
    """Return the document of `--json`: names stay, new ones may come; what is not known is null."""
    totals = {
        name: None if counted is None else _describe_counts(found.dimension, counted)
        for name, counted in found.counts.items()
    }
    known = {kind: found.state_of(kind) for kind, counted in found.counts.items() if counted}
    states = {"states": known} if found.day else {}
    return {"day": found.day and found.day.isoformat(), "by": found.dimension, "totals": totals, **states}


def _describe_counts(dimension: str, counted: Mapping[str, int]) -> dict[str, Any]:
    """Return the facts of each value with its name."""
    return {value: {"name": name_value(dimension, value), "facts": counted[value]} for value in sorted(counted)}


def list_breakdown(found: Breakdown) -> Iterator[tuple[object, ...]]:
    """Yield the rows of `--csv`; a total that is not shown has none."""
    for kind, counted in found.counts.items():
        for value, facts in sorted((counted or {}).items()):
            name = name_value(found.dimension, value) or ""
            yield kind, found.day or "", found.dimension, value, name, facts, found.state_of(kind)


def render_breakdown(found: Breakdown) -> Table:
    """Return the table for a person: a row for each value, a column for each kind that has any, or is not shown."""
    shown = {kind: counted for kind, counted in found.counts.items() if counted is None or counted}
    table = new_table(found.dimension, *map(name_for_people, shown))
    table.columns[0].overflow = "fold"  # two names that are cut may look the same
    for value in found.values:
        facts = (number(None if counted is None else counted.get(value, 0)) for counted in shown.values())
        name = name_value(found.dimension, value)
        table.add_row(f"{value} {name}" if name else value, *facts)
    sums = (number(None if counted is None else sum(counted.values())) for counted in shown.values())
    table.add_section()
    table.add_row("all", *sums)
    if found.day:
        table.add_row("state", *map(found.state_of, shown))
    return table


def name_value(dimension: str, value: str) -> str | None:
    """Return the name of a province; other values are names themselves."""
    return PLACES.get(value) if dimension == "province" else None


def _kinds_by(dimension: str) -> list[Kind]:
    return [kind for kind in KIND_BY_NAME.values() if dimension in kind.counted]


def _read_kind(page: Scrape, kind: Kind, dimension: str) -> dict[str, int]:
    """Return what a page shows of a kind."""
    return {labels[dimension]: int(facts) for labels, facts in page.all_of(kind.metric_by(dimension))}
