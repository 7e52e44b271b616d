"""What a person types when a day's number has changed: `why`."""

import sys
from datetime import date

import click

from onboarding.cli._answers import answer, read_url
from onboarding.cli._parameters import DayType
from operations.why import read_stories, tell_story


@click.command()
@click.argument("day", type=DayType(), metavar="DAY")
def why(day: date) -> None:
    """Say why the number of a DAY is what it is.

    DAY is YYYY-MM-DD, today or yesterday, in Vietnam. It is provisional until it is closed: three days after its end,
    once everything that Kafka held then is recorded. What changes afterwards is told here, with before, after and why.
    A day before the first that anything was recorded of is never closed, and nothing is known of it.

    Ends with 1 when the changes do not explain the number or it is known to differ from the ledger, with 2 when
    Postgres does not answer.

    \b
    Example:
      onboarding why yesterday
    """  # noqa: D301 - click's \b keeps the example's lines apart
    stories = answer(read_stories(read_url(), day))
    for story in stories:
        for line in tell_story(story):
            click.echo(line)
    sys.exit(0 if all(story.is_sound for story in stories) else 1)
