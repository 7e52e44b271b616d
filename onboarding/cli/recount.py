"""`recount`: counts the ledger again and compares everything with it."""

import sys
from collections.abc import Iterator, Mapping
from typing import Final

import click
from rich.text import Text

from ledger.decisions.writer import open_writer
from models.catalogue import KINDS
from onboarding.cli._answers import answer, make_error_console, settings_or_error, show
from onboarding.cli._parameters import read_login
from onboarding.cli._waiting import show_counting
from onboarding.settings import Settings
from operations.recount.counting import Report
from operations.recount.kept import keep_recount
from operations.recount.recount import Recounted
from operations.recount.recount import recount as recount_ledger
from operations.recount.unmatched import count_unmatched

# 100 lines: after an emptied table every cell differs, and nobody reads them all.
_DRIFTS_SHOWN_MAX: Final = 100


@click.command()
def recount() -> None:
    """Count the ledger again and compare everything with it.

    The ledger's rows are counted by SQL and compared with the tallies and the counters of the same moment, then with
    the totals that Prometheus sees, read over HTTP from ONBOARDING_TOTALS_URL. While records arrive, the totals must
    lie between two counts; totals that lag are waited for, up to 10 seconds.

    What is found is kept: until a recount finds that nothing differs, `status`, `doctor`, `totals` and `why` say so.

    Ends with 0 when nothing differs, with 1 and each cell that does, with 2 when it could not be checked.

    \b
    Example:
      onboarding recount && echo "every number is right"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    settings = settings_or_error()
    with show_counting(make_error_console()) as report:
        found = answer(recount_and_keep(settings, report))
    for line in (*describe_recount(found), *_describe_unmatched(answer(count_unmatched(settings.database_url)))):
        show(paint_recount(line))
    sys.exit(found.exit_code)


async def recount_and_keep(settings: Settings, report: Report) -> Recounted:
    """Count the ledger again, and keep what is found in the name of who asked. Raises UnavailableError."""
    found = await recount_ledger(settings.database_url, settings.onboarding_totals_url, report)
    async with open_writer(settings.database_url) as connection:
        await keep_recount(connection, found, read_login())
    return found


def paint_recount(line: str) -> Text:
    """Return a line of a recount as a terminal shows it: what differs in red."""
    return Text(line, "red" if line.startswith("drift: ") or "cells that differ: " in line else "")


def describe_recount(found: Recounted) -> Iterator[str]:
    """Yield the lines that say what a recount found."""
    for kind in KINDS:
        drifts = len(found.drifts_of(kind.name))
        verdict = f"cells that differ: {drifts:,}" if drifts else "tallies, counters and shown totals agree"
        yield f"{kind.name}: {found.last.kinds[kind.name].facts:,} facts in the ledger, {verdict}"
    for drift in found.drifts[:_DRIFTS_SHOWN_MAX]:
        yield f"drift: {drift.describe()}"
    if found.drift_cells > _DRIFTS_SHOWN_MAX:
        yield f"and {found.drift_cells - _DRIFTS_SHOWN_MAX:,} more"
    if any(drift.is_hidden for drift in found.drifts):
        yield "a stream worker that stands by shows no totals: is ONBOARDING_TOTALS_URL the address of the active one?"
    for remedy in dict.fromkeys(drift.remedy for drift in found.drifts if not drift.is_hidden):
        yield f"type next: {remedy}"
    if found.moved:
        yield f"{found.moved:,} facts were recorded meanwhile: shown totals must lie between the two counts"


def _describe_unmatched(found: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each kind with facts about facts that are not there."""
    for name, facts in found.items():
        if facts:
            yield f"{name}: {facts:,} about something that the ledger does not hold (yet)"
