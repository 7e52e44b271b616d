"""What a person types where two records of one business key say different things: `conflicts`."""

import sys
from typing import Final

import click
from rich.table import Table

from ledger.decisions.settle_conflict import NotResolvedError, Resolution, resolve
from ledger.decisions.writer import open_writer
from models.visible import visible
from onboarding.cli._answers import answer, read_url
from onboarding.cli._answers import show as show_result
from onboarding.cli._files import CommandError
from onboarding.cli._parameters import reason_option, signed_by
from operations.conflicts import Conflict, SideBySide, list_conflicts, read_conflict
from operations.moments import write_second

_MEANINGS: Final = {
    Resolution.FIRST_STANDS: "the first record stands",
    Resolution.LATER_TAKEN: "the later record was taken",
}


@click.group()
def conflicts() -> None:
    """List conflicts, look at one, and decide which record is right.

    Two records of one business key (record number, account, login id) that say different things are a conflict. The
    first one counts; the later one is kept beside it and does not count, until a person decides.
    """


@conflicts.command("list")
@click.option("--resolved", is_flag=True, help="Those that are decided as well: by whom, when and why.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most, newest first.")
def list_(*, resolved: bool, limit: int) -> None:
    """List conflicts, newest first.

    Ends with 1 while one is open, with 2 when Postgres does not answer.

    \b
    Example:
      onboarding conflicts list
    """  # noqa: D301 - click's \b keeps the example's lines apart
    found = answer(list_conflicts(read_url(), limit, resolved=resolved))
    if not found:
        click.echo("no conflict is open" if not resolved else "there was never a conflict")
        return
    table = Table("id", "topic/partition", "offset", "appended (Vietnam)", "business key", "decided")
    for each in found:
        place = (f"{each.topic}/{each.partition}", str(each.offset), write_second(each.appended_at))
        table.add_row(str(each.id), *place, str(each.business_key), _tell(each))
    show_result(table)
    sys.exit(1 if any(each.resolution is None for each in found) else 0)


@conflicts.command()
@click.argument("conflict_id", metavar="ID", type=click.IntRange(1))
def show(conflict_id: int) -> None:
    """Show both records side by side.

    Of the citizen only whether it is the same one, of free texts only the shape.

    \b
    Example:
      onboarding conflicts show 3
    """  # noqa: D301 - click's \b keeps the example's lines apart
    found = answer(read_conflict(read_url(), conflict_id))
    if found is None:
        raise CommandError(f"no conflict has the id {conflict_id}: `onboarding conflicts list`")
    show_result(_tabulate(found))
    click.echo(_tell(found.conflict))


@conflicts.command("resolve")
@click.argument("conflict_id", metavar="ID", type=click.IntRange(1))
@click.option("--first", is_flag=True, help="What was counted is right.")
@click.option("--later", is_flag=True, help="The later record is right.")
@reason_option("How it was found out")
@signed_by
def resolve_(conflict_id: int, *, first: bool, later: bool, why: str, by: str) -> None:
    """Decide which of two records is right.

    With --later the fact is counted as the later record says: the total stays, its day, province or portal may change.
    That begins an epoch, as a number may go down by it, and is shown within 5 seconds. A decision is final.

    Ends with 2 when no such conflict is open, or Postgres does not answer.

    \b
    Example:
      onboarding conflicts resolve 3 --later --why "the desk corrected the province, letter of 3 May"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    if first == later:
        raise click.UsageError("say which one record is right: --first or --later")
    chosen = Resolution.FIRST_STANDS if first else Resolution.LATER_TAKEN
    try:
        answer(_resolve(read_url(), conflict_id, chosen, (by, why)))
    except NotResolvedError as error:
        raise CommandError(str(error)) from error
    click.echo(f"{conflict_id}: {_MEANINGS[chosen]}; final, by {by}")


async def _resolve(url: str, conflict_id: int, resolution: Resolution, signed: tuple[str, str]) -> None:
    async with open_writer(url) as connection:
        await resolve(connection, conflict_id, resolution, signed)


def _tabulate(found: SideBySide) -> Table:
    """Return both records, a row for each field."""
    conflict = found.conflict
    table = Table("", "counted first", "came later", "")
    table.add_row("event", str(found.first_event_id), str(conflict.event_id))
    table.add_row("record", found.first_place, f"{conflict.topic}/{conflict.partition} offset {conflict.offset}")
    table.add_row("appended (Vietnam)", write_second(found.first_appended_at), write_second(conflict.appended_at))
    for line in found.lines:
        table.add_row(line.name, line.first, line.later, "" if line.same else "differs")
    return table


def _tell(conflict: Conflict) -> str:
    """Say what was decided."""
    if conflict.resolution is None or conflict.resolved_at is None:
        return f"open: `onboarding conflicts resolve {conflict.id} --why ...` with --first or --later"
    meaning = _MEANINGS[Resolution(conflict.resolution)]
    by, why = visible(conflict.resolved_by or ""), visible(conflict.why or "")
    return f"{meaning}, by {by} on {write_second(conflict.resolved_at)} (Vietnam): {why}"
