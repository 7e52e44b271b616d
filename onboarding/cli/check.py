"""`check`: says line by line what would be refused, without a broker."""

import sys
from collections import Counter

import click

from models.decoding.one_record import Accepted
from onboarding.cli._files import open_bytes
from onboarding.cli._upstream import check_now, class_of, summarise
from upstream.publishing.check import explain


@click.command()
@click.argument("file", metavar="FILE")
def check(file: str) -> None:
    """Say line by line what would be refused and why, without a broker.

    FILE holds one event a line: a CloudEvent 1.0 in JSON (structured mode); "-" is standard input. Each line is judged
    as if it were appended now with its subject as key. No value of an event is shown.

    Ends with 1 when a line would be refused, with 2 when the file cannot be read.

    \b
    Example:
      onboarding check events.jsonl
    """  # noqa: D301 - click's \b keeps the example's lines apart
    seen: Counter[str] = Counter()
    with open_bytes(file) as lines:
        for checked in check_now(lines):
            seen.update([class_of(checked)])
            if not isinstance(checked.outcome, Accepted):
                click.echo(explain(checked))
    click.echo(summarise(seen))
    if seen["refused"]:
        sys.exit(1)
