"""What a person types to let a topic rest: `pause` and `resume`."""

import click

from ledger.decisions.pause import pause_topic, resume_topic
from onboarding.cli._answers import answer, read_url
from onboarding.cli._files import CommandError
from onboarding.cli._parameters import reason_option, signed_by, topic_argument


@click.command()
@topic_argument
@reason_option("Why it is to rest")
@signed_by
def pause(topic: str, why: str, by: str) -> None:
    """Record nothing more of a TOPIC until it is resumed.

    Its records wait in Kafka: mind how long that keeps them. The totals stay what they are, and the other topics go on.
    Consumers obey within 5 seconds.

    Ends with 2 when it is paused already, or Postgres does not answer.

    \b
    Example:
      onboarding pause onboarding.portal-logins.v1 --why "the health portal sends test data, ticket 4711"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    if not answer(pause_topic(read_url(), topic, (by, why))):
        raise CommandError(f"{topic} is paused already: `onboarding status` says by whom and why")
    click.echo(f"{topic} rests within 5 seconds; `onboarding resume {topic}` lets it go on")


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
