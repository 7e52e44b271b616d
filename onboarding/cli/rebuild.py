"""What a person types to make the tallies those of the ledger again: `rebuild`."""

import click

from ledger.corrections import rebuild as rebuild_tallies
from ledger.decisions.writer import open_writer
from onboarding.cli._answers import answer, make_error_console, read_url
from onboarding.cli._parameters import reason_option, signed_by
from onboarding.cli._waiting import show_counting
from operations.rebuild import Differences, read_differences


@click.command()
@reason_option("Why the tallies are not to be trusted")
@signed_by
def rebuild(why: str, by: str) -> None:
    """Make the tallies those of the ledger again, while recording goes on.

    The ledger is counted in a snapshot; what the tallies lack or hold too much is added under the lock of all writers,
    which takes milliseconds. That begins an epoch: numbers may go down by it, and none that is shown meanwhile lies
    outside of the old and the new one. Shown within 5 seconds. Nothing is written where nothing differs.

    Ends with 2 when Postgres does not answer.

    \b
    Example:
      onboarding rebuild --why "tally rows deleted by hand, ticket 4711"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    found = answer(_rebuild(read_url(), (by, why)))
    for line in found.describe():
        click.echo(line)
    click.echo(
        f"{found.cells:,} cells of the tallies differed from the ledger{', and were set right' * bool(found.cells)}"
    )


async def _rebuild(url: str, signed: tuple[str, str]) -> Differences:
    """Read what differs and set it right, again when somebody else corrected something in between."""
    while True:
        with show_counting(make_error_console()) as report:
            found = await read_differences(url, report)
        if not found.cells:
            return found
        async with open_writer(url) as connection:
            if await rebuild_tallies(connection, found.epoch, found.changes, signed):
                return found
