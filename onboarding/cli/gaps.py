"""What a person types where a partition does not go on: `gaps`, `accept-gap` and `set-aside`."""

import sys

import click
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from ledger.decisions.accept_gap import NotAcceptedError, Resumed, accept_gap
from ledger.decisions.set_aside import NotSetAsideError, set_aside
from ledger.decisions.writer import open_writer
from ledger.unavailable import UnavailableError
from models.breaks import advise, explain
from models.visible import visible
from onboarding.cli._answers import answer, read_url, settings_or_error
from onboarding.cli._files import CommandError
from onboarding.cli._parameters import reason_option, signed_by, topic_argument
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


@click.command("accept-gap")
@topic_argument
@click.argument("partition", type=click.IntRange(min=0))
@reason_option("What is missing and why that is accepted")
@signed_by
@click.option("--offset", type=click.IntRange(min=0), help="Where to go on, if not where said above.")
def accept(topic: str, partition: int, why: str, by: str, offset: int | None) -> None:
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
        resumed = answer(accept_gap(read_url(), bootstrap, source, offset, (by, why)))
    except NotAcceptedError as error:
        raise CommandError(str(error)) from error
    click.echo(
        f"{topic}/{partition} goes on at offset {resumed.offset}, within 5 seconds{_say_what_is_left_out(resumed)}"
    )


@click.command("set-aside")
@topic_argument
@click.argument("partition", type=click.IntRange(min=0))
@click.argument("offset", type=click.IntRange(min=0))
@reason_option("Why it is set aside")
@signed_by
def put_aside(topic: str, partition: int, offset: int, why: str, by: str) -> None:
    """Refuse the one record that our program fails over, so that its partition goes on.

    A consumer that ends again and again tries what it had in hand alone, until it knows the record; then it stops that
    partition as a gap, and `onboarding gaps` and `onboarding doctor` name the offset. Only the record that recording
    stands at can be set aside.

    It is refused as set_aside, and kept: `onboarding refused replay` puts it through once the program is mended.

    Ends with 2 when recording does not stand at this record, or Postgres or Kafka does not answer.

    \b
    Example:
      onboarding set-aside onboarding.portal-logins.v1 3 1207 --why "ends the consumer, ticket 4712"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    bootstrap, source = settings_or_error().kafka_bootstrap_servers, TopicPartition(topic, partition)
    try:
        answer(_set_aside(read_url(), bootstrap, source, offset, (by, why)))
    except NotSetAsideError as error:
        raise CommandError(str(error)) from error
    click.echo(f"{topic}/{partition} goes on at offset {offset + 1}, within 5 seconds; offset {offset} is refused")


async def _set_aside(url: str, bootstrap: str, source: TopicPartition, offset: int, signed: tuple[str, str]) -> None:
    """Set a record aside. Raises NotSetAsideError, and UnavailableError when Postgres or Kafka is away."""
    try:
        async with open_writer(url) as connection:
            await set_aside(connection, bootstrap, source, offset, signed)
    except KafkaError as error:
        raise UnavailableError(f"Kafka does not send the record: {error}") from error


def _say_what_is_left_out(resumed: Resumed) -> str:
    """Say which offsets will not be read, or that a batch will be after all."""
    if resumed.offset > resumed.stopped_at:
        return f"; offsets {resumed.stopped_at} to {resumed.offset - 1} are left out"
    return ": this version can read the batch, nothing is left out" if resumed.is_mended else ""


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
