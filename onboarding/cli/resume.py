"""`resume`: lets a paused topic go on."""

import click

from ledger.decisions.pause import resume_topic
from onboarding.cli._answers import answer, read_url
from onboarding.cli._files import CommandError
from onboarding.cli._parameters import signed_by, topic_argument


@click.command()
@topic_argument
@signed_by
def resume(topic: str, by: str) -> None:
    """Let a paused TOPIC go on where it stands.

    Ends with 2 when it is not paused, or Postgres does not answer.

    \b
    Example:
      onboarding resume onboarding.portal-logins.v1
    """  # noqa: D301 - click's \b keeps the example's lines apart
    if not answer(resume_topic(read_url(), topic, by)):
        raise CommandError(f"{topic} is not paused")
    click.echo(f"{topic} goes on within 5 seconds")
