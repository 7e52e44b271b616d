"""The totals as they are shown, with the days they spread over: for a person as a table, for a script as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import asyncpg
from rich.table import Table
from rich.text import Text

from models.catalogue import KIND_BY_NAME, KINDS, Kind
from models.net_figures import NETS, Net
from operations.recount.kept import KeptRecount, read_newest
from operations.scrape import Scrape, scrape_any
from operations.snapshot import open_snapshot

NOT_SHOWN: Final = "not shown"
HEADER: Final = (
    *("kind", "total", "today", "days", "first_day", "last_day", "average_a_day"),
    *("opening_balance", "with_opening_balance", "differs"),
)
_ACTIVATION: Final = "onboarding_activation_ratio"
_DAYS: Final = """
SELECT count(*) AS days, min(day) AS first_day, max(day) AS last_day
FROM (SELECT day FROM tally WHERE topic = $1 AND dimension = 'all' GROUP BY day HAVING sum(facts) > 0) AS counted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTotals:
    """The figures of one kind.

    total, today -- as the metrics page shows them; None when it does not
    opening, with_opening -- what was counted before the stream began, and the sum; None where nothing is recorded of it
    days -- on how many calendar days in Vietnam there was any
    differs -- a line for each number of the kind that the newest recount found to differ
    """

    total: int | None
    today: int | None
    days: int
    first_day: date | None
    last_day: date | None
    opening: int | None = None
    with_opening: int | None = None
    differs: tuple[str, ...] = ()

    @property
    def average_a_day(self) -> float | None:
        """Facts for each day that has any; None when that cannot be said."""
        return None if self.total is None or not self.days else self.total / self.days


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of every kind by name, and how many accounts are activated for 100 identity records.

    nets -- the net figures that are shown
    """

    kinds: Mapping[str, KindTotals]
    activation_percent: float | None
    nets: Mapping[Net, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 when every total is shown, and none is known to differ from the ledger, else 1."""
        return 1 if any(self.explain()) else 0

    def explain(self) -> Iterator[str]:
        """Yield why totals are not to be published."""
        for name, figures in self.kinds.items():
            if figures.total is None:
                yield f"{name} is not shown: `onboarding status` says what is waited for"
            yield from (f"{name} {line}" for line in figures.differs)


async def read_totals(database_url: str, totals_url: str) -> Totals:
    """Read the totals that are shown and the days in Postgres. Raises UnavailableError when either is away."""
    page = await scrape_any(totals_url)
    async with open_snapshot(database_url) as connection:
        newest = await read_newest(connection)
        kinds = {kind.name: await _read_kind(connection, kind, page, newest) for kind in KINDS}
    ratio = page.value(_ACTIVATION, {})
    shown = {net: _whole(page.value(net.metric, {})) for net in NETS}
    nets = {net: figure for net, figure in shown.items() if figure is not None}
    return Totals(kinds, None if ratio is None else ratio * 100, nets)


async def _read_kind(
    connection: asyncpg.Connection, kind: Kind, page: Scrape, newest: KeptRecount | None
) -> KindTotals:
    """Read the figures of one kind."""
    row = await connection.fetchrow(_DAYS, kind.topic)
    return KindTotals(
        total=_whole(page.value(kind.metric, {})),
        today=_whole(page.value(f"onboarding_{kind.name}_today", {})),
        opening=_whole(page.value(kind.metric_opening, {})),
        with_opening=_whole(page.value(kind.metric_with_opening, {})),
        days=row["days"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        differs=tuple(newest.tell(kind.name)) if newest else (),
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def describe_totals(totals: Totals) -> dict[str, Any]:
    """Return the document of `--json`: names stay, new ones may come; what is not known is null."""
    kinds = {
        name: {
            "total": figures.total,
            "today": figures.today,
            "days": figures.days,
            "first_day": figures.first_day and figures.first_day.isoformat(),
            "last_day": figures.last_day and figures.last_day.isoformat(),
            "average_a_day": _rounded(figures.average_a_day),
            "opening_balance": figures.opening,
            "with_opening_balance": figures.with_opening,
            "differs": bool(figures.differs),
        }
        for name, figures in totals.kinds.items()
    }
    nets = {net.name: totals.nets.get(net) for net in NETS}
    return {"totals": kinds, "net": nets, "activation_percent": _rounded(totals.activation_percent)}


def list_totals(totals: Totals) -> Iterator[tuple[object, ...]]:
    """Yield the rows of `--csv`, the figures of `--json`; what is not known is empty."""
    for name, figures in describe_totals(totals)["totals"].items():
        yield name, *("" if figures[column] is None else figures[column] for column in HEADER[1:])


def _rounded(value: float | None) -> float | None:
    """Round to what is worth reading, and to what stays the same in every run."""
    return None if value is None else round(value, 2)


def render_totals(totals: Totals) -> Table:
    """Return the table for a person."""
    table = new_table("total", "facts", "today", "days with any", "average a day", "first day", "last day")
    for name, figures in totals.kinds.items():
        average = figures.average_a_day
        table.add_row(
            name_for_people(name),
            mark(figures.total, differs=bool(figures.differs)),
            number(figures.today),
            number(figures.days),
            "-" if average is None else f"{average:,.1f}",
            str(figures.first_day or "-"),
            str(figures.last_day or "-"),
        )
    table.caption = "\n".join(_caption(totals))
    return table


def _caption(totals: Totals) -> Iterator[str]:
    """Yield what stands under the table: rate, opening balances, net figures with their definitions."""
    percent = totals.activation_percent
    yield "activation rate: " + (NOT_SHOWN if percent is None else f"{percent:.1f} %")
    for name, figures in totals.kinds.items():
        if figures.opening is not None:
            both = f"{number(figures.opening)} before this stream, {number(figures.with_opening)} in the sum"
            yield f"{name_for_people(name)}: {both}"
    for net in NETS:
        yield f"{net.name.replace('_', ' ')}: {number(totals.nets.get(net))}. {net.definition}"


def render_verdicts(totals: Totals, published: Mapping[str, int], verdicts: Mapping[str, str]) -> Table:
    """Return the table that sets our totals beside the published ones, with a verdict on each kind.

    published -- kind -> the published figure at the scale of the data
    verdicts -- kind -> what `recount` found, in a few words
    """
    table = new_table("total", "ours", "published, scaled", "recount")
    for name, figures in totals.kinds.items():
        if name in published or figures.total:
            verdict = verdicts.get(name, "not counted")
            table.add_row(name_for_people(name), number(figures.total), number(published.get(name, 0)), verdict)
    return table


def name_for_people(kind: str) -> str:
    """Return the name of a kind as words."""
    return KIND_BY_NAME[kind].name.replace("_", " ")


def number(value: int | None) -> str:
    """Write a number with thousands apart, or that there is none."""
    return NOT_SHOWN if value is None else f"{value:,}"


def mark(value: int | None, *, differs: bool) -> Text:
    """Write a number, in red and with a word where it is known to differ from the ledger."""
    return Text(f"{number(value)} (differs)", "red") if differs else Text(number(value))


def new_table(first: str, *others: str) -> Table:
    """Return an empty table whose first column holds names and whose others hold figures."""
    table = Table(caption_justify="left")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
