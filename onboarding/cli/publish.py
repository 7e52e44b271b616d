"""`publish`: publishes events from a file or standard input."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator

import click
from rich.console import Console

from models.decoding.one_record import Accepted
from onboarding.cli._files import STANDARD_STREAM, open_bytes
from onboarding.cli._upstream import check_now, class_of, send, summarise
from upstream.publishing.check import Checked, explain
from upstream.publishing.outgoing import Outgoing


@click.command()
@click.argument("file", metavar="[FILE|-]", default=STANDARD_STREAM)
def publish(file: str) -> None:
    """Publish events from a file or standard input.

    One event a line: a CloudEvent 1.0 in JSON (structured mode). The topic follows from its type, the record key is its
    subject. Each line is checked first; what would be refused or is a duplicate within the input is told and not
    sent. Every event sent is acknowledged by all in-sync replicas (acks=all, idempotent). When Kafka is away the
    command waits for it. To send a file twice does no harm: every event is counted once.

    Kafka is found by KAFKA_BOOTSTRAP_SERVERS. Ends with 1 when a line was held back, with 2 when the command failed.

    \b
    Examples:
      onboarding publish events.jsonl
      my-export | onboarding publish
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    console = Console(stderr=True, highlight=False, markup=False)
    seen: Counter[str] = Counter()
    with open_bytes(file) as lines:
        sent = send(_pass_counted(check_now(lines), seen, console), None, console)
    click.echo(f"published {sent:,} events; {summarise(seen)}")
    if seen.total() > sent:
        sys.exit(1)


def _pass_counted(lines: Iterable[Checked], seen: Counter[str], console: Console) -> Iterator[Outgoing]:
    """Yield the records that would be counted; tell of the others, and count both."""
    for checked in lines:
        seen.update([class_of(checked)])
        if not isinstance(checked.outcome, Accepted):
            console.print(explain(checked), soft_wrap=True)
        if checked.is_counted:
            yield checked.outgoing
