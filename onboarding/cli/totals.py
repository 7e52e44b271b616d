"""What an operator types to read the totals: `totals`, of all time or of a day, for people or for scripts."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import click
from rich.console import RenderableType

from onboarding.cli._answers import answer, settings_or_error, show
from onboarding.cli._parameters import DayType
from onboarding.settings import Settings
from operations.totals import breakdown, day_figures, shown
from operations.why import Story, read_stories


@dataclass(frozen=True, slots=True)
class _Result:
    """Figures in each of the three forms."""

    table: RenderableType
    document: dict[str, Any]
    header: Sequence[str]
    rows: Iterable[Sequence[object]]
    exit_code: int
    warnings: Sequence[str] = ()


@click.command()
@click.option("--day", type=DayType(), metavar="DAY", help="Of one day in Vietnam: YYYY-MM-DD, today or yesterday.")
@click.option("--by", "dimension", type=click.Choice(breakdown.DIMENSIONS), help="Broken down; kinds that can be.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with a header row instead of a table.")
def totals(day: date | None, dimension: str | None, *, as_json: bool, as_csv: bool) -> None:
    """Show the totals: of all time, of a day, by a dimension.

    Those of all time are what Prometheus sees, read from ONBOARDING_TOTALS_URL; those of a day are counted in Postgres,
    provisional until the day is closed and final from then on. The average is that of the days with any fact.

    In JSON what is not known is null, in CSV it is empty. Names of fields and columns stay, new ones come at the end.

    Ends with 1 when a total is not shown (yet) or known to differ from the ledger, what it is broken down to does
    not add up to it, or the restatements of a day do not explain its number; with 2 when Postgres or the page of
    the totals does not answer.

    \b
    Examples:
      onboarding totals
      onboarding totals --json | jq .totals.accounts_activated.total
      onboarding totals --day yesterday --by province --csv > provinces.csv
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    if as_json and as_csv:
        raise click.UsageError("choose one form: --json or --csv")
    found = _read(settings_or_error(), day, dimension)
    if as_json:
        click.echo(json.dumps(found.document, indent=2, ensure_ascii=False))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([found.header, *found.rows])
    else:
        show(found.table)
    for line in found.warnings:
        click.echo(line, err=True)
    sys.exit(found.exit_code)


def _read(settings: Settings, day: date | None, dimension: str | None) -> _Result:
    """Read what is asked for."""
    url, page = settings.database_url, settings.onboarding_totals_url
    if dimension:
        reading = breakdown.read_day(url, dimension, day) if day else breakdown.read_shown(page, dimension)
        return _break_down(answer(reading))
    if day:
        return _tell_day(url, day)
    found = answer(shown.read_totals(url, page))
    return _Result(
        shown.render_totals(found),
        shown.describe_totals(found),
        shown.HEADER,
        shown.list_totals(found),
        found.exit_code,
        list(found.explain()),
    )


def _break_down(found: breakdown.Breakdown) -> _Result:
    return _Result(
        breakdown.render_breakdown(found),
        breakdown.describe_breakdown(found),
        breakdown.HEADER,
        breakdown.list_breakdown(found),
        found.exit_code,
        list(found.contradictions),
    )


def _explain(story: Story) -> Iterator[str]:
    """Yield why the number of a day is not to be trusted."""
    yield from (f"{story.kind.name} {line}" for line in story.differs)
    if not story.adds_up:
        yield f"{story.kind.name}: its restatements do not explain its number: run `onboarding recount`"


def _tell_day(url: str, day: date) -> _Result:
    stories = answer(read_stories(url, day))
    return _Result(
        day_figures.render_day(stories),
        day_figures.describe_day(stories),
        day_figures.HEADER,
        day_figures.list_day(stories),
        int(not all(story.is_sound for story in stories)),
        [line for story in stories for line in _explain(story)],
    )
