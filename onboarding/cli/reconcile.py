"""What a person types with an upstream system's own counts in hand: `reconcile`."""

import sys
from collections.abc import Sequence

import click
from rich.table import Table

from onboarding.cli._answers import answer, read_url, show
from onboarding.cli._files import CommandError, open_text
from operations.reconcile import ClaimError, Compared, read_claims
from operations.reconcile import reconcile as compare


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--all", "everything", is_flag=True, help="Show what agrees, too.")
def reconcile(file: str, *, everything: bool) -> None:
    """Compare an upstream system's own daily counts with the ledger, and show where events are missing.

    FILE is a CSV file with the header day,source,kind,facts: how many distinct facts of a kind happened on a day in
    Vietnam, as that system knows it. What it never sent cannot be seen otherwise.

    Ends with 1 when a number differs, with 2 when FILE cannot be read or Postgres does not answer.

    \b
    Example:
      onboarding reconcile health-portal-may.csv
    """  # noqa: D301 - click's \b keeps the example's lines apart
    try:
        with open_text(file) as lines:
            claims = list(read_claims(lines))
    except ClaimError as error:
        raise CommandError(f"{file}: {error}") from error
    found = answer(compare(read_url(), claims))
    differing = [each for each in found if each.missing]
    if everything or differing:
        show(_tabulate(found if everything else differing))
    missing, surplus = (sum(max(0, sign * each.missing) for each in found) for sign in (1, -1))
    click.echo(f"{len(found):,} counts, {len(differing):,} differ: {missing:,} facts missing here, {surplus:,} there")
    sys.exit(1 if differing else 0)


def _tabulate(found: Sequence[Compared]) -> Table:
    """Return a row for each count."""
    table = Table("day", "source", "kind", "they count", "counted here", "missing here")
    for each in found:
        day, source, kind, facts = each.claim
        table.add_row(str(day), source, kind, f"{facts:,}", f"{each.counted:,}", f"{each.missing:+,}")
    return table
