"""`set-aside`: refuses the one record that our program fails over."""

import click
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from ledger.decisions.set_aside import NotSetAsideError
from ledger.decisions.set_aside import set_aside as set_record_aside
from ledger.decisions.writer import open_writer
from ledger.unavailable import UnavailableError
from onboarding.cli._answers import answer, read_url, settings_or_error
from onboarding.cli._files import CommandError
from onboarding.cli._parameters import reason_option, signed_by, topic_argument


@click.command("set-aside")
@topic_argument
@click.argument("partition", type=click.IntRange(min=0))
@click.argument("offset", type=click.IntRange(min=0))
@reason_option("Why it is set aside")
@signed_by
def set_aside(topic: str, partition: int, offset: int, why: str, by: str) -> None:
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
            await set_record_aside(connection, bootstrap, source, offset, signed)
    except KafkaError as error:
        raise UnavailableError(f"Kafka does not send the record: {error}") from error
