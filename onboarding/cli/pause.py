"""`pause`: lets a topic rest."""

import click

from ledger.decisions.pause import pause_topic
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
