"""`gaps`: lists where a log did not go on from where recording stood."""

import sys

import click

from models.gap_kinds import advise, explain
from models.visible import visible
from onboarding.cli._answers import answer, read_url
from operations.gaps import RecordedGap, open_gaps, read_gaps
from operations.moments import write_minute


@click.command()
def gaps() -> None:
    """List where a log did not go on from where recording stood.

    A partition with a gap that is not accepted is stopped. Accepted gaps stay in the list: who, when, why.

    Ends with 1 while a gap is open, with 2 when Postgres does not answer.

    \b
    Example:
      onboarding gaps
    """  # noqa: D301 - click's \b keeps the example's lines apart
    found = answer(read_gaps(read_url()))
    for gap in found:
        click.echo(visible(_describe(gap)))
    if not found:
        click.echo("no gap was ever found: every log went on from where recording stood")
    sys.exit(1 if open_gaps(found) else 0)


def _describe(gap: RecordedGap) -> str:
    """Say in one line what was missing and what became of it."""
    if gap.accepted_at is None:
        then = f"STOPPED. {advise(gap.kind)}"
    else:
        at = write_minute(gap.accepted_at)
        then = f"accepted by {gap.accepted_by} on {at} (Vietnam), on from {gap.resumed_offset}: {gap.why}"
    return (
        f"{gap.topic}/{gap.partition} on {write_minute(gap.found_at)} (Vietnam), at offset {gap.next_offset}: "
        f"{explain(gap.kind, gap.flaw, gap.detail)} (it held {gap.log_start} to {gap.log_end}); {then}"
    )
