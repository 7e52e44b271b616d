"""What a person types about what was counted before this stream began: `opening-balance`."""

from contextlib import nullcontext
from datetime import datetime

import click
from rich.table import Table

from ledger.decisions.record_opening import record_opening, remove_opening
from ledger.decisions.writer import open_writer
from models.catalogue import KIND_BY_NAME
from models.tally import Opening
from models.visible import visible
from onboarding.cli._answers import answer, read_url, show
from onboarding.cli._files import CommandError, open_text
from onboarding.cli._parameters import reason_option, signed_by
from operations.moments import write_minute
from operations.opening_balances import FACTS_MAX, FiguresError, RecordedOpening, list_openings, make_opening

_KIND = click.argument("kind", type=click.Choice([*KIND_BY_NAME]), metavar="KIND")


@click.group("opening-balance")
def opening_balance() -> None:
    """Record what the systems had counted before this stream began.

    An opening balance holds every fact up to a day. It is shown apart and in the sum, never in the stream's own total.
    Facts of the stream on such days are not added to the sum, whenever they come: they are in it already.
    """


@opening_balance.command("list")
def list_() -> None:
    """List opening balances with what they superseded: who, when, and where the figure is from.

    \b
    Example:
      onboarding opening-balance list
    """  # noqa: D301 - click's \b keeps the example's lines apart
    table = Table("topic", "up to", "facts", "by province", "source", "recorded", "state")
    for each in answer(list_openings(read_url())):
        table.add_row(*_cells(each))
    show(table)


@opening_balance.command("set")
@_KIND
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day that it holds.")
@click.option("--facts", type=click.IntRange(0, FACTS_MAX), required=True, help="All facts by the end of that day.")
@click.option("--by-province", metavar="FILE|-", help="CSV file with the header province,facts.")
@click.option("--source", required=True, help="Where the figure is from; kept for the audit.")
@signed_by
def set_(  # noqa: PLR0913, PLR0917 - one argument an option
    kind: str, as_of: datetime, facts: int, by_province: str | None, source: str, by: str
) -> None:
    """Record the opening balance of a KIND, in the place of an earlier one.

    That begins an epoch, as the sum may go down by it. It is shown within 5 seconds.

    Ends with 2 when the figures do not fit together, or Postgres does not answer.

    \b
    Example:
      onboarding opening-balance set accounts_activated --as-of 2023-12-31 --facts 40000000 --source "report 12 of 5 January"
    """  # noqa: D301, E501 - click's \b keeps the example's lines apart
    try:
        with open_text(by_province) if by_province else nullcontext() as lines:
            opening = make_opening(KIND_BY_NAME[kind], as_of.date(), facts, lines)
    except FiguresError as error:
        raise CommandError(str(error)) from error
    answer(_record(read_url(), KIND_BY_NAME[kind].topic, opening, (by, source)))
    click.echo(f"{kind}: {facts:,} up to {opening.as_of}")


@opening_balance.command()
@_KIND
@reason_option("Why it is taken back")
@signed_by
def remove(kind: str, why: str, by: str) -> None:
    """Take the opening balance of a KIND back.

    \b
    Example:
      onboarding opening-balance remove accounts_activated --why "the report counted level 1 only"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    if not answer(_remove(read_url(), KIND_BY_NAME[kind].topic, (by, why))):
        raise CommandError(f"{kind} has no opening balance")
    click.echo(f"{kind}: no opening balance any more")


async def _record(url: str, topic: str, opening: Opening, signed: tuple[str, str]) -> None:
    async with open_writer(url) as connection:
        await record_opening(connection, topic, opening, signed)


async def _remove(url: str, topic: str, signed: tuple[str, str]) -> bool:
    async with open_writer(url) as connection:
        return await remove_opening(connection, topic, signed)


def _cells(each: RecordedOpening) -> tuple[str, ...]:
    """Return a row of the table."""
    superseded = each.superseded_at and f"superseded by {each.superseded_by} on {write_minute(each.superseded_at)}"
    provinces = "yes" if each.by_province else "no"
    recorded = f"{each.recorded_by} on {write_minute(each.recorded_at)}"
    told = (visible(text) for text in (each.source, recorded, superseded or "present"))
    return each.topic, str(each.as_of), f"{each.facts:,}", provinces, *told
