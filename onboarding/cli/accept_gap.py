"""`accept-gap`: lets a partition that is stopped at a gap go on."""

import click
from aiokafka import TopicPartition

from ledger.decisions.accept_gap import NotAcceptedError, Resumed
from ledger.decisions.accept_gap import accept_gap as accept
from onboarding.cli._answers import answer, read_url, settings_or_error
from onboarding.cli._files import CommandError
from onboarding.cli._parameters import reason_option, signed_by, topic_argument


@click.command("accept-gap")
@topic_argument
@click.argument("partition", type=click.IntRange(min=0))
@reason_option("What is missing and why that is accepted")
@signed_by
@click.option("--offset", type=click.IntRange(min=0), help="Where to go on, if not where said above.")
def accept_gap(topic: str, partition: int, why: str, by: str, offset: int | None) -> None:
    """Let a partition that is stopped at a gap go on.

    Where a batch cannot be read it goes on at that batch, if this version can read it, else behind it; anywhere else at
    the log's first record.

    What the log no longer holds stays uncounted: first find out what it was (`onboarding gaps`), and whether the
    upstream system can publish it again. Records that were recorded before are recognised and not counted twice, so
    going on too early is safe, going on too late loses records.

    Ends with 2 when there is no open gap, or Postgres or Kafka does not answer.

    \b
    Example:
      onboarding accept-gap onboarding.portal-logins.v1 3 --why "logins of 2 May deleted, ticket 4711"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    bootstrap, source = settings_or_error().kafka_bootstrap_servers, TopicPartition(topic, partition)
    try:
        resumed = answer(accept(read_url(), bootstrap, source, offset, (by, why)))
    except NotAcceptedError as error:
        raise CommandError(str(error)) from error
    click.echo(
        f"{topic}/{partition} goes on at offset {resumed.offset}, within 5 seconds{_say_what_is_left_out(resumed)}"
    )


def _say_what_is_left_out(resumed: Resumed) -> str:
    """Say which offsets will not be read, or that a batch will be after all."""
    if resumed.offset > resumed.stopped_at:
        return f"; offsets {resumed.stopped_at} to {resumed.offset - 1} are left out"
    return ": this version can read the batch, nothing is left out" if resumed.is_mended else ""
